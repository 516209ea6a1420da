//! Creations that a client may repeat under an `Idempotency-Key`: what the documents and the answers say of it.

use http::{HeaderName, HeaderValue};

/// Of the request header.
pub(crate) const KEY: &str = "1 to 255 visible characters that no other request of the caller has. For 24 hours the same \
    request under the same key makes nothing new and gets the same answer; another request under it is a 409.";

/// Of the request header where money is moved: the key is kept with the entry in the books.
pub(crate) const KEPT: &str = "1 to 255 visible characters that no other request of the caller has. The same request under \
    the same key makes nothing new, however late it is repeated, and gets what was made as it is now; another request under \
    it is a 409.";

/// Of the answer 409.
pub(crate) const MISMATCH: &str = "The Idempotency-Key was used with another request";

/// Says that this answer was given before, or what it shows made before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The header of an answer that was given before; none for a new one.
pub(super) fn header(replayed: bool) -> Option<[(HeaderName, HeaderValue); 1]> {
    replayed.then(|| [(REPLAYED, HeaderValue::from_static("true"))])
}
