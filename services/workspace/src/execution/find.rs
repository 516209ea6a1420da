//! Whose an execution is.

use super::{needs, parse, row};
use crate::{Workspace, credential::seal, error::Error};
use proto::{
    Call, Permission,
    id::WorkspaceId,
    workspace::{FindExecutionRequest, FindExecutionResponse},
};
use store::WorkspaceTx;

/// Errors: `PERMISSION_DENIED`; `NOT_FOUND`, also for one of another workspace.
pub(crate) async fn find(
    service: &Workspace,
    call: &Call,
    workspace: WorkspaceId,
    request: FindExecutionRequest,
) -> Result<FindExecutionResponse, Error> {
    needs(call, Permission::ExecutionsRead)?;
    let id = parse(&request.execution_id)?;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let row = row(&mut tx, workspace, id).await?;
    let sealer = seal::sealer(service, &mut tx).await?;
    Ok(FindExecutionResponse { execution: Some(row.opened(&sealer)?) })
}
