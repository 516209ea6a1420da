//! A process: configuration, telemetry, tasks, shutdown, clock, gRPC serving, channels, the door.

mod clock;
pub mod config;
pub mod door;
pub mod feed;
mod ids;
pub mod metrics;
pub mod peer;
mod readiness;
mod tasks;
pub mod telemetry;

pub use clock::{Clock, ClockHand};
pub use ids::Ids;
pub use readiness::{Readiness, Report};
pub use tasks::Tasks;
