//! The gateway through its handle, with scripted providers on loopback and other services that do as they are told.

mod ask;
mod cached;
mod churn;
mod deadlines;
mod dialects;
mod explain;
mod fake;
mod fallback;
mod limits;
mod messages;
mod models;
mod operations;
mod passing;
mod provider;
mod repeated;
mod responses;
mod routing;
mod sealed;
mod settling;
mod simulator;
mod spent;
mod spool;
mod stored;
mod stream;
mod surfaces;
mod world;
