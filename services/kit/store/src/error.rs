//! What can go wrong with a database, by what there is to do about it.

mod classify;

pub(crate) use classify::{busy, lost};

use proto::{Failure, Reason};
use std::{error::Error as StdError, time::Duration};

/// A failed statement, transaction or migration. The text is for operators: it names the place and what to do. What
/// callers see is made of it by `Failure::from`, which also logs the cause.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database cannot be reached, or every connection was in use for seconds.
    #[error("the database {place} cannot be reached: start it, or correct its address and credentials")]
    Unavailable {
        /// Host and database, or file. Without a password.
        place: String,
        /// What the driver said.
        source: Cause,
    },
    /// Somebody else holds a lock for too long. The same transaction may succeed later.
    #[error("{place} is locked by somebody else: end the other process that uses it, or try again")]
    Busy {
        /// Host and database, or file.
        place: String,
        /// What the driver said.
        source: Cause,
    },
    /// The database takes no writes.
    #[error(
        "{place} is read-only: make the file and its directory writable for the user that runs perpetuo, or connect to the primary"
    )]
    ReadOnly {
        /// Host and database, or file.
        place: String,
        /// What the driver said.
        source: Cause,
    },
    /// No space is left.
    #[error("the disk that holds {place} is full: make space on it")]
    Full {
        /// Host and database, or file.
        place: String,
        /// What the driver said.
        source: Cause,
    },
    /// A row with these values is there already.
    #[error("a row with the same values is there already")]
    Unique {
        /// What the driver said.
        source: Cause,
    },
    /// The tables, or on PostgreSQL the role, are not there.
    #[error("{place} has not been migrated: run `perpetuo migrate`")]
    Missing {
        /// Host and database, or file.
        place: String,
        /// What the driver said.
        source: Cause,
    },
    /// The database is not as this release needs it, or the settings do not lead to one. The sentence says what to do.
    #[error("{0}")]
    Setup(String),
    /// A mistake of ours, or damage: a statement that does not fit the tables, a value that does not decode.
    #[error("the database refused a statement: {source}")]
    Other {
        /// What the driver said.
        source: Cause,
    },
}

/// What a driver said. Not for callers.
pub type Cause = Box<dyn StdError + Send + Sync>;

impl Error {
    /// Every [`Error::kind`].
    pub const KINDS: [&'static str; 8] =
        ["unavailable", "busy", "read_only", "full", "unique", "missing", "setup", "other"];

    /// What kind of failure it is, in a word: for metrics and traces.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "unavailable",
            Self::Busy { .. } => "busy",
            Self::ReadOnly { .. } => "read_only",
            Self::Full { .. } => "full",
            Self::Unique { .. } => "unique",
            Self::Missing { .. } => "missing",
            Self::Setup(_) => "setup",
            Self::Other { .. } => "other",
        }
    }

    /// Whether a row with these values is there already.
    pub const fn is_unique(&self) -> bool {
        matches!(self, Self::Unique { .. })
    }

    /// Whether the same transaction may succeed later without anybody changing it.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Busy { .. } | Self::ReadOnly { .. } | Self::Full { .. })
    }

    pub(crate) fn decode(source: sqlx::Error) -> Self {
        Self::Other { source: source.into() }
    }
}

/// The end of an error's way inside: here it is logged, and the caller gets a sentence without names and addresses.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let cause = error.source().map(ToString::to_string);
        match error {
            Error::Unique { .. } => Reason::Conflict.with("it conflicts with something that exists"),
            Error::Other { .. } => {
                tracing::error!(cause, "statement failed");
                Reason::Internal.with("internal error")
            }
            Error::Unavailable { .. }
            | Error::Busy { .. }
            | Error::ReadOnly { .. }
            | Error::Full { .. }
            | Error::Missing { .. }
            | Error::Setup(_) => {
                tracing::warn!(%error, cause, "database unavailable");
                Reason::ServiceUnavailable
                    .with("the database is unavailable; try again shortly")
                    .retry_after(Duration::from_secs(1))
            }
        }
    }
}

impl From<Error> for tonic::Status {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_learns_neither_address_nor_driver_text() {
        let error =
            Error::Unavailable { place: "db.internal:5432/perpetuo".to_owned(), source: "no route to 10.0.0.7".into() };
        assert!(error.to_string().contains("db.internal"), "operators need the place: {error}");
        let failure = Failure::from(error);
        assert_eq!(failure.reason, Reason::ServiceUnavailable);
        assert!(failure.retry_after.is_some());
        assert!(!failure.message.contains("internal:") && !failure.message.contains("10.0"), "{failure}");
        let other = Failure::from(Error::Other { source: "column secret does not exist".into() });
        assert_eq!((other.reason, other.message.as_str()), (Reason::Internal, "internal error"));
    }
}
