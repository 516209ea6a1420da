//! Admission, the usage ledger, request logs, what people read of them.
//!
//! Every admitted attempt leaves exactly one ledger row, whatever dies when: before an admission is answered its grant
//! is durable ([`Deps::data_dir`] decides how), and a grant that nobody settles is swept into a row of its own.

// Answers to rpcs are futures in futures, deeper than what the compiler allows unless it is asked to.
#![recursion_limit = "256"]
// Tokens and money are integers, from the decimal text to the sum.
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

mod act;
mod admit;
mod balance;
mod calendar;
mod commit;
mod config;
mod count;
mod counter;
mod daily;
mod erase;
mod error;
mod event;
mod export;
mod fold;
mod follow;
mod grant;
mod limit;
mod load;
mod metric;
pub mod offline;
mod open;
mod outcome;
mod peek;
mod peers;
mod people;
mod price;
mod quote;
mod read;
mod refuse;
mod resource;
mod rotation;
mod row;
mod schedule;
mod service;
mod settle;
mod sweep;
mod tokens;
mod units;
mod upkeep;
mod warn;

pub use config::{Allowed, Config, Fsync, LetterLimits, Limits, Plan, Rates, Retention, tables};
pub use counter::{RedisMemory, ping_redis, redis_memory};
pub use error::Error;
pub use export::Letters;
pub use limit::Limited;
pub use peers::Peers;
pub use read::summarize;
pub use rotation::SEALED;
pub use service::{Deps, Usage};

/// The tables of this service.
pub const SCHEMA: store::Schema = store::schema!(
    "usage",
    [
        "0001_init",
        "0002_leases",
        "0003_reservations",
        "0004_deliveries",
        "0005_log_filters",
        "0006_dropped",
        "0007_explanation",
        "0008_guardrails",
        "0009_letters",
        "0010_swept",
        "0011_units",
        "0012_plans",
        "0013_balances",
        "0014_charged",
        "0015_feed_positions",
        "0016_teams"
    ]
);
