//! The gateway through its handle, with scripted providers on loopback and other services that do as they are told.

// The files of `fuzz/fuzz_targets` name it, and are compiled here without it.
extern crate self as libfuzzer_sys;

mod ask;
mod cached;
mod canary;
mod churn;
mod deadlines;
mod dialects;
mod executions;
mod explain;
mod fake;
mod fallback;
mod foreign;
mod fronts;
mod fuzz;
mod guardrails;
mod hedging;
mod limits;
mod messages;
mod models;
mod operations;
mod passing;
mod platform;
mod provider;
mod repeated;
mod responses;
mod routing;
mod sealed;
mod settling;
mod similar;
mod simulator;
mod spent;
mod spool;
mod stored;
mod stream;
mod surfaces;
mod units;
mod wall;
mod wires;
mod world;
