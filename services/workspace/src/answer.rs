//! Answers of models that are given again to who repeats a request under the same Idempotency-Key.
//!
//! Other than what creates something here (`store::replay`), a model's answer takes minutes: its place is taken in one
//! transaction and filled in another.

pub(crate) mod claim;
pub(crate) mod keep;
mod place;
pub(crate) mod prune;
pub(crate) mod release;
