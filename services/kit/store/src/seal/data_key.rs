//! The key of one workspace.

use super::{Error, MasterKey, Sealer};
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
