//! The key that everything at rest depends on.

use super::{Error, Sealer, sealer};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::RngExt as _;
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

/// The key that wraps all others. It comes from outside: a file, the environment. Clones are wiped when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// A new key.
    pub fn generate() -> Self {
        Self(Zeroizing::new(rand::rng().random()))
    }

    /// Reads 64 hexadecimal digits; space around them does not matter. Errors: [`Error::Malformed`].
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), &mut *key).map_err(|_| Error::Malformed)?;
        Ok(Self(key))
    }

    /// As `from_hex` reads it, to be written where only its owner can read it.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(*self.0))
    }

    /// 16 hexadecimal digits that tell this key from others, and nothing about it.
    pub fn fingerprint(&self) -> String {
        hex::encode(sealer::id(&self.0))
    }

    /// Seals what belongs to no workspace.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(&self.0)
    }

    /// A key for another purpose, for instance to authenticate tokens: the same for the same label, and of no use to
    /// find out this key or that of another label.
    pub fn derive(&self, label: &str) -> Zeroizing<[u8; 32]> {
        derived(&self.0, label)
    }
}

/// A key for another purpose.
pub(super) fn derived(key: &[u8; 32], label: &str) -> Zeroizing<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(b"perpetuo derived key\0");
    mac.update(label.as_bytes());
    let mut bytes = mac.finalize().into_bytes();
    let mut key = Zeroizing::new([0; 32]);
    key.copy_from_slice(&bytes);
    bytes.as_mut_slice().zeroize();
    key
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({})", self.fingerprint())
    }
}
