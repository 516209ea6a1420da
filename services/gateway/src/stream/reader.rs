//! What came from the provider, and what of it goes on? Events pass as the bytes that they came in.

use super::judge::{Judge, Verdict};
use crate::{
    meter::Meter,
    pivot::Teller,
    provider::{
        body::Body,
        fault::{Fault, Kind},
    },
    wire::sse::{Event, Splitter, TooLarge},
};
use bytes::{Bytes, BytesMut};
use std::{future::poll_fn, ops::Range, pin::pin, task::Poll};

/// Reads a provider's stream.
pub(crate) struct Reader {
    body: Body,
    splitter: Splitter,
    judge: Judge,
    /// Tells in other words what passes.
    teller: Option<Box<dyn Teller>>,
}

/// Some of the stream: whole events, ready to go on.
#[derive(Default)]
pub(crate) struct Piece {
    pub bytes: Bytes,
    /// There is something in it that a reader would see, or the reason why there is nothing.
    pub content: bool,
    /// How many events it holds.
    pub events: usize,
    pub end: Option<End>,
}

/// Why there is nothing after a piece.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The end mark came; it is in the piece.
    Done,
    /// As much was answered as is paid for.
    Spent,
    Fault(Fault),
}

impl Reader {
    pub(crate) fn new(body: Body, judge: Judge, teller: Option<Box<dyn Teller>>) -> Self {
        Self { body, splitter: Splitter::default(), judge, teller }
    }

    /// The number of the last event that passed, where events are numbered.
    pub(crate) fn last_number(&self) -> Option<i64> {
        self.teller.as_ref().map_or_else(|| self.judge.last_number(), |teller| teller.last_number())
    }

    /// The next piece. Losing the future loses nothing.
    pub(crate) async fn next(&mut self, meter: &mut Meter) -> Piece {
        match self.body.next().await {
            Some(Ok(bytes)) if self.judge.is_blind() => {
                meter.content(0);
                Piece { bytes, content: true, events: 1, end: None }
            }
            Some(Ok(bytes)) => match self.splitter.push(bytes) {
                Ok(()) => self.scan(meter),
                Err(TooLarge) => Piece::fault(Fault::malformed("an event that does not end")),
            },
            Some(Err(fault)) => Piece::fault(fault),
            None => self.at_the_end(meter),
        }
    }

    /// The next piece, if it is here already. A connection hands over what it has read chunk by chunk, so its task has its
    /// turn once before the answer is no.
    pub(crate) async fn at_once(&mut self, meter: &mut Meter) -> Option<Piece> {
        let mut next = pin!(self.next(meter));
        let mut has_yielded = false;
        poll_fn(|cx| match next.as_mut().poll(cx) {
            Poll::Ready(piece) => Poll::Ready(Some(piece)),
            Poll::Pending if has_yielded => Poll::Ready(None),
            Poll::Pending => {
                has_yielded = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        })
        .await
    }

    /// Reads on until the provider has closed its side, so that the connection can be used again.
    pub(crate) async fn drain(&mut self) {
        while let Some(Ok(_)) = self.body.next().await {}
    }

    fn scan(&mut self, meter: &mut Meter) -> Piece {
        let mut piece = Piece::default();
        let mut out = Out::default();
        while let Some(at) = self.splitter.next_event() {
            piece.events += 1;
            let verdict = self.judge.look(self.splitter.get(&at), meter);
            match verdict {
                Verdict::Pass | Verdict::Without(_) if self.teller.is_some() => {
                    if let Err(fault) = self.retell(&at, &mut out) {
                        piece.end = Some(End::Fault(fault));
                        break;
                    }
                }
                Verdict::Pass => out.add(&self.splitter, at),
                Verdict::Without(cut) => {
                    out.add(&self.splitter, at.start..at.start + cut.start);
                    out.add(&self.splitter, at.start + cut.end..at.end);
                }
                Verdict::Hide => {}
                Verdict::Done => {
                    piece.end = Some(End::Done);
                    if let Some(teller) = &mut self.teller {
                        teller.end(&meter.tokens().0, &mut out.before);
                        break;
                    }
                    if let Some(usage) = self.judge.before_the_end(meter) {
                        out.insert(&self.splitter, &usage);
                    }
                    out.add(&self.splitter, at);
                    break;
                }
                Verdict::Fault(fault) => {
                    piece.end = Some(End::Fault(fault));
                    break;
                }
            }
        }
        piece.bytes = out.finish(&self.splitter);
        piece.content = self.judge.take_content();
        piece
    }

    /// The event in other words.
    fn retell(&mut self, at: &Range<usize>, out: &mut Out) -> Result<(), Fault> {
        let event = Event::parse(self.splitter.get(at));
        match (&mut self.teller, event.data) {
            (Some(teller), Some(data)) if !data.trim_ascii().is_empty() => teller.chunk(&data, &mut out.before),
            _ => Ok(()),
        }
    }

    /// The provider closed its side. Some write the end mark without the empty line after it, and some operations have
    /// none.
    fn at_the_end(&mut self, meter: &mut Meter) -> Piece {
        let rest = self.splitter.rest();
        match self.judge.close(&rest, meter) {
            Some(_) if self.teller.is_some() => {
                let mut out = Vec::new();
                self.teller.as_mut().into_iter().for_each(|teller| teller.end(&meter.tokens().0, &mut out));
                Piece { bytes: out.into(), events: 1, content: true, end: Some(End::Done) }
            }
            Some(bytes) => Piece { bytes, events: 1, content: self.judge.take_content(), end: Some(End::Done) },
            None => Piece::fault(Fault { may_have_worked: true, ..Fault::new(Kind::Incomplete) }),
        }
    }
}

impl Piece {
    /// Adds the one that follows.
    pub(crate) fn append(&mut self, next: Self) {
        self.content |= next.content;
        self.events += next.events;
        self.end = next.end;
        if self.bytes.is_empty() {
            self.bytes = next.bytes;
        } else if !next.bytes.is_empty() {
            // Alone in its buffer it grows in place.
            let bytes = std::mem::take(&mut self.bytes);
            let mut all = bytes.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
            all.extend_from_slice(&next.bytes);
            self.bytes = all.freeze();
        }
    }

    fn fault(fault: Fault) -> Self {
        Self { end: Some(End::Fault(fault)), ..Self::default() }
    }
}

/// Collects what passes. As long as nothing is left out or put in, that is one slice of what came.
#[derive(Default)]
struct Out {
    run: Option<Range<usize>>,
    before: Vec<u8>,
}

impl Out {
    fn add(&mut self, from: &Splitter, at: Range<usize>) {
        match &mut self.run {
            Some(run) if run.end == at.start => run.end = at.end,
            _ => {
                self.spill(from);
                self.run = Some(at);
            }
        }
    }

    fn insert(&mut self, from: &Splitter, bytes: &[u8]) {
        self.spill(from);
        self.before.extend_from_slice(bytes);
    }

    fn spill(&mut self, from: &Splitter) {
        if let Some(run) = self.run.take() {
            self.before.extend_from_slice(from.get(&run));
        }
    }

    fn finish(mut self, from: &Splitter) -> Bytes {
        if self.before.is_empty() {
            return self.run.map(|run| from.take(run)).unwrap_or_default();
        }
        self.spill(from);
        self.before.into()
    }
}
