//! One provider of the platform.

use super::row::{Parts, PlatformRow};
use crate::{Workspace, error::Error};
use proto::{
    id::ProviderId,
    workspace::{GetPlatformProviderRequest, GetPlatformProviderResponse},
};
use store::{GlobalTx, sql};

/// Reads it. Errors: `NOT_FOUND`.
pub(crate) async fn get(
    service: &Workspace,
    request: GetPlatformProviderRequest,
) -> Result<GetPlatformProviderResponse, Error> {
    Ok(GetPlatformProviderResponse { provider: Some(find(service, &request.provider_id).await?.into()) })
}

/// The provider of this id. Errors: `NOT_FOUND`.
pub(super) async fn find(service: &Workspace, text: &str) -> Result<Parts, Error> {
    let id = id(text)?;
    let mut tx = GlobalTx::read(&service.db).await?;
    let row: Option<PlatformRow> = tx.fetch_optional(sql!("platform_provider/get"), &[id.into()]).await?;
    tx.commit().await?;
    row.map(Parts::from).ok_or(Error::NoPlatformProvider)
}

/// The id in a path. Errors: `NOT_FOUND`, also for what is no id.
pub(super) fn id(text: &str) -> Result<ProviderId, Error> {
    text.parse().map_err(|_| Error::NoPlatformProvider)
}
