//! Models and providers: the request path.
//!
//! [`Gateway`] reads what it must of a request, plans which providers to try, has each attempt admitted, relays the
//! answer byte for byte, and settles every admitted attempt exactly once. It has no tables; what it keeps is what it
//! owes the ledger, until the ledger has it.

mod allowed;
mod answers;
mod aside;
mod attempt;
mod budget;
mod cache;
mod cached;
mod complete;
mod config;
mod dry_run;
mod error;
mod fallback;
mod guard;
mod hedge;
mod lifeline;
mod limits;
mod meter;
mod metrics;
mod models;
mod operation;
mod pivot;
mod plan;
#[cfg(feature = "probe")]
pub mod probe;
mod provider;
mod route;
mod run;
mod service;
mod settlement;
mod shadow;
mod spool;
mod stored;
mod stream;
mod test_provider;
mod ticket;
mod trace;
mod wire;

pub use config::Config;
pub(crate) use error::Error;
pub use service::{Deps, Gateway};
pub use spool::SpoolError;
