//! A process: configuration, telemetry, tasks, shutdown, clock, gRPC serving, channels, the door.

mod clock;
pub mod config;
pub mod customer;
pub mod door;
pub mod feed;
pub mod grpc;
mod ids;
pub mod listen;
pub mod metrics;
mod network;
pub mod ops;
pub mod overload;
pub mod peer;
mod readiness;
pub mod redis;
pub mod shutdown;
mod tasks;
pub mod telemetry;
#[cfg(test)]
mod testing;
pub mod tls;

pub use clock::{Clock, ClockHand};
pub use ids::Ids;
pub use network::Network;
pub use overload::Overload;
pub use readiness::{Readiness, Report};
pub use tasks::Tasks;
