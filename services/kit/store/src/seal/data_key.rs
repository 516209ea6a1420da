//! The key of one workspace.

use super::{Error, MasterKey, Sealer, master};
use rand::RngExt as _;
use zeroize::Zeroizing;

/// A key that is stored wrapped by the master key. Deleting the wrapped key erases what it sealed.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// A new key.
    pub fn generate() -> Self {
        Self(Zeroizing::new(rand::rng().random()))
    }

    /// The key as it is stored, for the place that `aad` names.
    pub fn wrap(&self, master: &MasterKey, aad: &[u8]) -> Vec<u8> {
        master.sealer().seal(&*self.0, aad)
    }

    /// Opens what `wrap` made. Errors: [`Error::WrongKey`] for another master key, [`Error::Damaged`].
    pub fn unwrap(master: &MasterKey, wrapped: &[u8], aad: &[u8]) -> Result<Self, Error> {
        let opened = master.sealer().open(wrapped, aad)?;
        let key = opened.as_slice().try_into().map_err(|_| Error::Damaged)?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// A key of this one for another purpose: the same for the same label, of no use to find out this one, and gone with
    /// it.
    pub fn derive(&self, label: &str) -> Self {
        Self(master::derived(&self.0, label))
    }

    /// The key as it is handed to whoever seals with it elsewhere.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key that [`DataKey::expose`] gave. None: it is not as long as a key.
    pub fn from_exposed(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|key| Self(Zeroizing::new(key)))
    }

    /// Seals and opens with this key.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(&self.0)
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey([redacted])")
    }
}
