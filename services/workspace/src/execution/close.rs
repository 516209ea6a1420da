//! Writes down that an execution has ended: its token pays for nothing any more.

use super::{OUTCOMES, absent, parse, row};
use crate::{Workspace, error::Error, problems::Problems};
use proto::{
    Call,
    id::{ExecutionId, WorkspaceId},
    workspace::{CloseExecutionRequest, CloseExecutionResponse},
};
use store::{SystemTx, WorkspaceTx, sql};

/// One that has ended stays as it is. Errors: `NOT_FOUND`, also for one of another workspace if the call names one;
/// `INVALID_ARGUMENT`, `REFUSED_VALUE`.
pub(crate) async fn close(
    service: &Workspace,
    call: &Call,
    request: CloseExecutionRequest,
) -> Result<CloseExecutionResponse, Error> {
    let id = parse(&request.execution_id)?;
    check(&request.outcome)?;
    let workspace = match call.workspace {
        Some(workspace) => workspace,
        None => find(service, id).await?,
    };
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let values = [workspace.into(), id.into(), service.clock.now().into(), request.outcome.into()];
    if tx.execute(sql!("execution/close"), &values).await? == 0 {
        row(&mut tx, workspace, id).await?;
    }
    tx.commit().await?;
    Ok(CloseExecutionResponse {})
}

fn check(outcome: &str) -> Result<(), Error> {
    let mut problems = Problems::default();
    match outcome {
        "" => problems.malformed("outcome", "is required"),
        outcome if OUTCOMES.contains(&outcome) => {}
        _ => problems.refused("outcome", "must be completed, failed or cancelled"),
    }
    problems.finish()
}

/// Whose it is, for who looks after the executions of all workspaces.
async fn find(service: &Workspace, id: ExecutionId) -> Result<WorkspaceId, Error> {
    let mut tx = SystemTx::read(&service.db, "find the workspace of an execution").await?;
    let found: Option<(WorkspaceId,)> = tx.fetch_optional(sql!("execution/workspace"), &[id.into()]).await?;
    tx.commit().await?;
    found.map(|(workspace,)| workspace).ok_or_else(absent)
}
