//! Removes a provider and its sealed credential.

use super::row::{self, ProviderRow};
use crate::{Workspace, audit::record::Record, error::Error};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{DeleteProviderRequest, DeleteProviderResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Removes it. Errors: `NOT_FOUND`.
pub(crate) async fn delete(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: DeleteProviderRequest,
) -> Result<DeleteProviderResponse, Error> {
    let provider = row::id(&request.provider_id)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    let row: Option<ProviderRow> = tx.fetch_optional(sql!("provider/delete"), &[id.into(), provider.into()]).await?;
    let row = row.ok_or(Error::NotFound("provider"))?;
    let payload = json!({ "provider": row.kind, "name": row.name });
    let event = Record { kind: "provider.deleted", subject: provider.to_string(), payload };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    tx.commit().await?;
    Ok(DeleteProviderResponse {})
}
