//! One webhook of a workspace.

use super::row;
use crate::{Workspace, error::Error};
use proto::{
    id::WorkspaceId,
    workspace::{GetWebhookRequest, GetWebhookResponse},
};
use store::WorkspaceTx;

/// Errors: `NOT_FOUND`.
pub(crate) async fn get(
    service: &Workspace,
    id: WorkspaceId,
    request: GetWebhookRequest,
) -> Result<GetWebhookResponse, Error> {
    let webhook = row::id(&request.webhook_id)?;
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let found = row::find(&mut tx, webhook).await?;
    Ok(GetWebhookResponse { webhook: Some(found.to_proto(service.clock.now())) })
}
