//! A provider of the platform as the gateway needs it.

use super::{get, seal};
use crate::{
    Workspace,
    error::Error,
    provider::row::{ProviderRow, opened},
};
use proto::workspace::{OpenPlatformProviderRequest, OpenPlatformProviderResponse, OpenProvider};

/// Opens it, to be tried. Errors: `NOT_FOUND`.
pub(crate) async fn open(
    service: &Workspace,
    request: OpenPlatformProviderRequest,
) -> Result<OpenPlatformProviderResponse, Error> {
    let parts = get::find(service, &request.provider_id).await?;
    let enabled = parts.provider.enabled;
    Ok(OpenPlatformProviderResponse { provider: Some(with_key(service, parts.provider)?), enabled })
}

/// With its credential.
pub(super) fn with_key(service: &Workspace, row: ProviderRow) -> Result<OpenProvider, Error> {
    let key = row.sealed_key.as_ref().map(|sealed| seal::open(service, row.provider_id, sealed)).transpose()?;
    Ok(opened(row, key.unwrap_or_default()))
}
