//! What a handler or an extractor fails with. It carries the failure to the outer layer, which gives it the shape of
//! the face that was asked, the request's id, and its line in the log.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use proto::{Failure, Reason};
use std::sync::Arc;
use tonic::Status;

/// A failed request.
#[derive(Clone, Debug)]
pub(crate) struct Error(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    failure: Failure,
    source: Option<Status>,
}

/// The result of everything that a request goes through.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What its reader may know.
    pub(crate) fn failure(&self) -> &Failure {
        &self.0.failure
    }

    /// What only the log may know, with what lies behind it. None where the reader knows as much.
    pub(crate) fn cause(&self) -> Option<String> {
        let status = self.0.source.as_ref()?;
        let mut text = status.message().to_owned();
        let mut next = std::error::Error::source(status);
        while let Some(error) = next {
            text = format!("{text}: {error}");
            next = error.source();
        }
        (text != self.0.failure.message).then_some(text)
    }

    /// A service answered without something that its proto promises.
    pub(crate) fn incomplete(what: &str) -> Self {
        Status::internal(format!("the answer of the service lacks {what}")).into()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self(Arc::new(Inner { failure, source: None }))
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self(Arc::new(Inner { failure: Failure::from(&status), source: Some(status) }))
    }
}

impl Error {
    /// The answer that the outer layer turns into the failure's document.
    pub(crate) fn into_answer(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.into_answer()
    }
}

/// There is no such route, or no such thing.
pub(crate) fn not_found(what: impl Into<String>) -> Error {
    Reason::NotFound.with(what).into()
}
