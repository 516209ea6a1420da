//! What happened in a workspace: a chain of entries, each written with what it tells of or, for other services, when their
//! feed delivers it.

pub(crate) mod acts;
pub(crate) mod append;
pub(crate) mod chain;
pub(crate) mod export;
mod filter;
pub(crate) mod head;
pub(crate) mod keep;
pub(crate) mod list;
pub(crate) mod record;
pub(crate) mod rest;
mod row;
pub mod verify;
