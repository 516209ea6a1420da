//! What can go wrong in this service, and what its callers get to see of it.

use proto::{Failure, Reason};

/// Every failure of this service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Settings that cannot be worked with.
    #[error("{0}")]
    Settings(&'static str),
    /// The input is not accepted; the failure says field by field why.
    #[error("{0}")]
    Refused(Failure),
    /// There is no such execution.
    #[error("there is no such execution")]
    NotFound,
    /// It cannot be done as things stand.
    #[error("{0}")]
    Conflict(&'static str),
    /// There is no report yet.
    #[error("the execution has not come to a report: see its status")]
    NotReady,
    /// Another worker has taken the execution up.
    #[error("another worker has taken the execution up")]
    Lost,
    /// What is kept cannot be read.
    #[error("what is kept of an execution cannot be read: {0}")]
    Kept(String),
    /// The database.
    #[error("the database failed")]
    Store(#[from] store::Error),
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Kept(error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Refused(failure) => failure,
            Error::NotFound => Reason::NotFound.with(message),
            Error::Conflict(_) => Reason::Conflict.with(message),
            Error::NotReady => Reason::ExportNotReady.with(message),
            Error::Settings(_) | Error::Lost | Error::Kept(_) => {
                tracing::error!(error = %message, "the agent engine failed");
                Reason::Internal.with("internal error")
            }
            Error::Store(error) => error.into(),
        }
    }
}

impl From<Error> for tonic::Status {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}
