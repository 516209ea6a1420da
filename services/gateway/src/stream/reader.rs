//! What came from the provider, and what of it goes on? Events pass as the bytes that they came in.

use super::synthesis::Origin;
use crate::{
    meter::Meter,
    provider::{
        body::Body,
        fault::{Fault, Kind},
    },
    wire::{
        answer,
        chunk::Chunk,
        sse::{Event, Splitter, TooLarge},
        unsplice, usage,
    },
};
use bytes::{Bytes, BytesMut};
use std::ops::Range;

const DONE: &[u8] = b"[DONE]";

/// Reads a provider's stream.
pub(crate) struct Reader {
    body: Body,
    splitter: Splitter,
    judge: Judge,
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

/// What to do with an event.
enum Verdict {
    Pass,
    /// Passes without this part of it.
    Without(Range<usize>),
    Hide,
    Done,
    Fault(Fault),
}

/// Looks at events and keeps what has to be remembered of them.
struct Judge {
    /// The client asked for the usage.
    include_usage: bool,
    /// Nobody but the gateway asked for it.
    spliced_usage: bool,
    content: bool,
    origin: Origin,
}

impl Reader {
    /// `include_usage`: the client asked for the usage; `spliced_usage`: only the gateway did.
    pub(crate) fn new(body: Body, include_usage: bool, spliced_usage: bool) -> Self {
        let judge = Judge { include_usage, spliced_usage, content: false, origin: Origin::default() };
        Self { body, splitter: Splitter::default(), judge }
    }

    /// The next piece. Losing the future loses nothing.
    pub(crate) async fn next(&mut self, meter: &mut Meter) -> Piece {
        match self.body.next().await {
            Some(Ok(bytes)) => match self.splitter.push(bytes) {
                Ok(()) => self.scan(meter),
                Err(TooLarge) => Piece::fault(Fault::malformed("an event that does not end")),
            },
            Some(Err(fault)) => Piece::fault(fault),
            None => self.at_the_end(meter),
        }
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
            match self.judge.look(self.splitter.get(&at), meter) {
                Verdict::Pass => out.add(&self.splitter, at),
                Verdict::Without(cut) => {
                    out.add(&self.splitter, at.start..at.start + cut.start);
                    out.add(&self.splitter, at.start + cut.end..at.end);
                }
                Verdict::Hide => {}
                Verdict::Done => {
                    if let Some(usage) = self.judge.missing_usage(meter) {
                        out.insert(&self.splitter, &usage);
                    }
                    out.add(&self.splitter, at);
                    piece.end = Some(End::Done);
                    break;
                }
                Verdict::Fault(fault) => {
                    piece.end = Some(End::Fault(fault));
                    break;
                }
            }
        }
        piece.bytes = out.finish(&self.splitter);
        piece.content = std::mem::take(&mut self.judge.content);
        piece
    }

    /// The provider closed its side before the end mark; some write the mark without the empty line after it.
    fn at_the_end(&mut self, meter: &mut Meter) -> Piece {
        let rest = self.splitter.rest();
        if Event::parse(&rest).data.is_some_and(|d| d.trim_ascii() == DONE) {
            let mut bytes = BytesMut::from(&self.judge.missing_usage(meter).unwrap_or_default()[..]);
            bytes.extend_from_slice(b"data: [DONE]\n\n");
            return Piece { bytes: bytes.freeze(), events: 1, end: Some(End::Done), ..Piece::default() };
        }
        Piece::fault(Fault { may_have_worked: true, ..Fault::new(Kind::Incomplete) })
    }
}

impl Piece {
    fn fault(fault: Fault) -> Self {
        Self { end: Some(End::Fault(fault)), ..Self::default() }
    }
}

impl Judge {
    fn look(&mut self, raw: &[u8], meter: &mut Meter) -> Verdict {
        let event = Event::parse(raw);
        let data = match &event.data {
            None => return Verdict::Pass,
            Some(data) => data.trim_ascii(),
        };
        if data == DONE {
            return Verdict::Done;
        }
        if event.name == b"error" {
            return Verdict::Fault(Fault::new(Kind::Reported(error_text(data))));
        }
        if data.is_empty() {
            return Verdict::Pass;
        }
        let Some(chunk) = Chunk::read(data) else {
            return Verdict::Fault(Fault::malformed("a chunk that cannot be read"));
        };
        match self.chunk(&chunk, meter) {
            Verdict::Pass if self.spliced_usage => {
                let trace = chunk.usage.and_then(|usage| unsplice::null_usage(raw, usage));
                trace.map_or(Verdict::Pass, Verdict::Without)
            }
            other => other,
        }
    }

    fn chunk(&mut self, chunk: &Chunk<'_>, meter: &mut Meter) -> Verdict {
        if let Some(error) = chunk.error {
            return Verdict::Fault(Fault::new(Kind::Reported(answer::reported(error))));
        }
        if let Some(choices) = chunk.choices {
            self.content |= choices.content || choices.finished;
            if choices.content {
                meter.content(choices.bytes);
            }
        }
        if self.include_usage {
            self.origin.note(chunk);
        }
        if let Some(tokens) = chunk.usage.and_then(usage::read) {
            meter.reported(tokens);
        }
        if chunk.is_only_usage() && !self.include_usage { Verdict::Hide } else { Verdict::Pass }
    }

    /// The event with our own count, where the client asked for usage and the provider gave none.
    fn missing_usage(&self, meter: &Meter) -> Option<Bytes> {
        (self.include_usage && !meter.has_usage()).then(|| self.origin.usage_event(&meter.tokens().0))
    }
}

/// What an event named `error` says.
fn error_text(data: &[u8]) -> String {
    match Chunk::read(data).and_then(|c| c.error.map(answer::reported)) {
        Some(text) => text,
        None => answer::brief(&String::from_utf8_lossy(data)),
    }
}

/// Collects what passes. As long as nothing is left out or put in, that is one slice of what came.
#[derive(Default)]
struct Out {
    run: Option<Range<usize>>,
    before: BytesMut,
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
        self.before.freeze()
    }
}
