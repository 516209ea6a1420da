//! An authenticator app, written after RFC 4226 and RFC 6238 and by nothing that the service uses.

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};

/// What the app shows for a secret, which somebody typed in, at a time.
pub fn code(secret: &str, at: DateTime<Utc>) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret));
    let step = at.timestamp() / 30;
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let four: [u8; 4] = tag.as_ref()[offset..offset + 4].try_into().expect("four bytes");
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut have, mut bytes) = (0_u32, 0, vec![]);
    for c in text.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == c).expect("base32");
        bits = bits << 5 | u32::try_from(value).expect("five bits");
        have += 5;
        if have >= 8 {
            have -= 8;
            bytes.push(u8::try_from(bits >> have & 255).expect("eight bits"));
        }
    }
    bytes
}
