//! One provider of the call's workspace.

use super::row::{self, ProviderRow};
use crate::{Workspace, error::Error};
use proto::{
    id::WorkspaceId,
    workspace::{GetProviderRequest, GetProviderResponse},
};
use store::{WorkspaceTx, sql};

/// Reads it. Errors: `NOT_FOUND`.
pub(crate) async fn get(
    service: &Workspace,
    id: WorkspaceId,
    request: GetProviderRequest,
) -> Result<GetProviderResponse, Error> {
    let provider = row::id(&request.provider_id)?;
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let row: Option<ProviderRow> = tx.fetch_optional(sql!("provider/get"), &[id.into(), provider.into()]).await?;
    Ok(GetProviderResponse { provider: Some(row.ok_or(Error::NotFound("provider"))?.into()) })
}
