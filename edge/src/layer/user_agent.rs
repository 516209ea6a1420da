//! What the client calls itself.

use http::{HeaderMap, header::USER_AGENT};
use std::sync::Arc;

const MAX_LENGTH: usize = 256;

/// The `User-Agent`, cut to a length; None if it is none that can be shown to people.
pub(super) fn of(headers: &HeaderMap) -> Option<Arc<str>> {
    let text = headers.get(USER_AGENT)?.to_str().ok()?.trim();
    // `to_str` lets visible ASCII pass only, so any byte is the end of a character.
    Some(&text[..text.len().min(MAX_LENGTH)]).filter(|text| !text.is_empty()).map(Arc::from)
}
