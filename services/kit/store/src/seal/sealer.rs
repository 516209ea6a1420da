//! Seals values with one key, and opens what this one or others have sealed.

use super::Error;
use aes_gcm_siv::{
    Aes256GcmSiv, Nonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The first byte of everything sealed. Another format will have another.
const FORMAT: u8 = 1;
pub(super) const KEY_ID: usize = 8;
/// Where the key's id is, counted from 1 as SQL does.
pub(super) const KEY_ID_AT: usize = 2;
const NONCE: usize = 12;
const HEAD: usize = 1 + KEY_ID + NONCE;

/// Seals values with one key, and opens them with this one or others. A sealed value is the format byte, the key's id
/// (8 bytes), the nonce (12), the ciphertext and its tag (16).
#[derive(Clone)]
pub struct Sealer {
    first: Lock,
    others: Vec<Lock>,
}

/// One key.
#[derive(Clone)]
struct Lock {
    cipher: Aes256GcmSiv,
    id: [u8; KEY_ID],
}

impl Lock {
    fn new(key: &[u8; 32]) -> Self {
        Self { cipher: Aes256GcmSiv::new(key.into()), id: id(key) }
    }
}

impl Sealer {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self { first: Lock::new(key), others: vec![] }
    }

    /// The same, which also opens what `key` has sealed.
    pub(super) fn opening(mut self, key: &[u8; 32]) -> Self {
        self.others.push(Lock::new(key));
        self
    }

    /// Seals `plaintext` for the place that `aad` names. The same value never looks the same twice.
    pub fn seal(&self, plaintext: &[u8], aad: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = rand::rng().random();
        let payload = Payload { msg: plaintext, aad };
        let sealed = self.first.cipher.encrypt(&Nonce::from(nonce), payload).expect("a value is smaller than 64 GiB");
        [&[FORMAT][..], &self.first.id, &nonce, &sealed].concat()
    }

    /// Opens what `seal` made for the same place. Errors: [`Error::WrongKey`], [`Error::Damaged`].
    pub fn open(&self, sealed: &[u8], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let (head, ciphertext) = sealed.split_at_checked(HEAD).ok_or(Error::Damaged)?;
        let (format, head) = head.split_first().ok_or(Error::Damaged)?;
        let (key, nonce) = head.split_at(KEY_ID);
        if *format != FORMAT {
            return Err(Error::Damaged);
        }
        let lock = std::iter::once(&self.first).chain(&self.others).find(|lock| lock.id == key);
        let lock = lock.ok_or(Error::WrongKey)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| Error::Damaged)?;
        let payload = Payload { msg: ciphertext, aad };
        lock.cipher.decrypt(&Nonce::from(nonce), payload).map(Zeroizing::new).map_err(|_| Error::Damaged)
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("key", &hex::encode(self.first.id)).finish_non_exhaustive()
    }
}

/// Names a key without telling anything about it, so that a wrong key is told from a damaged value.
pub(super) fn id(key: &[u8; 32]) -> [u8; KEY_ID] {
    let digest: [u8; 32] = Sha256::new().chain_update(b"perpetuo key id\0").chain_update(key).finalize().into();
    *digest.first_chunk().expect("a digest has 32 bytes")
}
