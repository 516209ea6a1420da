//! Events of an execution as server-sent events.

use super::events::EventBody;
use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use host::metrics::gauge;
use http::{
    HeaderName, HeaderValue,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use prometheus::IntGauge;
use proto::{Reason, engine::ExecutionEvent};
use std::{convert::Infallible, sync::LazyLock, time::Duration};
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tracing::Span;

static OPEN: LazyLock<IntGauge> = LazyLock::new(|| gauge("perpetuo_http_streams_open", "Streams that clients read."));

/// Asks nginx and its like not to hold events back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// So that whoever stands in between sees that the connection is in use.
const HEARTBEAT: Duration = Duration::from_secs(15);
const KEEP_ALIVE: Bytes = Bytes::from_static(b": keep-alive\n\n");
/// The first bytes: when to come again where the connection breaks.
const BEGIN: Bytes = Bytes::from_static(b"retry: 2000\n\n");
const LAST: [&str; 3] = ["execution.completed", "execution.failed", "execution.cancelled"];

/// An execution that a client follows.
pub(super) struct Watched {
    /// The engine's. Dropping it, because the client has left, ends it there.
    pub events: BoxStream<ExecutionEvent>,
    /// One that was read already.
    pub first: Option<ExecutionEvent>,
    /// Ends the stream between two events: the client goes on with another replica.
    pub stopping: CancellationToken,
}

/// What is not told yet.
struct Telling {
    watched: Watched,
    is_over: bool,
    /// The request's, which is no longer the current one when the body is read.
    span: Span,
    _open: Open,
}

struct Open;

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.dec();
    }
}

pub(super) fn response(watched: Watched) -> Response {
    OPEN.inc();
    let telling = Telling { watched, is_over: false, span: Span::current(), _open: Open };
    let told = stream::unfold(telling, |mut telling| async move { Some((telling.next().await?, telling)) });
    let all = stream::once(async { BEGIN }).chain(told).map(Ok::<_, Infallible>);
    let mut response = Response::new(Body::from_stream(all));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    response
}

impl Telling {
    /// The next bytes; None once it is over. Without the last event the client comes again.
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        let Watched { events, first, stopping } = &mut self.watched;
        if let Some(event) = first.take() {
            return Some(self.tell(event));
        }
        tokio::select! {
            biased;
            () = stopping.cancelled() => None,
            event = events.next() => match event? {
                Ok(event) => Some(self.tell(event)),
                Err(status) => {
                    let (code, source) = (Reason::of(&status).as_str(), status.message());
                    self.span.in_scope(|| tracing::warn!(code, source, "events of an execution broke off"));
                    None
                }
            },
            () = tokio::time::sleep(HEARTBEAT) => Some(KEEP_ALIVE),
        }
    }

    fn tell(&mut self, event: ExecutionEvent) -> Bytes {
        self.is_over = LAST.contains(&event.r#type.as_str());
        let event = EventBody::from(event);
        let data = serde_json::to_string(&event).unwrap_or_default();
        format!("id: {}\nevent: {}\ndata: {data}\n\n", event.seq, event.r#type).into()
    }
}
