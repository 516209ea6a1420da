//! Passwords: which are accepted, and how they are kept.

pub(crate) mod check;
mod common;
pub(crate) mod hash;
pub(crate) mod weakness;
