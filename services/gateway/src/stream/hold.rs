//! Holds the beginning of a stream back until there is something to see: until then another provider can be tried.

use super::reader::{End, Reader};
use crate::{
    meter::Meter,
    provider::fault::{Fault, Kind},
    route::policy::Floor,
};
use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout_at};

/// Beyond these bounds a stream is shown even without content.
const MAX_EVENTS: usize = 64;
const MAX_BYTES: usize = 256 * 1024;

/// The beginning of a stream that is worth showing.
pub(crate) struct Held {
    pub bytes: Bytes,
    /// The stream is already over.
    pub end: Option<End>,
}

/// How long to wait for what.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    /// The first content.
    pub content_by: Instant,
    /// How fast it has to go on then.
    pub floor: Option<Floor>,
}

/// Reads until the first content, and until it is fast enough where that matters. Errors: what makes another attempt worth
/// while, of which the client saw nothing.
pub(crate) async fn hold(reader: &mut Reader, meter: &mut Meter, patience: Patience) -> Result<Held, Fault> {
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    let (mut events, mut content) = (0, None::<Instant>);
    loop {
        let by = match (content, patience.floor) {
            (Some(since), Some(floor)) => since + floor.window,
            _ => patience.content_by,
        };
        let Ok(piece) = timeout_at(by, reader.next(meter)).await else {
            let phase = if content.is_some() { "throughput" } else { "first_content" };
            return Err(Fault { may_have_worked: true, ..Fault::new(Kind::Timeout(phase)) });
        };
        events += piece.events;
        if piece.content {
            content.get_or_insert_with(Instant::now);
        }
        // The first piece often is the only one: then it is not copied.
        if first.is_empty() && more.is_empty() {
            first = piece.bytes;
        } else {
            more.extend_from_slice(&std::mem::take(&mut first));
            more.extend_from_slice(&piece.bytes);
        }
        let end = match piece.end {
            Some(End::Fault(fault)) => return Err(fault),
            Some(End::Done) if content.is_none() => return Err(Fault::malformed("a stream without content")),
            end => end,
        };
        let is_fast = patience.floor.is_none_or(|floor| meter.answered() >= floor.tokens);
        if (content.is_some() && is_fast)
            || end.is_some()
            || events >= MAX_EVENTS
            || first.len() + more.len() >= MAX_BYTES
        {
            let bytes = if more.is_empty() { first } else { more.freeze() };
            return Ok(Held { bytes, end });
        }
    }
}
