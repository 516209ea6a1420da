//! Secrets at rest: AES-256-GCM-SIV under a key that the database does not hold.
//!
//! A [`MasterKey`] comes from outside. It wraps one [`DataKey`] per workspace, which is stored wrapped and seals what
//! belongs to the workspace: deleting the data key erases everything that it sealed. The additional data of each value
//! names its place (table, row, workspace), so that a sealed value copied to another place does not open there.
//!
//! A master key is replaced while everything runs: both are there for a while, of which one seals and both open, and
//! [`rotate`] seals again what the old one has sealed.

mod data_key;
mod master;
pub mod rotate;
mod sealer;

pub use data_key::DataKey;
pub use master::MasterKey;
pub use sealer::Sealer;

use proto::{Failure, Reason};

/// Why something did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not 64 hexadecimal digits.
    #[error("a master key is 64 hexadecimal digits")]
    Malformed,
    /// Another key sealed it.
    #[error("this was sealed with another key: give the master key with which the data was made")]
    WrongKey,
    /// The right key, but other bytes or another place than those that were sealed.
    #[error("a sealed value is damaged, or was copied from another place: restore it from a backup")]
    Damaged,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        tracing::error!(%error, "sealed value did not open");
        Reason::Internal.with("internal error")
    }
}

impl From<Error> for tonic::Status {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}

#[cfg(test)]
mod tests;
