//! What makes the trail a chain? The digest of each entry covers its place, all that it says, and the digest before: whatever
//! is changed, taken out or moved, the digests after it are others.

use sha2::{Digest as _, Sha256};

/// SHA-256.
pub(crate) type Hash = [u8; 32];

/// The digest before the first entry.
pub(crate) const BEGINNING: Hash = [0; 32];

/// Which way of computing it is. Another way is another text.
const FORM: &[u8] = b"perpetuo audit entry 1\n";

/// What an entry says, as its digest covers it and an export shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// `ws_…`
    pub(crate) workspace: &'a str,
    /// Its place, from 1.
    pub(crate) seq: i64,
    /// `evt_…`
    pub(crate) id: &'a str,
    /// Microseconds since 1970.
    pub(crate) at: i64,
    pub(crate) actor: &'a str,
    pub(crate) action: &'a str,
    pub(crate) subject: &'a str,
    /// Empty for what no request asked for.
    pub(crate) request_id: &'a str,
    /// The text of the JSON object.
    pub(crate) details: &'a str,
    pub(crate) source: &'a str,
}

/// The digest of `entry` after one with the digest `before`. Each part is preceded by its length, so that no two entries have
/// the same bytes.
pub(crate) fn digest(before: &Hash, entry: &Entry<'_>) -> Hash {
    let (seq, at) = (entry.seq.to_string(), entry.at.to_string());
    let parts = [
        entry.workspace,
        &seq,
        entry.id,
        &at,
        entry.actor,
        entry.action,
        entry.subject,
        entry.request_id,
        entry.details,
        entry.source,
    ];
    let mut hash = Sha256::new().chain_update(FORM).chain_update(before);
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry<'static> {
        Entry {
            workspace: "ws_1",
            seq: 1,
            id: "evt_1",
            at: 7,
            actor: "usr_1",
            action: "provider.created",
            subject: "prov_1",
            request_id: "req_1",
            details: "{}",
            source: "workspace",
        }
    }

    #[test]
    fn every_part_of_an_entry_its_place_and_what_was_before_are_in_its_digest() {
        let all = [
            entry(),
            Entry { workspace: "ws_2", ..entry() },
            Entry { seq: 2, ..entry() },
            Entry { id: "evt_2", ..entry() },
            Entry { at: 8, ..entry() },
            Entry { actor: "usr_2", ..entry() },
            Entry { action: "provider.deleted", ..entry() },
            Entry { subject: "prov_2", ..entry() },
            Entry { request_id: "", ..entry() },
            Entry { details: "{ }", ..entry() },
            Entry { source: "identity", ..entry() },
            // Nothing moves from one part to the next.
            Entry { actor: "usr_1p", action: "rovider.created", ..entry() },
        ];
        let mut digests: Vec<_> = all.iter().map(|entry| digest(&BEGINNING, entry)).collect();
        digests.push(digest(&[1; 32], &entry()));
        let count = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), count);
    }

    #[test]
    fn the_digest_never_changes() {
        // Exports of years ago are verified with the release of today.
        let hex: String = digest(&BEGINNING, &entry()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "33df1c3f2a61c15a75a34dc1f2785863a54f76a4bf9ada0dffca05aa5c7537b9");
    }
}
