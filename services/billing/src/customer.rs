//! Who pays for a workspace.

pub(crate) mod details;
mod lock;
mod put;
mod validate;

pub(crate) use details::Details;
pub(crate) use lock::lock;
pub(crate) use put::put;
