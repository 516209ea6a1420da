//! Removes a provider of the platform and its sealed credential.

use super::{
    get::id,
    row::{Parts, PlatformRow},
    trail,
};
use crate::{Workspace, error::Error};
use proto::{
    Call,
    workspace::{DeletePlatformProviderRequest, DeletePlatformProviderResponse},
};
use serde_json::json;
use store::{GlobalTx, sql};

/// Removes it. Errors: `NOT_FOUND`.
pub(crate) async fn delete(
    service: &Workspace,
    call: &Call,
    request: DeletePlatformProviderRequest,
) -> Result<DeletePlatformProviderResponse, Error> {
    let id = id(&request.provider_id)?;
    let mut tx = GlobalTx::begin(&service.db).await?;
    let row: Option<PlatformRow> = tx.fetch_optional(sql!("platform_provider/delete"), &[id.into()]).await?;
    let Parts { provider, .. } = row.ok_or(Error::NoPlatformProvider)?.into();
    let facts = json!({ "provider": provider.kind, "name": provider.name });
    trail::record(service, &mut tx, call, "platform_provider.deleted", id, facts).await?;
    tx.commit().await?;
    Ok(DeletePlatformProviderResponse {})
}
