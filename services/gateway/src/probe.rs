//! What benches and fuzz targets reach of the gateway: its work on bytes, without a network and without other services. Only with
//! the feature `probe`, which nobody has but the gateway's own tests, benches and fuzz targets.

pub mod fuzz;
mod line;
mod plan;
mod speak;

pub(crate) use line::Line;
pub use plan::Plans;
pub use speak::{Answer, Dialect, Surface};

use crate::wire::sse::{Event, Splitter};
use bytes::Bytes;

/// The name of an event, and its data if it has any.
pub type Named = (Vec<u8>, Option<Vec<u8>>);

/// The names and data of the events in a stream that comes in pieces of so many bytes. None: an event that does not end.
#[must_use]
pub fn events(stream: &[u8], piece: usize) -> Option<Vec<Named>> {
    let (mut splitter, mut all) = (Splitter::default(), vec![]);
    for piece in stream.chunks(piece.max(1)) {
        splitter.push(Bytes::copy_from_slice(piece)).ok()?;
        while let Some(at) = splitter.next_event() {
            let event = Event::parse(splitter.get(&at));
            all.push((event.name.to_vec(), event.data.map(std::borrow::Cow::into_owned)));
        }
    }
    Some(all)
}

/// How many events there are in a stream of these pieces, as the request path looks for them: nothing is copied.
#[must_use]
pub fn count_events(pieces: &[Bytes]) -> usize {
    let (mut splitter, mut count) = (Splitter::default(), 0);
    for piece in pieces {
        if splitter.push(piece.clone()).is_err() {
            break;
        }
        while let Some(at) = splitter.next_event() {
            count += usize::from(Event::parse(splitter.get(&at)).data.is_some());
        }
    }
    count
}
