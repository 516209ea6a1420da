//! The other end of a provider's connection, in this process: it says what it was told to, and remembers what it heard.

use crate::provider::{Upstream, body::Body};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is said to whoever calls.
#[derive(Default)]
pub(crate) struct Line(Mutex<Said>);

#[derive(Default)]
struct Said {
    status: u16,
    content_type: String,
    pieces: Vec<Bytes>,
    heard: Bytes,
}

impl Line {
    /// From now on it answers this.
    pub(super) fn say(&self, status: u16, content_type: &str, pieces: Vec<Bytes>) {
        let mut said = self.lock();
        (said.status, said.content_type, said.pieces) = (status, content_type.to_owned(), pieces);
    }

    /// The body of the last request.
    pub(super) fn heard(&self) -> Bytes {
        self.lock().heard.clone()
    }

    /// The answer to a request.
    pub(crate) fn answer(&self, request: Bytes) -> Upstream {
        let mut said = self.lock();
        said.heard = request;
        let pieces: Vec<_> = said.pieces.iter().cloned().map(Ok).collect();
        Upstream {
            status: said.status,
            content_type: said.content_type.clone(),
            retry_after: None,
            spliced_usage: false,
            dropped: vec![],
            body: Body::translated(stream::iter(pieces).boxed()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
