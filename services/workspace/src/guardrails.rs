//! What a workspace lets pass to providers and back.

pub(crate) mod get;
mod pattern;
pub(crate) mod put;
