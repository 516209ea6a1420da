//! The gateway through its handle, with scripted providers on loopback and other services that do as they are told.

mod ask;
mod cached;
mod deadlines;
mod dialects;
mod explain;
mod fake;
mod fallback;
mod guardrails;
mod hedging;
mod limits;
mod messages;
mod models;
mod operations;
mod passing;
mod provider;
mod repeated;
mod responses;
mod routing;
mod settling;
mod similar;
mod simulator;
mod spent;
mod spool;
mod stream;
mod world;
