//! What does one event of a provider's stream mean? Each form of events has a judge of its own.

mod chunks;
mod messages;
mod typed;

pub(crate) use chunks::Chunks;
pub(crate) use messages::Messages;
pub(crate) use typed::Typed;

use crate::{
    meter::Meter,
    operation::{Events, Operation},
    provider::fault::Fault,
    wire::request::Peek,
};
use bytes::Bytes;
use std::ops::Range;

/// What to do with an event.
pub(crate) enum Verdict {
    Pass,
    /// Passes without this part of it.
    Without(Range<usize>),
    Hide,
    Done,
    Fault(Fault),
}

/// Looks at events and keeps what has to be remembered of them.
pub(crate) enum Judge {
    Chunks(Chunks),
    Messages(Messages),
    Typed(Typed),
    /// Sound: nobody looks at it.
    Blind,
}

impl Judge {
    /// The judge of an answer to `operation` in its own words. `spliced_usage`: only the gateway asked for the usage.
    pub(crate) fn of(operation: Operation, peek: &Peek, spliced_usage: bool) -> Self {
        if operation.is_sound() && !peek.stream {
            return Self::Blind;
        }
        match operation.events() {
            Events::Chunks => Self::Chunks(Chunks::new(peek.include_usage, spliced_usage)),
            Events::Messages => Self::Messages(Messages::default()),
            Events::Typed => Self::Typed(Typed::new(operation, peek.choices)),
        }
    }

    /// The number of the last event, where events are numbered.
    pub(crate) const fn last_number(&self) -> Option<i64> {
        match self {
            Self::Typed(judge) => judge.last,
            _ => None,
        }
    }

    pub(crate) const fn is_blind(&self) -> bool {
        matches!(self, Self::Blind)
    }

    pub(crate) fn look(&mut self, raw: &[u8], meter: &mut Meter) -> Verdict {
        match self {
            Self::Chunks(judge) => judge.look(raw, meter),
            Self::Messages(judge) => judge.look(raw, meter),
            Self::Typed(judge) => judge.look(raw, meter),
            Self::Blind => Verdict::Pass,
        }
    }

    /// Whether there was something that a reader would see, since this was asked last.
    pub(crate) const fn take_content(&mut self) -> bool {
        match self {
            Self::Chunks(judge) => std::mem::replace(&mut judge.content, false),
            Self::Messages(judge) => std::mem::replace(&mut judge.content, false),
            Self::Typed(judge) => std::mem::replace(&mut judge.content, false),
            Self::Blind => false,
        }
    }

    /// What the client misses before the end mark.
    pub(crate) fn before_the_end(&self, meter: &Meter) -> Option<Bytes> {
        match self {
            Self::Chunks(judge) => judge.missing_usage(meter),
            _ => None,
        }
    }

    /// The provider has closed its side, and `rest` came after the last whole event: what the client gets to read of
    /// it. None: this is no end.
    pub(crate) fn close(&mut self, rest: &[u8], meter: &mut Meter) -> Option<Bytes> {
        match self {
            Self::Chunks(judge) => judge.close(rest, meter),
            Self::Blind => Some(Bytes::new()),
            Self::Messages(_) | Self::Typed(_) => match self.look(rest, meter) {
                Verdict::Done => Some([rest.trim_ascii_end(), b"\n\n"].concat().into()),
                _ => None,
            },
        }
    }
}
