//! Takes an execution off the list. With its row goes all that is kept of it here, and its token.

use super::{absent, needs, parse};
use crate::{Workspace, audit::record::Record, error::Error};
use proto::{
    Call, Permission,
    id::WorkspaceId,
    workspace::{DeleteExecutionRequest, DeleteExecutionResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Errors: `PERMISSION_DENIED`, `NOT_FOUND`.
pub(crate) async fn delete(
    service: &Workspace,
    call: &Call,
    workspace: WorkspaceId,
    request: DeleteExecutionRequest,
) -> Result<DeleteExecutionResponse, Error> {
    needs(call, Permission::ExecutionsWrite)?;
    let id = parse(&request.execution_id)?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let deleted: Option<(String,)> =
        tx.fetch_optional(sql!("execution/delete"), &[workspace.into(), id.into()]).await?;
    let (depth,) = deleted.ok_or_else(absent)?;
    let event = Record { kind: "execution.deleted", subject: id.to_string(), payload: json!({ "depth": depth }) };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    tx.commit().await?;
    Ok(DeleteExecutionResponse {})
}
