//! The key that everything at rest depends on.

use super::{Error, Sealer, sealer};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::RngExt as _;
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

/// The key that wraps all others. It comes from outside: a file, the environment. Clones are wiped when dropped.
///
/// While it is being replaced there are several: one seals, and all of them open ([`MasterKey::beside`]).
#[derive(Clone)]
pub struct MasterKey {
    key: Zeroizing<[u8; 32]>,
    /// They only open.
    others: Vec<Zeroizing<[u8; 32]>>,
}

impl MasterKey {
    /// A new key.
    pub fn generate() -> Self {
        Self::of(Zeroizing::new(rand::rng().random()))
    }

    /// Reads 64 hexadecimal digits; space around them does not matter. Errors: [`Error::Malformed`].
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), &mut *key).map_err(|_| Error::Malformed)?;
        Ok(Self::of(key))
    }

    /// The same key, which also opens what `others` have sealed.
    #[must_use]
    pub fn beside(mut self, others: impl IntoIterator<Item = Self>) -> Self {
        for other in others.into_iter().flat_map(|other| other.each().collect::<Vec<_>>()) {
            if *other.key != *self.key && self.others.iter().all(|known| **known != *other.key) {
                self.others.push(other.key);
            }
        }
        self
    }

    /// Each of the keys by itself, the one that seals first.
    pub fn each(&self) -> impl Iterator<Item = Self> {
        std::iter::once(&self.key).chain(&self.others).cloned().map(Self::of)
    }

    /// As `from_hex` reads it, to be written where only its owner can read it.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(*self.key))
    }

    /// 16 hexadecimal digits that tell this key from others, and nothing about it.
    pub fn fingerprint(&self) -> String {
        hex::encode(self.id())
    }

    /// What each value that it has sealed begins with, after the byte of the format.
    pub(crate) fn id(&self) -> [u8; sealer::KEY_ID] {
        sealer::id(&self.key)
    }

    /// Seals what belongs to no workspace.
    pub fn sealer(&self) -> Sealer {
        self.others.iter().fold(Sealer::new(&self.key), |sealer, other| sealer.opening(other))
    }

    /// A key for another purpose, for instance to authenticate tokens: the same for the same label, and of no use to
    /// find out this key or that of another label. It comes from the key that seals: what has to outlive that one is
    /// looked for with [`MasterKey::each`].
    pub fn derive(&self, label: &str) -> Zeroizing<[u8; 32]> {
        derived(&self.key, label)
    }

    const fn of(key: Zeroizing<[u8; 32]>) -> Self {
        Self { key, others: vec![] }
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
