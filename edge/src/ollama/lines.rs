//! Events as lines: what Ollama's clients read in place of them. Comments are left out: a line must be a document.

use axum::{body::Body, response::Response};
use bytes::{Bytes, BytesMut};
use http::{HeaderValue, header::CONTENT_TYPE};
use http_body::Frame;
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

const DATA: &[u8] = b"data: ";
const END: &[u8] = b"\n\n";

/// The answer with its events as lines; any other answer as it is.
pub(super) fn of_events(answer: Response) -> Response {
    let is_stream =
        answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if !is_stream {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Response::from_parts(parts, Body::new(Lines { body, rest: BytesMut::new() }))
}

/// A body of events, read event by event. They are the gateway's own: one line of data and an empty line.
struct Lines {
    body: Body,
    /// The beginning of an event.
    rest: BytesMut,
}

impl Lines {
    fn take(&mut self, bytes: &Bytes) -> Bytes {
        self.rest.extend_from_slice(bytes);
        let mut out = BytesMut::new();
        while let Some(end) = self.rest.windows(END.len()).position(|pair| pair == END) {
            let event = self.rest.split_to(end + END.len());
            if let Some(data) = event[..end].strip_prefix(DATA) {
                out.extend_from_slice(data);
                out.extend_from_slice(b"\n");
            }
        }
        out.freeze()
    }
}

impl http_body::Body for Lines {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        loop {
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)).transpose()? else {
                return Poll::Ready(None);
            };
            let Ok(data) = frame.into_data() else { continue };
            let lines = self.take(&data);
            if !lines.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(lines))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_a_line_however_it_comes_and_comments_are_none() {
        let text = ": keep-alive\n\ndata: {\"a\":1}\n\ndata: {\"b\":\"日\"}\n\n";
        for size in 1..text.len() {
            let mut lines = Lines { body: Body::empty(), rest: BytesMut::new() };
            let told: Vec<u8> =
                text.as_bytes().chunks(size).flat_map(|piece| lines.take(&Bytes::copy_from_slice(piece))).collect();
            assert_eq!(String::from_utf8(told).unwrap(), "{\"a\":1}\n{\"b\":\"日\"}\n");
        }
    }
}
