//! What does an API key look like? `pk_`, 32 characters of chance, and 6 of a checksum over all that precedes.
//!
//! The checksum is public: it sheds typing errors and guesses before anything is looked up, and proves nothing.

use crate::config::Secret;
use sha2::{Digest as _, Sha256};

/// With what every key begins.
pub const PREFIX: &str = "pk_";
/// What scanners for secrets look for, in the syntax of most of them; published in `/docs`. [`checksum_ok`] tells the rest.
pub const PATTERN: &str = r"\bpk_[0-9A-Za-z]{38}\b";
/// Characters of a whole key.
pub const LENGTH: usize = PREFIX.len() + RANDOM + CHECKSUM;

const RANDOM: usize = 32;
const CHECKSUM: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Makes a new key: 190 bits of chance.
pub fn generate() -> Secret {
    let mut chance = [0u8; RANDOM];
    for slot in &mut chance {
        *slot = ALPHABET[rand::random_range(0..ALPHABET.len())];
    }
    format(&chance)
}

/// The key around these characters of chance, which are letters and digits.
fn format(chance: &[u8; RANDOM]) -> Secret {
    let mut key = String::with_capacity(LENGTH);
    key.push_str(PREFIX);
    key.extend(chance.map(char::from));
    let checksum = checksum(key.as_bytes());
    key.extend(checksum.map(char::from));
    key.into()
}

/// Whether `text` says that it is a key; then it is no access token.
pub fn looks_like_one(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Whether length, alphabet and checksum are right.
pub fn checksum_ok(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != LENGTH || !looks_like_one(text) || !bytes[PREFIX.len()..].iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let (body, sum) = bytes.split_at(LENGTH - CHECKSUM);
    checksum(body) == sum
}

/// SHA-256 of the whole key: what is stored and looked up.
pub fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// CRC-32 in six digits of base 62, most significant first.
fn checksum(body: &[u8]) -> [u8; CHECKSUM] {
    let mut rest = crc32fast::hash(body);
    let mut text = [b'0'; CHECKSUM];
    for slot in text.iter_mut().rev() {
        *slot = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_well_formed_and_unlike_any_other() {
        let (one, other) = (generate(), generate());
        assert_eq!(one.expose().len(), 41);
        assert!(checksum_ok(one.expose()), "{}", one.expose());
        assert_ne!(one.expose(), other.expose());
    }

    #[test]
    fn the_published_pattern_finds_keys_and_nothing_beside_them() {
        let pattern = regex::Regex::new(PATTERN).expect("a pattern");
        for _ in 0..200 {
            let key = generate().expose().to_owned();
            for text in [key.clone(), format!("KEY=\"{key}\"\n"), format!("authorization: Bearer {key}, …")] {
                let found: Vec<&str> = pattern.find_iter(&text).map(|found| found.as_str()).collect();
                assert_eq!(found, [key.as_str()], "{text}");
            }
            let near = [
                key[..LENGTH - 1].to_owned(),
                format!("{key}0"),
                format!("s{key}"),
                key.replace("pk_", "pk-"),
                key.replace("pk_", "PK_"),
                format!("{}_{}", &key[..20], &key[21..]),
                format!("{} {}", &key[..20], &key[20..]),
            ];
            for text in near {
                assert!(!pattern.is_match(&text), "{text}");
            }
        }
    }

    #[test]
    fn the_format_never_changes() {
        // Keys live for years: what was issued must stay valid.
        let key = format(b"0123456789ABCDEFGHIJKLMNOPQRSTUV");
        assert!(key.expose().starts_with("pk_0123456789ABCDEFGHIJKLMNOPQRSTUV"), "{}", key.expose());
        assert!(checksum_ok(key.expose()));
        let crc = crc32fast::hash(b"pk_0123456789ABCDEFGHIJKLMNOPQRSTUV");
        let value = key.expose()[35..].bytes().fold(0u32, |n, b| {
            n * 62 + ALPHABET.iter().position(|&a| a == b).map_or(0, |p| u32::try_from(p).unwrap_or(0))
        });
        assert_eq!(value, crc);
    }

    #[test]
    fn a_mistyped_key_is_told_from_a_right_one() {
        let key = generate().expose().to_owned();
        for i in 0..key.len() {
            let mut typo = key.clone().into_bytes();
            typo[i] = if typo[i] == b'x' { b'y' } else { b'x' };
            assert!(!checksum_ok(std::str::from_utf8(&typo).expect("ascii")), "position {i}");
        }
        for bad in ["", "pk_", "pk_short", &key[..40], &format!("{key}0"), &key.replace("pk_", "sk_"), "ção"] {
            assert!(!checksum_ok(bad), "{bad:?}");
        }
    }
}
