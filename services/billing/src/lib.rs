//! Plans, what they allow and cost, and which workspace is on which.
//!
//! [`Billing`] implements [`proto::billing::Service`]; [`SCHEMA`] is what it keeps. `README.md` says what belongs here
//! and what does not. Nobody waits for this service on the way to a model: what a plan allows travels on its feed.

// Money is integers, from the price to the sum.
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

mod brazil;
mod config;
mod coupon;
mod credit;
mod customer;
pub mod efi;
mod error;
mod follow;
mod invoice;
mod ledger;
mod mandate;
mod money;
mod notification;
pub mod payment;
mod peers;
mod plan;
mod service;
pub mod stripe;
mod subscription;
mod upkeep;

pub use config::{Config, Credits, Issuer, Letters, Tax};
pub use error::Error;
pub use service::{Billing, Deps};

/// The tables of this service.
pub const SCHEMA: store::Schema = store::schema!(
    "billing",
    [
        "0001_init",
        "0002_money",
        "0003_letters",
        "0004_terms",
        "0005_providers",
        "0006_rounds",
        "0007_mandates",
        "0008_feed_positions",
        "0009_platform_audit"
    ]
);
