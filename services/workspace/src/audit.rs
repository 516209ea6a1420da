//! What happened in a workspace: written to the outbox with each change, kept from the feeds of all services.

pub(crate) mod export;
mod filter;
pub(crate) mod keep;
pub(crate) mod list;
pub(crate) mod record;
mod row;
