//! What can be wrong, before and behind a provider, and how it is said to the caller.

use crate::{
    guard::Blocked,
    operation::Operation,
    provider::fault::{Fault, Kind},
};
use proto::{Failure, Reason};
use tonic::Status;

/// Why the gateway does not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the body is not UTF-8: the first wrong byte is at position {at}")]
    NotUtf8 { at: usize },
    #[error("the body is nested more than {limit} levels deep")]
    TooDeep { limit: usize },
    #[error("the body must be a JSON object")]
    NotAnObject,
    #[error("the body is not valid JSON: {0}")]
    Malformed(String),
    #[error("the form cannot be read: {0}")]
    Form(String),
    #[error("{field} {problem}")]
    Field { field: String, problem: String },
    #[error("the server is stopping")]
    Stopping,
    #[error("the gateway does not know this operation")]
    Operation,
    #[error(
        "{} is offered for the model {model:?} by none of the providers that serve it ({})",
        .operation.name(), .providers.join(", ")
    )]
    Unsupported { operation: Operation, model: String, providers: Vec<String> },
    #[error("{}", not_found(.model, .close))]
    ModelNotFound { model: String, close: Vec<String> },
    #[error("the API key may not call the model {model:?}: GET /v1/models lists what it may")]
    ModelNotAllowed { model: String },
    #[error(
        "the model {model:?} is offered by the platform to other plans ({}): change the plan, or add a provider of your own \
         with POST /workspaces/{{id}}/providers. GET /v1/limits shows what holds now",
        .plans.join(", ")
    )]
    PlanRequired { model: String, plans: Vec<String> },
    #[error("Previous response with id '{missing}' not found.{}", continues(.asked, .missing))]
    PreviousNotFound { asked: String, missing: String },
    #[error("the kept response {0:?} cannot be read")]
    Kept(String),
    /// Every provider that was tried failed; this is the last one's fault.
    #[error("{fault}")]
    Upstream { fault: Fault, provider: String, attempts: u32 },
    #[error("{}", Failure::from(.0).message)]
    Blocked(Blocked),
    /// Another service said so.
    #[error("{}", .0.message())]
    Peer(Status),
}

impl Error {
    pub(crate) fn malformed(error: serde_json::Error) -> Self {
        Self::Malformed(error.to_string())
    }

    pub(crate) fn field(field: &str, problem: impl Into<String>) -> Self {
        Self::Field { field: field.to_owned(), problem: problem.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::NotUtf8 { .. }
            | Error::TooDeep { .. }
            | Error::NotAnObject
            | Error::Malformed(_)
            | Error::Form(_) => Reason::MalformedRequest.with(message),
            Error::Field { field, problem } => Reason::InvalidArgument.with(message).field(field, problem),
            Error::Stopping => Reason::ServiceUnavailable.with(message),
            Error::Operation => Reason::InvalidArgument.with(message).field("operation", "must be one of this release"),
            Error::Unsupported { providers, operation, .. } => {
                let failure =
                    Reason::UnsupportedOperation.with(message).field("model", "is served by no provider that can");
                failure.fact("operation", operation.name()).fact("providers", providers.join(", "))
            }
            Error::ModelNotFound { close, .. } => {
                let failure = Reason::ModelNotFound.with(message).field("model", "is served by no provider");
                if close.is_empty() { failure } else { failure.fact("close_matches", close.join(", ")) }
            }
            Error::ModelNotAllowed { .. } => {
                Reason::ModelNotAllowed.with(message).field("model", "is not among those that the key may call")
            }
            Error::PlanRequired { plans, .. } => {
                let failure = Reason::PlanRequired.with(message).fact("layer", "plan").fact("limit", 0).fact("used", 0);
                failure.fact("plans", plans.join(", "))
            }
            Error::PreviousNotFound { .. } => {
                Reason::PreviousResponseNotFound.with(message).field("previous_response_id", "is not kept here")
            }
            Error::Kept(_) => Reason::Internal.with(message),
            Error::Upstream { fault, provider, attempts } => upstream(fault, &provider, attempts),
            Error::Blocked(blocked) => Self::from(&blocked),
            Error::Peer(status) => Self::from(&status),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Peer(status) => status,
            other => Failure::from(other).into(),
        }
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::Peer(status)
    }
}

/// What misses its beginning, where that is not what was asked for.
fn continues(asked: &str, missing: &str) -> String {
    if asked == missing { String::new() } else { format!(" The response with id '{asked}' continues it.") }
}

impl From<Blocked> for Error {
    fn from(blocked: Blocked) -> Self {
        Self::Blocked(blocked)
    }
}

fn not_found(model: &str, close: &[String]) -> String {
    let mut text = format!("no provider of this workspace serves the model {model:?}.");
    if let [first, rest @ ..] = close {
        text.push_str(&format!(" Did you mean {first:?}"));
        for other in rest {
            text.push_str(&format!(" or {other:?}"));
        }
        text.push('?');
    }
    text.push_str(" GET /v1/models lists what can be called; POST /workspaces/{id}/providers adds a provider.");
    text
}

/// A provider's fault as the caller sees it.
fn upstream(fault: Fault, provider: &str, attempts: u32) -> Failure {
    let reason = fault.reason();
    let mut failure = reason.with(format!("the provider {provider:?} {fault}")).fact("provider", provider);
    failure = failure.fact("attempts", attempts);
    if let Kind::Invalid(field, problem) | Kind::Unsupported(field, problem) = &fault.kind {
        failure = failure.field(field, problem);
    }
    if let Kind::Timeout(phase) = fault.kind {
        failure = failure.fact("phase", phase);
    }
    if fault.status != 0 {
        failure = failure.fact("provider_status", fault.status);
    }
    match fault.retry_after {
        Some(wait) => failure.retry_after(wait),
        None => failure,
    }
}
