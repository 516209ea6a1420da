//! The body of an answer, piece by piece.

use crate::{Error, Phase};
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use hyper::body::Incoming;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// The body of an answer. Dropping it ends the exchange: an HTTP/1 connection is closed, an HTTP/2 stream reset.
#[derive(Debug)]
pub struct Body {
    incoming: Incoming,
    /// When the whole exchange must be over.
    total: Option<Instant>,
    /// Since when the next piece is awaited; time that the caller takes between two pieces does not count.
    since: Option<Instant>,
    /// Armed once and moved only when it fires, because setting a timer for each piece costs more than the piece.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Body {
    pub(crate) fn new(incoming: Incoming, total: Option<Instant>) -> Self {
        Self { incoming, total, since: None, alarm: None }
    }

    /// The next piece, or `None` after the last.
    ///
    /// # Errors
    /// `Timeout(Idle)` if none came for `idle`; `Timeout(Total)`; `Closed` if the connection ended before the body.
    pub async fn next_within(&mut self, idle: Duration) -> Option<Result<Bytes, Error>> {
        std::future::poll_fn(|cx| self.poll_next_within(cx, idle)).await
    }

    /// [`Self::next_within`] for hand-written streams.
    pub fn poll_next_within(&mut self, cx: &mut Context<'_>, idle: Duration) -> Poll<Option<Result<Bytes, Error>>> {
        loop {
            let Poll::Ready(frame) = pin!(&mut self.incoming).poll_frame(cx) else { break };
            self.since = None;
            match frame {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(Error::of(&error)))),
                Some(Ok(frame)) => {
                    if let Ok(piece) = frame.into_data() {
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
            }
        }
        let phase = ready!(self.poll_alarm(cx, idle));
        Poll::Ready(Some(Err(Error::Timeout(phase))))
    }

    /// The whole body, if it has at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Self::next_within`], and `TooLarge`.
    pub async fn collect_within(mut self, limit: usize, idle: Duration) -> Result<Bytes, Error> {
        let mut first = Bytes::new();
        let mut whole = BytesMut::new();
        while let Some(piece) = self.next_within(idle).await {
            let piece = piece?;
            if first.len() + whole.len() + piece.len() > limit {
                return Err(Error::TooLarge(limit));
            }
            // Most answers come in one piece, which is then handed on as it is.
            if first.is_empty() && whole.is_empty() {
                first = piece;
                continue;
            }
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&piece);
        }
        Ok(if first.is_empty() { whole.freeze() } else { first })
    }

    /// The length that the head announced, if it did.
    pub fn announced_len(&self) -> Option<u64> {
        self.incoming.size_hint().exact()
    }

    /// Ready with the deadline that has passed.
    fn poll_alarm(&mut self, cx: &mut Context<'_>, idle: Duration) -> Poll<Phase> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let (end, phase) = match self.total {
            Some(total) if total < since + idle => (total, Phase::Total),
            _ => (since + idle, Phase::Idle),
        };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if alarm.deadline() > end {
            alarm.as_mut().reset(end);
        }
        loop {
            ready!(alarm.as_mut().poll(cx));
            if alarm.deadline() >= end {
                return Poll::Ready(phase);
            }
            alarm.as_mut().reset(end);
        }
    }
}
