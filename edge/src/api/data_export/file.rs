//! A file of JSON lines that shows whether it is whole.

use crate::error::Result;
use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures::{Stream, stream};
use http::{
    HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use proto::Reason;
use serde::Serialize;
use std::{io, time::Duration};

/// For how long one piece may take. The whole may take longer than a request has.
pub(in crate::api) const PATIENCE: Duration = Duration::from_secs(30);

/// Some lines, and where the rest of their kind begins.
#[derive(Default)]
pub(in crate::api) struct Piece {
    bytes: Vec<u8>,
    lines: u64,
    /// Where the next page begins.
    pub(super) next: Option<String>,
}

/// What a file is made of, piece by piece.
pub(in crate::api) trait Pieces: Send + 'static {
    /// Whose data it is, for the log.
    const OF: &'static str;

    /// The next piece; None: that was all. Errors: why it cannot be read, which ends the file without its last line.
    fn next(&mut self) -> impl Future<Output = Result<Option<Piece>>> + Send;
}

/// A line of the file.
#[derive(Serialize)]
struct Line<'a, T> {
    kind: &'a str,
    data: &'a T,
}

/// What the last line says.
#[derive(Serialize)]
struct End {
    lines: u64,
}

impl Piece {
    /// No lines yet, and behind them the page that begins at `next`, if any.
    pub(super) fn before(next: Option<String>) -> Self {
        Self { next, ..Self::default() }
    }

    /// Adds a line. Errors: `INTERNAL` for what cannot be written as JSON.
    pub(in crate::api) fn line<T: Serialize>(&mut self, kind: &str, data: &T) -> Result<()> {
        let written = serde_json::to_writer(&mut self.bytes, &Line { kind, data });
        written.map_err(|error| Reason::Internal.with(error.to_string()))?;
        self.bytes.push(b'\n');
        self.lines += 1;
        Ok(())
    }
}

/// The answer: a file of this name.
pub(in crate::api) fn attachment(name: &str, pieces: impl Pieces) -> Response {
    let name = format!("attachment; filename=\"{name}.jsonl\"");
    let mut response = Response::new(Body::from_stream(whole(pieces)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    response
}

/// Ends only after the last line: what is cut off must not look like a whole file.
fn whole<P: Pieces>(pieces: P) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some((pieces, 0)), async |state| {
        let (mut pieces, lines) = state?;
        Some(match following(&mut pieces, lines).await {
            Ok((bytes, Some(lines))) => (Ok(bytes), Some((pieces, lines))),
            Ok((bytes, None)) => (Ok(bytes), None),
            Err(error) => {
                let (source, of) = (error.failure().message.as_str(), P::OF);
                tracing::warn!(source, of, "a file of all data ended with an error");
                (Err(io::Error::other(source.to_owned())), None)
            }
        })
    })
}

/// What comes after `lines` lines, and how many there are then; None behind the last one.
async fn following(pieces: &mut impl Pieces, lines: u64) -> Result<(Bytes, Option<u64>)> {
    Ok(match pieces.next().await? {
        Some(piece) => (piece.bytes.into(), Some(lines + piece.lines)),
        None => {
            let mut last = Piece::default();
            last.line("end", &End { lines })?;
            (last.bytes.into(), None)
        }
    })
}
