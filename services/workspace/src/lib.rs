//! Tenants, members, roles, provider credentials, settings, audit.
//!
//! [`Workspace`] implements [`proto::workspace::Service`]; [`SCHEMA`] is what it keeps. `README.md` says what belongs
//! here and what does not.

mod answer;
mod audit;
mod config;
mod credential;
mod error;
mod execution;
mod feed;
mod guardrails;
mod invitation;
mod member;
mod people;
mod platform;
mod problems;
mod provider;
mod response;
mod role;
mod rotation;
mod routing;
mod service;
mod team;
mod upkeep;
mod webhook;
mod workspace;

pub use audit::{head::public_key as audit_public_key, verify};
pub use config::Config;
pub use credential::data_key::{Sealed, sealed_under};
pub use error::Error;
pub use invitation::letter::Letters;
pub use rotation::{Heads, SEALED, sign_heads_again};
pub use service::{Deps, Workspace};
pub use webhook::catalogue::{EVENTS, EventType};

/// The tables of this service.
pub const SCHEMA: store::Schema = store::schema!(
    "workspace",
    [
        "0001_init",
        "0002_audit_reading",
        "0003_routing",
        "0004_answers",
        "0005_responses",
        "0006_guardrails",
        "0007_invitations",
        "0008_audit_chain",
        "0009_executions",
        "0010_platform_providers",
        "0011_seats",
        "0012_webhooks",
        "0013_deletion",
        "0014_webhooks_rest",
        "0015_people",
        "0016_roles",
        "0017_teams",
        "0018_directory",
        "0019_owned"
    ]
);
