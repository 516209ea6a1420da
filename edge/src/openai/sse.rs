//! A stream of server-sent events as the body of an answer.

use super::error;
use crate::{anthropic::error as anthropic, gemini::error as gemini, ollama::error as ollama};
use axum::body::Body;
use bytes::Bytes;
use host::metrics::gauge;
use http_body::Frame;
use prometheus::IntGauge;
use proto::{
    Failure,
    gateway::{CompleteResponse, Operation, complete_response::Part},
};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll},
};
use tonic::codegen::BoxStream;
use tracing::Span;

static OPEN: LazyLock<IntGauge> = LazyLock::new(|| gauge("perpetuo_http_streams_open", "Streams that clients read."));

/// The gateway's stream. Dropping it, because the client has left, drops the gateway's.
struct Events {
    /// None once it has ended.
    parts: Option<BoxStream<CompleteResponse>>,
    /// What was asked, which decides how a failure is told.
    operation: Operation,
    /// The request's, which is no longer the current one when the body is read.
    span: Span,
}

/// The body. A failure on the way is one `error` event, after which it ends without `[DONE]`.
pub(super) fn body(parts: BoxStream<CompleteResponse>, operation: Operation) -> Body {
    OPEN.inc();
    Body::new(Events { parts: Some(parts), operation, span: Span::current() })
}

impl http_body::Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        loop {
            let Some(parts) = self.parts.as_mut() else { return Poll::Ready(None) };
            let data = match std::task::ready!(parts.as_mut().poll_next(cx)) {
                Some(Ok(CompleteResponse { part: Some(Part::Data(data)) })) => data,
                // A second head says nothing new.
                Some(Ok(_)) => continue,
                Some(Err(status)) => {
                    self.parts = None;
                    let failure = Failure::from(&status);
                    // The head has left with a 200, so this is the only line that tells of the failure.
                    self.span.in_scope(|| {
                        let (code, source) = (failure.reason.as_str(), status.message());
                        tracing::warn!(code, source, "stream ended with an error");
                    });
                    event(self.operation, &failure)
                }
                None => {
                    self.parts = None;
                    return Poll::Ready(None);
                }
            };
            if !data.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        OPEN.dec();
    }
}

/// The failure as the stream's last event, in the words of what was asked.
fn event(operation: Operation, failure: &Failure) -> Bytes {
    let (name, data) = match operation {
        Operation::Messages => ("event: error\n", anthropic::json(failure)),
        Operation::Responses => ("event: error\n", error::responses_json(failure)),
        Operation::GenerateContent => ("", gemini::json(failure)),
        Operation::OllamaChat => ("", ollama::json(failure)),
        _ => ("", error::json(failure)),
    };
    [name.as_bytes(), b"data: ", &data, b"\n\n"].concat().into()
}
