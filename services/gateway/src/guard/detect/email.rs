//! Addresses of e-mail, as people write them (not all that RFC 5322 allows).

use std::ops::Range;

/// The longest address, in bytes.
pub(super) const MOST: usize = MOST_LOCAL + 1 + MOST_DOMAIN;
const MOST_LOCAL: usize = 64;
const MOST_DOMAIN: usize = 253;

/// Whether an address may have this byte.
pub(super) const fn may_have(byte: u8) -> bool {
    is_local(byte) || byte == b'@'
}

/// Names may have accents: two bytes each, of which the first is one of three. Letters of scripts that write no blanks
/// belong to the text around.
const fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, 0x80..=0xbf | 0xc3..=0xc5)
        || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'')
}

const fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

/// The first address that begins at `from` or after it.
pub(super) fn find(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut look = from;
    loop {
        let at = look + memchr::memchr(b'@', bytes.get(look..)?)?;
        if let Some(found) = around(bytes, at, from) {
            return Some(found);
        }
        look = at + 1;
    }
}

/// The address whose `@` stands at `at`.
fn around(bytes: &[u8], at: usize, from: usize) -> Option<Range<usize>> {
    let local = bytes[from..at].iter().rev().take(MOST_LOCAL).take_while(|byte| is_local(**byte)).count();
    let mut start = at - local;
    // Not within a character, and not with the dot or quote before it.
    while start < at && (bytes[start] & 0xc0 == 0x80 || matches!(bytes[start], b'.' | b'\'' | b'-')) {
        start += 1;
    }
    let domain = bytes[at + 1..].iter().take(MOST_DOMAIN).take_while(|byte| is_domain(**byte)).count();
    let mut end = at + 1 + domain;
    while end > at + 1 && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    let name = &bytes[at + 1..end];
    let dot = memchr::memrchr(b'.', name)?;
    let top = &name[dot + 1..];
    let is_name = dot > 0 && top.len() >= 2 && top.iter().all(|byte| !byte.is_ascii_digit() && *byte != b'-');
    (start < at && is_name).then_some(start..end)
}
