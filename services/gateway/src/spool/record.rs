//! How is a debt written down?

use prost::Message as _;
use proto::usage::SettleRequest;

/// One record: a settlement that is owed, and those that are not any more.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Record {
    #[prost(message, optional, tag = "1")]
    pub owed: Option<SettleRequest>,
    /// Their sequences.
    #[prost(uint64, repeated, tag = "2")]
    pub paid: Vec<u64>,
}

/// The key of [`Record::owed`]: number 1, with a length.
const OWED: u8 = 1 << 3 | 2;

/// Appends a record to `out`, as [`Record`] would, without copying the settlement first.
pub(super) fn write(owed: Option<&SettleRequest>, paid: &[u64], out: &mut Vec<u8>) {
    if let Some(owed) = owed {
        out.push(OWED);
        // Only a buffer that does not grow could refuse it.
        owed.encode_length_delimited(out).unwrap_or_default();
    }
    let rest = Record { owed: None, paid: paid.to_vec() };
    rest.encode(out).unwrap_or_default();
}

/// The record of a payload; None if another version wrote it.
pub(super) fn read(payload: &[u8]) -> Option<Record> {
    Record::decode(payload).ok()
}
