//! Which records does one file hold?

use super::record;
use std::path::{Path, PathBuf};

/// How far ahead of the expected one a sequence may be and still be taken for one of ours, when damage is told from a
/// torn end.
const NEAR: u64 = 1 << 24;

/// What a file holds, from its first record to the first that cannot be read.
pub(super) struct Contents<'a> {
    /// Sequence and payload.
    pub records: Vec<(u64, &'a [u8])>,
    pub end: End,
}

/// How the records of a file end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With the file.
    Whole,
    /// With a record that was being written when everything stopped, at this byte.
    Torn(usize),
    /// With damage at this byte: records that were written later can be read.
    Damaged(usize),
}

/// `00000000000000000042.journal`: its first record has the sequence 42.
pub(super) fn path(dir: &Path, first: u64) -> PathBuf {
    dir.join(format!("{first:020}.journal"))
}

/// The first sequence of a file by its name; None for other files.
pub(super) fn first(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?.strip_suffix(".journal")?;
    (name.len() == 20).then(|| name.parse().ok())?
}

/// Reads records from the sequence `first` on.
pub(super) fn read(bytes: &[u8], first: u64) -> Contents<'_> {
    let (mut records, mut at, mut expected) = (Vec::new(), 0, first);
    while at < bytes.len() {
        match record::read(&bytes[at..]) {
            Some((sequence, payload, length)) if sequence == expected => {
                records.push((sequence, payload));
                at += length;
                expected += 1;
            }
            _ => {
                let later = (at + 1..bytes.len()).any(|at| is_later(&bytes[at..], expected));
                return Contents { records, end: if later { End::Damaged(at) } else { End::Torn(at) } };
            }
        }
    }
    Contents { records, end: End::Whole }
}

/// Whether a record of ours from after the damage begins here. The cheap look at its sequence spares most checksums.
fn is_later(bytes: &[u8], expected: u64) -> bool {
    let Some(sequence) = bytes.get(8..16).and_then(|b| b.first_chunk()).map(|b| u64::from_le_bytes(*b)) else {
        return false;
    };
    sequence > expected && sequence - expected < NEAR && record::read(bytes).is_some()
}
