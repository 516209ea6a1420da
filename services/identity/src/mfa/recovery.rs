//! Recovery codes: 120 bits of chance each, kept as SHA-256, good once. With so much chance a plain hash keeps them as
//! well as one for passwords would (ASVS 6.5.2).

use crate::Error;
use aws_lc_rs::digest;
use proto::id::UserId;
use store::Tx;

/// How many there are.
const CODES: usize = 10;
/// 15 bytes are 24 characters of 5 bits, without a remainder.
const BYTES: usize = 15;
const CHARACTERS: usize = 24;
/// Crockford's, in lower case: nothing in it looks like another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Other codes in the place of those that there are.
pub(super) async fn renew(tx: &mut Tx, user: UserId) -> Result<Vec<String>, Error> {
    tx.execute(store::sql!("recovery_code/remove"), &[user.into()]).await?;
    let codes: Vec<String> = (0..CODES).map(|_| write(&rand::random())).collect();
    for code in &codes {
        let hash = read(code).ok_or_else(|| Error::Internal("a recovery code is none".to_owned()))?;
        tx.execute(store::sql!("recovery_code/insert"), &[user.into(), hash.into()]).await?;
    }
    Ok(codes)
}

/// Whether it was one of theirs; it is none any more once the transaction commits.
pub(super) async fn spend(tx: &mut Tx, user: UserId, code: &str) -> Result<bool, Error> {
    let Some(hash) = read(code) else { return Ok(false) };
    Ok(tx.execute(store::sql!("recovery_code/spend"), &[user.into(), hash.into()]).await? > 0)
}

/// How many are left.
pub(super) async fn left(tx: &mut Tx, user: UserId) -> Result<i32, Error> {
    let (left,): (i64,) = tx.fetch_one(store::sql!("recovery_code/left"), &[user.into()]).await?;
    Ok(i32::try_from(left).unwrap_or(i32::MAX))
}

/// In four groups, for paper.
fn write(bytes: &[u8; BYTES]) -> String {
    let mut text = String::with_capacity(CHARACTERS + 3);
    for (n, chunk) in bytes.chunks_exact(5).enumerate() {
        let mut bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)) << 24;
        for place in 0..8 {
            if (n * 8 + place) % 6 == 0 && n + place > 0 {
                text.push('-');
            }
            // The five bits on top: below 32.
            text.push(char::from(ALPHABET[(bits >> 59) as usize]));
            bits <<= 5;
        }
    }
    text
}

/// The hash of what somebody typed, with or without its dashes and in any case; None for what cannot be one.
fn read(text: &str) -> Option<Vec<u8>> {
    if text.len() > 2 * CHARACTERS {
        return None;
    }
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(alike).collect();
    let fits = plain.len() == CHARACTERS && plain.bytes().all(|c| ALPHABET.contains(&c));
    fits.then(|| digest::digest(&digest::SHA256, plain.as_bytes()).as_ref().to_vec())
}

/// What is read as another character by people.
const fn alike(c: char) -> char {
    match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_written_or_as_people_type_it() {
        let code = write(&[7, 1, 2, 3, 4, 5, 0, 255, 8, 9, 10, 11, 12, 13, 200]);
        assert_eq!(code.len(), 27, "{code}");
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [6, 6, 6, 6], "{code}");
        let hash = read(&code).expect("a code");
        assert_eq!(read(&code.to_uppercase()), Some(hash.clone()));
        assert_eq!(read(&code.replace('-', " ")), Some(hash.clone()));
        assert_eq!(read(&code.replace('0', "O").replace('1', "l")), Some(hash));
    }

    #[test]
    fn all_of_the_chance_is_in_the_code() {
        let mut seen = std::collections::BTreeSet::new();
        for bit in 0..BYTES * 8 {
            let mut bytes = [0; BYTES];
            bytes[bit / 8] = 1 << (bit % 8);
            assert!(seen.insert(write(&bytes)), "bit {bit} is lost");
        }
    }

    #[test]
    fn what_is_no_code_has_no_hash() {
        for odd in ["", "123456", "000000-000000-000000-00000", "000000-000000-000000-00000u", &"0".repeat(1000)] {
            assert_eq!(read(odd), None, "{odd:.40}");
        }
    }
}
