//! How a workspace routes: its settings, and what the gateway needs of it.

pub(crate) mod check;
pub(crate) mod erase;
pub(crate) mod get;
pub(crate) mod open;
pub(crate) mod put;
