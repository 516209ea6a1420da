//! Seals the credential of a provider of the platform, and opens it for the gateway.

use crate::{Workspace, error::Error};
use proto::id::ProviderId;

/// Seals `key` for this provider.
pub(super) fn seal(service: &Workspace, provider: ProviderId, key: &str) -> Vec<u8> {
    service.master.sealer().seal(key.as_bytes(), &place(provider))
}

/// Opens what [`seal`] made for the same provider.
pub(super) fn open(service: &Workspace, provider: ProviderId, sealed: &[u8]) -> Result<String, Error> {
    let key = service.master.sealer().open(sealed, &place(provider))?;
    // Only text is ever sealed here, so anything else is damage.
    let text = std::str::from_utf8(&key).map_err(|_| store::seal::Error::Damaged)?;
    Ok(text.to_owned())
}

/// Where it is stored: a credential copied to another provider, or to a workspace's own, does not open there.
pub(crate) fn place(provider: ProviderId) -> Vec<u8> {
    format!("platform_providers/{provider}").into_bytes()
}
