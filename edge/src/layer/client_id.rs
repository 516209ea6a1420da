//! The id that the client itself gave to its request.

use super::REQUEST_ID;
use http::{HeaderMap, HeaderValue};

const MAX_LENGTH: usize = 128;

/// Takes the inbound `x-request-id`, so that nobody mistakes it for ours. One that is long or not visible ASCII is
/// not kept: it is repeated in answers and logs.
pub(super) fn take(headers: &mut HeaderMap) -> Option<HeaderValue> {
    let id = headers.remove(REQUEST_ID)?;
    let fits = (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic);
    fits.then_some(id)
}
