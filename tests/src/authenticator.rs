//! An authenticator app, written after RFC 4226 and RFC 6238 and by nothing that Perpetuo uses.

use anyhow::Context as _;
use aws_lc_rs::hmac;
use std::time::{SystemTime, UNIX_EPOCH};

/// What the app shows `ahead` half minutes from now. A clock that is half a minute ahead is in order, so that two logins
/// after each other need not wait.
pub fn code(secret: &str, ahead: u64) -> anyhow::Result<String> {
    #[expect(clippy::disallowed_methods, reason = "an app has no clock but the machine's")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    code_of(secret, now / 30 + ahead)
}

fn code_of(secret: &str, step: u64) -> anyhow::Result<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret)?);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let four: [u8; 4] = tag.as_ref()[offset..offset + 4].try_into()?;
    Ok(format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000))
}

fn base32(text: &str) -> anyhow::Result<Vec<u8>> {
    let (mut bits, mut have, mut bytes) = (0_u32, 0, vec![]);
    for c in text.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == c).context("no base32")?;
        bits = bits << 5 | u32::try_from(value)?;
        have += 5;
        if have >= 8 {
            have -= 8;
            bytes.push(u8::try_from(bits >> have & 255)?);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::code_of;

    /// RFC 6238, appendix B, with the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(code_of(secret, seconds / 30).unwrap(), code);
        }
    }
}
