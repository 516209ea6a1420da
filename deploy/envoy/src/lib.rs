//! The configuration of an Envoy in front of Perpetuo: a complete bootstrap of its API v3, made from the settings that the
//! services read ([`Inputs`]) and from what only a proxy has to know ([`Options`]).
//!
//! Everything is a typed message that serde writes; nothing is put together from text. The crate knows no service, reads no
//! file and opens no socket: whoever calls it fills [`Inputs`] and writes [`Written`] to where Envoy finds it.

mod access_log;
mod cluster;
mod connection;
mod error;
mod grpc;
mod headers;
mod health;
mod inputs;
mod jwt;
mod limits;
mod listener;
mod options;
mod plan;
mod replies;
mod routes;
mod tls;
mod tracing;
mod transcode;
mod v3;
mod written;

pub use error::Error;
pub use inputs::{Inputs, Place, Service};
pub use options::{KEYS, Key, Options};
pub use written::{Document, Names, Written, write};

#[cfg(test)]
mod tests;
