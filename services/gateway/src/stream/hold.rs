//! Holds the beginning of a stream back until there is something to see: until then another provider can be tried.

use super::reader::{End, Reader};
use crate::{meter::Meter, provider::fault::Fault};
use bytes::{Bytes, BytesMut};

/// Beyond these bounds a stream is shown even without content.
const MAX_EVENTS: usize = 64;
const MAX_BYTES: usize = 256 * 1024;

/// The beginning of a stream that is worth showing.
pub(crate) struct Held {
    pub bytes: Bytes,
    /// The stream is already over.
    pub end: Option<End>,
}

/// Reads until the first content. Errors: what makes another attempt worth while, of which the client saw nothing.
pub(crate) async fn hold(reader: &mut Reader, meter: &mut Meter) -> Result<Held, Fault> {
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    let (mut events, mut content) = (0, false);
    loop {
        let piece = reader.next(meter).await;
        events += piece.events;
        content |= piece.content;
        // The first piece often is the only one: then it is not copied.
        if first.is_empty() && more.is_empty() {
            first = piece.bytes;
        } else {
            more.extend_from_slice(&std::mem::take(&mut first));
            more.extend_from_slice(&piece.bytes);
        }
        let end = match piece.end {
            Some(End::Fault(fault)) => return Err(fault),
            Some(End::Done) if !content => return Err(Fault::malformed("a stream without content")),
            end => end,
        };
        if content || end.is_some() || events >= MAX_EVENTS || first.len() + more.len() >= MAX_BYTES {
            let bytes = if more.is_empty() { first } else { more.freeze() };
            return Ok(Held { bytes, end });
        }
    }
}
