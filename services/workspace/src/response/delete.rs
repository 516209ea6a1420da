//! Erases a kept response.

use crate::{Workspace, error::Error};
use proto::{
    id::WorkspaceId,
    workspace::{DeleteResponseRequest, DeleteResponseResponse},
};
use store::{WorkspaceTx, sql};

/// Errors: `NOT_FOUND`.
pub(crate) async fn delete(
    service: &Workspace,
    request: DeleteResponseRequest,
) -> Result<DeleteResponseResponse, Error> {
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NotFound("workspace"))?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let values = [workspace.into(), request.response_id.as_str().into(), service.clock.now().into()];
    if tx.execute(sql!("response/delete"), &values).await? == 0 {
        return Err(Error::NoResponse(request.response_id));
    }
    tx.commit().await?;
    Ok(DeleteResponseResponse {})
}
