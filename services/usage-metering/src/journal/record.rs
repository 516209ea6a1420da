//! How is one record written?
//!
//! `length: u32, checksum: u32, sequence: u64, protobuf`, little-endian. The checksum covers sequence and protobuf, so
//! that neither a torn record nor one from another place passes for the next.

use crate::event::{Event, Record};
use prost::Message as _;

/// Bytes before the protobuf.
pub(super) const HEADER: usize = 16;
/// Strings of events are bounded where they come in; nothing longer is a record.
const MAX_PAYLOAD: usize = 64 * 1024;

/// Appends `event` to `out`.
pub(super) fn write(sequence: u64, event: &Event, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    event.encode(out);
    let length = u32::try_from(out.len() - start - HEADER).unwrap_or(u32::MAX);
    out[start + 8..start + HEADER].copy_from_slice(&sequence.to_le_bytes());
    let checksum = crc32fast::hash(&out[start + 8..]);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + 8].copy_from_slice(&checksum.to_le_bytes());
}

/// The record at the beginning of `bytes`: its sequence, its event and its length. None if there is no whole one.
pub(super) fn read(bytes: &[u8]) -> Option<(u64, Event, usize)> {
    let header: &[u8; HEADER] = bytes.first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes([header[0], header[1], header[2], header[3]])).ok()?;
    if length > MAX_PAYLOAD {
        return None;
    }
    let end = HEADER + length;
    let body = bytes.get(8..end)?;
    if crc32fast::hash(body).to_le_bytes() != header[4..8] {
        return None;
    }
    let sequence = u64::from_le_bytes(*body.first_chunk()?);
    let record = Record::decode(&bytes[HEADER..end]).ok()?;
    Some((sequence, record.event?, end))
}
