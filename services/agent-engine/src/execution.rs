//! What callers do with executions: one file for each verb.

mod answer;
mod brief;
mod cancel;
mod create;
mod document;
mod get;
mod render;
mod watch;

pub(crate) use answer::answer;
pub(crate) use cancel::{cancel, delete};
pub(crate) use create::create;
pub(crate) use document::{document, report};
pub(crate) use get::{batch_get, get};
pub(crate) use render::render;
pub(crate) use watch::watch;

use crate::{Error, domain::depth::Depth};
use proto::{Reason, id::ExecutionId};

/// The depth of this name; one of a newer release is the usual one.
pub(crate) fn depth(name: &str) -> Depth {
    Depth::ALL.into_iter().find(|depth| depth.as_str() == name).unwrap_or(Depth::Standard)
}

/// The id of a request. Errors: `INVALID_ARGUMENT`.
pub(crate) fn id(text: &str) -> Result<ExecutionId, Error> {
    text.parse().map_err(|error: proto::id::Malformed| {
        Error::Refused(Reason::InvalidArgument.with(error.to_string()).field("execution_id", error.to_string()))
    })
}
