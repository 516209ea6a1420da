//! What can go wrong, and what the reader can do about it.

use crate::limit::Limited;
use proto::{Failure, Permission, Reason};
use std::time::Duration;
use store::journal;

/// A failure of this service. Becomes a [`Failure`] for callers and a sentence for operators.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A field of a message is missing or not what it must be.
    #[error("{field} {problem}")]
    Invalid {
        /// The field of the message.
        field: &'static str,
        /// What it must be.
        problem: &'static str,
    },
    /// A value is well formed, but nothing can be found by it.
    #[error("{field} {problem}")]
    Refused {
        /// The field of the message.
        field: &'static str,
        /// What it must be.
        problem: &'static str,
    },
    /// A limit is reached.
    #[error("{0}")]
    Limited(Box<Limited>),
    /// A budget applies, and nobody knows what the attempt costs.
    #[error(
        "a budget applies, and the price of this model is not known: choose one that has a price, or set a price for it"
    )]
    Unpriced {
        /// Whose budget it is.
        layer: &'static str,
        /// Which of them.
        id: String,
    },
    /// The settings do not go together.
    #[error("{0}")]
    Settings(String),
    /// No such grant.
    #[error("no grant has this id")]
    UnknownGrant,
    /// The grant was settled with other numbers.
    #[error("this grant was settled before, with other tokens: the first settlement stands")]
    SettledOtherwise,
    /// No such request in the workspace.
    #[error("the workspace has no request with this id")]
    UnknownRequest,
    /// No such export in the workspace.
    #[error("the workspace has no export with this id")]
    UnknownExport,
    /// It is being written.
    #[error("the export is still being written; ask again shortly")]
    ExportNotReady,
    /// Its bytes were removed.
    #[error("the export was removed; create it again")]
    ExportGone,
    /// It could not be written.
    #[error("the export failed: {0}")]
    ExportFailed(String),
    /// As many as may be are being written.
    #[error("{0} exports of the workspace are being written: wait until one is done, or delete one")]
    TooManyExports(i64),
    /// Exports cannot go where they should.
    #[error("{field} {problem}")]
    Destination {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody can be written to.
    #[error("this installation sends no exports by e-mail")]
    NoMail,
    /// Nobody knows what happened.
    #[error("this process cannot reach the audit trail")]
    NoAudit,
    /// Nobody knows what is owed.
    #[error("this process cannot reach the invoices")]
    NoInvoices,
    /// The workspace has used up its letters.
    #[error(
        "the workspace has sent the {0} letters that it may on a day: wait until tomorrow (UTC), or choose another destination"
    )]
    TooManyLetters(u32),
    /// A link that is none, or whose reader may not read it any more.
    #[error("the link is not good, or not any more")]
    UnknownLink,
    /// Another service failed.
    #[error("another service failed: {}", .0.message())]
    Peer(Box<tonic::Status>),
    /// A credential does not open.
    #[error(transparent)]
    Sealed(store::seal::Error),
    /// No such schedule in the workspace.
    #[error("the workspace has no schedule with this id")]
    UnknownSchedule,
    /// The workspace has as many schedules as it may.
    #[error("the workspace has {0} schedules, which is as many as it may have: delete one")]
    TooManySchedules(i64),
    /// The caller may not read what is to be exported.
    #[error("what is to be exported needs the permission {}", .0.as_str())]
    Lacks(Permission),
    /// The files of exports cannot be written or read.
    #[error("the files of exports cannot be used: make space on the disk of the data directory, and make it writable")]
    ExportDisk(#[source] std::io::Error),
    /// The request cannot be repeated.
    #[error(transparent)]
    Replay(store::replay::Error),
    /// Redis does not answer.
    #[error("the counters of limits are unavailable; try again shortly")]
    CountersAway,
    /// The counters of limits of this process are full.
    #[error("too many limits are in use in this process; try again shortly")]
    CountersFull,
    /// The ledger cannot take a record now.
    #[error("the usage ledger is unavailable; try again shortly")]
    LedgerAway,
    /// The journal takes no records.
    #[error("the usage journal cannot be written: make space on the disk of the data directory, and make it writable")]
    Journal(#[source] std::io::Error),
    /// The journal holds as much as it may, because the database does not take it over.
    #[error("the usage journal is full, because the database takes nothing over; try again shortly")]
    JournalFull,
    /// The journal was damaged, or does not belong to this database.
    #[error("{0}")]
    Damaged(String),
    /// What a provider is said to have counted cannot be read.
    #[error("the provider's export cannot be read: {0}")]
    Export(String),
    /// `redis.url` is no address.
    #[error("redis.url is not a Redis address: it looks like redis://host:6379")]
    RedisUrl,
    /// A metered event is not what it must be: the field, and the problem.
    #[error("{0} {1}")]
    Event(&'static str, String),
    /// One event of several is not what it must be.
    #[error("events[{index}].{field} {problem}")]
    EventAt {
        /// Which one, from 0.
        index: usize,
        /// The field of the event.
        field: &'static str,
        /// What it must be.
        problem: String,
    },
    /// An event was recorded before, with another payload.
    #[error(
        "the event {id:?} of {from:?} was recorded before with another payload: nothing of this request is counted"
    )]
    EventConflict {
        /// Who metered it.
        from: String,
        /// Its id.
        id: String,
        /// Digest of what is recorded.
        recorded: String,
        /// Digest of what was sent.
        sent: String,
    },
    /// A price of a workspace is not what it must be.
    #[error("{field}: {problem}")]
    AgreedPrice {
        /// The field of the document.
        field: String,
        /// What it must be.
        problem: String,
    },
    /// A document with prices is wrong.
    #[error("prices cannot be read: {0}")]
    Prices(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    pub(crate) const fn invalid(field: &'static str, problem: &'static str) -> Self {
        Self::Invalid { field, problem }
    }
}

impl From<journal::Error> for Error {
    fn from(error: journal::Error) -> Self {
        match error {
            journal::Error::Io(error) => Self::Journal(error),
            journal::Error::Damaged { path, at } => Self::Damaged(format!(
                "the usage journal {} is damaged at byte {at}, and records follow: restore it from a backup, or move \
                 it out of the folder to go on without its records",
                path.display()
            )),
            journal::Error::Gap { dir, last, next } => Self::Damaged(format!(
                "the usage journal in {} begins with record {next}, but the database holds only {last}: restore the \
                 database that belongs to it, or move the journal away to go on without its records",
                dir.display()
            )),
            error @ journal::Error::TooLong(_) => Self::Journal(std::io::Error::other(error)),
        }
    }
}

impl Error {
    /// The same of the event with this index.
    pub(crate) fn at(self, index: usize) -> Self {
        match self {
            Self::Event(field, problem) => Self::EventAt { index, field, problem },
            other => other,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Invalid { field, problem } => Reason::InvalidArgument.with(text).field(field, problem),
            Error::Refused { field, problem } => Reason::RefusedValue.with(text).field(field, problem),
            Error::Limited(limited) => limited.failure(),
            Error::Unpriced { layer, id } => {
                Reason::UnpricedModel.with(text).fact("layer", layer).fact("kind", "budget").fact("id", id)
            }
            Error::UnknownGrant => Reason::SettleUnknown.with(text),
            Error::Event(field, problem) => Reason::RefusedValue.with(text).field(field, problem),
            Error::EventAt { index, field, problem } => {
                Reason::RefusedValue.with(text).field(format!("events[{index}].{field}"), problem)
            }
            Error::EventConflict { from, id, recorded, sent } => {
                let failure = Reason::EventConflict.with(text).fact("source", from).fact("id", id);
                failure.fact("recorded", recorded).fact("sent", sent)
            }
            Error::Destination { field, problem } => Reason::RefusedValue.with(text).field(field, problem),
            Error::Sealed(error) => error.into(),
            Error::AgreedPrice { field, problem } => Reason::RefusedValue.with(text).field(field, problem),
            Error::SettledOtherwise => Reason::EventConflict.with(text),
            Error::UnknownRequest | Error::UnknownExport | Error::UnknownSchedule | Error::UnknownLink => {
                Reason::NotFound.with(text)
            }
            Error::NoMail => Reason::MailNotConfigured.with(text),
            Error::Peer(status) => Self { message: text, ..Self::from(&*status) },
            Error::ExportNotReady => Reason::ExportNotReady.with(text).retry_after(Duration::from_secs(2)),
            Error::ExportGone => Reason::ExportGone.with(text),
            Error::ExportFailed(_)
            | Error::TooManyExports(_)
            | Error::TooManySchedules(_)
            | Error::TooManyLetters(_) => Reason::Conflict.with(text),
            Error::Lacks(permission) => Reason::PermissionDenied.with(text).fact("permission", permission.as_str()),
            Error::Replay(error) => error.into(),
            Error::Store(error) => error.into(),
            Error::Export(_) => Reason::InvalidArgument.with(text),
            Error::CountersAway
            | Error::CountersFull
            | Error::LedgerAway
            | Error::Journal(_)
            | Error::JournalFull
            | Error::ExportDisk(_)
            | Error::NoAudit
            | Error::NoInvoices
            | Error::Damaged(_)
            | Error::Prices(_)
            | Error::Settings(_)
            | Error::RedisUrl => Reason::ServiceUnavailable.with(text).retry_after(Duration::from_secs(1)),
        }
    }
}

impl From<Error> for tonic::Status {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}
