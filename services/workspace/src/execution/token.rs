//! What pays for the model calls of an execution: 256 bits of chance, of which the SHA-256 is stored, and they themselves sealed,
//! for whoever opens the same execution again.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const PREFIX: &str = "bt_";
const BYTES: usize = 32;

/// A new one.
pub(super) fn generate() -> Zeroizing<String> {
    let secret: Zeroizing<[u8; BYTES]> = Zeroizing::new(rand::random());
    Zeroizing::new(format!("{PREFIX}{}", hex::encode(secret.as_slice())))
}

/// As it is looked for.
pub(super) fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::generate;

    #[test]
    fn a_token_is_64_digits_of_chance_behind_its_prefix() {
        let (one, other) = (generate(), generate());
        assert_ne!(one, other);
        assert!(one.strip_prefix("bt_").is_some_and(|digits| hex::decode(digits).is_ok_and(|b| b.len() == 32)));
    }
}
