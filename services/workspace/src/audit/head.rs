//! Where a chain ends, and who says so: a signature that only the installation's master key can make.

use super::chain::Hash;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use store::seal::MasterKey;

const FORM: &[u8] = b"perpetuo audit head 1\n";
/// What the signing key is derived for.
const LABEL: &str = "workspace/audit heads";

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// `ws_…`
    pub(crate) workspace: String,
    /// The place of the last entry.
    pub(crate) seq: i64,
    /// Its digest.
    pub(crate) hash: Hash,
    /// When it was written, in microseconds since 1970.
    pub(crate) at: i64,
}

/// Signs heads.
pub(crate) struct Signer {
    own: Ed25519KeyPair,
    /// What heads are verified with that were signed before the master key was replaced.
    before: Vec<Vec<u8>>,
}

impl Head {
    fn bytes(&self) -> Vec<u8> {
        let length = |text: &str| u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes();
        let (seq, at) = (self.seq.to_string(), self.at.to_string());
        let mut bytes = FORM.to_vec();
        for part in [self.workspace.as_str(), &seq, &at] {
            bytes.extend_from_slice(&length(part));
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes.extend_from_slice(&self.hash);
        bytes
    }

    /// Whether the owner of this key has signed it.
    pub(crate) fn is_signed(&self, signature: &[u8], public_key: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, public_key).verify(&self.bytes(), signature).is_ok()
    }
}

impl Signer {
    /// The key that comes with the master key that seals.
    pub(crate) fn new(master: &MasterKey) -> Self {
        let public_key = |key: MasterKey| pair(&key).public_key().as_ref().to_vec();
        Self { own: pair(master), before: master.each().skip(1).map(public_key).collect() }
    }

    pub(crate) fn sign(&self, head: &Head) -> Vec<u8> {
        self.own.sign(&head.bytes()).as_ref().to_vec()
    }

    /// What others verify with.
    pub(crate) fn public_key(&self) -> &[u8] {
        self.own.public_key().as_ref()
    }

    /// What others verify this signature with. None: nobody with a key of ours has signed it.
    pub(crate) fn key_of(&self, head: &Head, signature: &[u8]) -> Option<&[u8]> {
        let mut all = std::iter::once(self.public_key()).chain(self.before.iter().map(Vec::as_slice));
        all.find(|key| head.is_signed(signature, key))
    }
}

fn pair(master: &MasterKey) -> Ed25519KeyPair {
    let seed = master.derive(LABEL);
    Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).expect("any 32 bytes are a seed (RFC 8032)")
}

/// In hexadecimal digits, what exports of an installation with this master key are verified with.
pub fn public_key(master: &MasterKey) -> String {
    hex::encode(Signer::new(master).public_key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_signed_as_a_whole_by_one_key() {
        let signer = Signer::new(&MasterKey::generate());
        let head = Head { workspace: "ws_1".into(), seq: 3, hash: [7; 32], at: 9 };
        let (signature, key) = (signer.sign(&head), signer.public_key().to_vec());
        assert!(head.is_signed(&signature, &key));
        for other in [
            Head { workspace: "ws_2".into(), ..head.clone() },
            Head { seq: 2, ..head.clone() },
            Head { hash: [8; 32], ..head.clone() },
            Head { at: 8, ..head.clone() },
        ] {
            assert!(!other.is_signed(&signature, &key), "{other:?}");
        }
        let stranger = Signer::new(&MasterKey::generate());
        assert_eq!(stranger.key_of(&head, &signature), None);
        assert!(!head.is_signed(&signature, stranger.public_key()));
        assert!(!head.is_signed(&signature[1..], &key) && !head.is_signed(&signature, &key[1..]));
    }

    #[test]
    fn what_was_signed_before_the_master_key_was_replaced_is_verified_with_the_key_of_then() {
        let (old, new) = (MasterKey::generate(), MasterKey::generate());
        let (before, now) = (Signer::new(&old), Signer::new(&new.beside([old])));
        let head = Head { workspace: "ws_1".into(), seq: 3, hash: [7; 32], at: 9 };
        assert_eq!(now.key_of(&head, &before.sign(&head)), Some(before.public_key()));
        assert_eq!(now.key_of(&head, &now.sign(&head)), Some(now.public_key()));
    }
}
