//! How is one record written?
//!
//! `length: u32, checksum: u32, sequence: u64, payload`, little-endian. The checksum covers sequence and payload, so
//! that neither a torn record nor one from another place passes for the next.

use super::Error;

/// Bytes before the payload.
const HEADER: usize = 16;
/// The longest payload of a record, in bytes.
pub const MAX_PAYLOAD: usize = 1024 * 1024;

/// Appends the record `sequence`, whose payload `encode` appends, to `out`. Errors: [`Error::TooLong`].
pub(super) fn write(sequence: u64, encode: impl FnOnce(&mut Vec<u8>), out: &mut Vec<u8>) -> Result<(), Error> {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    encode(out);
    let bytes = out.len() - start - HEADER;
    let length = u32::try_from(bytes).ok().filter(|_| bytes <= MAX_PAYLOAD).ok_or(Error::TooLong(bytes))?;
    out[start + 8..start + HEADER].copy_from_slice(&sequence.to_le_bytes());
    let checksum = crc32fast::hash(&out[start + 8..]);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + 8].copy_from_slice(&checksum.to_le_bytes());
    Ok(())
}

/// The record at the beginning of `bytes`: its sequence, its payload and its length. None if there is no whole one.
pub(super) fn read(bytes: &[u8]) -> Option<(u64, &[u8], usize)> {
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
    Some((sequence, &bytes[HEADER..end], end))
}
