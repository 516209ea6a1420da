//! The bytes of an answer as they come, from a socket or from this process.

use super::fault::{Fault, Kind};
use crate::config::Timers;
use bytes::{Bytes, BytesMut};
use futures::{Stream, stream::BoxStream};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};

/// The body of an answer. Dropping it ends the exchange.
pub(crate) struct Body {
    source: Source,
    idle: Duration,
}

enum Source {
    Http(egress::Body),
    Local(Local),
    /// Made from another body, whose deadlines hold.
    Translated(BoxStream<'static, Result<Bytes, Fault>>),
}

/// A body made in this process, under the same deadlines as one from a socket.
struct Local {
    stream: BoxStream<'static, Result<Bytes, Fault>>,
    total: Instant,
    since: Option<Instant>,
    alarm: Pin<Box<Sleep>>,
}

impl Body {
    pub(crate) const fn http(body: egress::Body, timers: Timers) -> Self {
        Self { source: Source::Http(body), idle: timers.idle }
    }

    /// `began`: when the exchange did.
    pub(crate) fn local(stream: BoxStream<'static, Result<Bytes, Fault>>, began: Instant, timers: Timers) -> Self {
        let total = began + timers.total;
        let local = Local { stream, total, since: None, alarm: Box::pin(sleep_until(total)) };
        Self { source: Source::Local(local), idle: timers.idle }
    }

    /// What another body becomes. That one keeps the time, so that this one needs no alarm of its own.
    pub(crate) fn translated(stream: BoxStream<'static, Result<Bytes, Fault>>) -> Self {
        Self { source: Source::Translated(stream), idle: Duration::ZERO }
    }

    /// The next bytes; None after the last. Losing the future loses nothing.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Fault>> {
        std::future::poll_fn(|cx| match &mut self.source {
            Source::Http(body) => body.poll_next_within(cx, self.idle).map_err(Fault::from),
            Source::Local(local) => local.poll_next(cx, self.idle),
            Source::Translated(stream) => stream.as_mut().poll_next(cx),
        })
        .await
    }

    /// All of it. Errors: more than `limit` bytes, and what can happen on the way.
    pub(crate) async fn collect(mut self, limit: usize) -> Result<Bytes, Fault> {
        let mut first = Bytes::new();
        let mut whole = BytesMut::new();
        while let Some(bytes) = self.next().await {
            let bytes = bytes?;
            if first.len() + whole.len() + bytes.len() > limit {
                return Err(egress::Error::TooLarge(limit).into());
            }
            // Most answers come in one piece, which is handed on as it is.
            if first.is_empty() && whole.is_empty() {
                first = bytes;
                continue;
            }
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&bytes);
        }
        Ok(if first.is_empty() { whole.freeze() } else { first })
    }
}

impl Local {
    fn poll_next(&mut self, cx: &mut Context<'_>, idle: Duration) -> Poll<Option<Result<Bytes, Fault>>> {
        if let Poll::Ready(next) = Pin::new(&mut self.stream).poll_next(cx) {
            self.since = None;
            return Poll::Ready(next);
        }
        let quiet = *self.since.get_or_insert_with(Instant::now) + idle;
        let (end, phase) = if self.total < quiet { (self.total, "total") } else { (quiet, "idle") };
        if self.alarm.deadline() != end {
            self.alarm.as_mut().reset(end);
        }
        ready!(self.alarm.as_mut().poll(cx));
        Poll::Ready(Some(Err(Fault { may_have_worked: true, ..Fault::new(Kind::Timeout(phase)) })))
    }
}
