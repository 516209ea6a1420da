//! Chunks of a chat completion, or of a completion: `choices`, and `[DONE]` at the end.

use super::{super::synthesis::Origin, Verdict};
use crate::{
    meter::Meter,
    provider::fault::{Fault, Kind},
    wire::{answer, chunk::Chunk, sse::Event, unsplice, usage},
};
use bytes::{Bytes, BytesMut};

const DONE: &[u8] = b"[DONE]";

pub(crate) struct Chunks {
    /// The client asked for the usage.
    include_usage: bool,
    /// Nobody but the gateway asked for it.
    spliced_usage: bool,
    pub(super) content: bool,
    origin: Origin,
}

impl Chunks {
    /// `include_usage`: the client asked for the usage; `spliced_usage`: only the gateway did.
    pub(crate) fn new(include_usage: bool, spliced_usage: bool) -> Self {
        Self { include_usage, spliced_usage, content: false, origin: Origin::default() }
    }

    pub(super) fn close(&mut self, rest: &[u8], meter: &Meter) -> Option<Bytes> {
        if Event::parse(rest).data.is_none_or(|data| data.trim_ascii() != DONE) {
            return None;
        }
        let mut bytes = BytesMut::from(&self.missing_usage(meter).unwrap_or_default()[..]);
        bytes.extend_from_slice(b"data: [DONE]\n\n");
        Some(bytes.freeze())
    }

    pub(super) fn look(&mut self, raw: &[u8], meter: &mut Meter) -> Verdict {
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
        if chunk.choices.is_some_and(|choices| choices.finished) {
            meter.says(data);
        }
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
    pub(super) fn missing_usage(&self, meter: &Meter) -> Option<Bytes> {
        (self.include_usage && !meter.has_usage()).then(|| self.origin.usage_event(&meter.tokens().0))
    }
}

/// What an event named `error` says.
pub(super) fn error_text(data: &[u8]) -> String {
    match Chunk::read(data).and_then(|c| c.error.map(answer::reported)) {
        Some(text) => text,
        None => answer::brief(&String::from_utf8_lossy(data)),
    }
}
