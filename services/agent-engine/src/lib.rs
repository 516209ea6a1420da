//! Executions: a problem goes in, agents look at it, what they disagree on is found and talked about, and a decision with its
//! reasons, its dissent and its plan comes out.
//!
//! [`AgentEngine`] implements [`proto::engine::Service`]; [`SCHEMA`] is what it keeps. It sees an opaque id, an opaque budget
//! token and content; `README.md` says what belongs here and what does not.

mod ask;
mod choice;
mod compose;
mod config;
mod conflict;
pub mod domain;
mod error;
mod estimate;
mod execution;
mod finance;
mod journal;
mod outcome;
mod plan;
mod prose;
mod read;
mod render;
mod run;
mod service;
mod step;
mod vote;
mod words;
mod worker;

pub use config::Config;
pub use error::Error;
pub use service::{AgentEngine, Deps};

/// The tables of this service.
pub const SCHEMA: store::Schema = store::schema!("engine", ["0001_init", "0002_idle", "0003_call_bodies"]);
