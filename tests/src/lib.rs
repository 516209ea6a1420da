//! The harness of the black-box suites: real processes, real databases, a scripted provider, and the words in which
//! scenarios are told. Nothing in the services knows that it is being tested.

pub mod authenticator;
mod authority;
pub mod browser;
pub mod client;
pub mod cluster;
pub mod collector;
pub mod database;
mod eventually;
pub mod flood;
mod port;
mod process;
pub mod rows;
pub mod security;
pub mod server;
pub mod upstream;
pub mod wire;

pub use authority::Authority;
pub use browser::Browser;
pub use client::{Answer, Person};
pub use cluster::Cluster;
pub use collector::Collector;
pub use eventually::{eventually, in_one_of_three, within};
pub use port::free_port;
pub use process::{Process, binary};
pub use upstream::Upstream;
