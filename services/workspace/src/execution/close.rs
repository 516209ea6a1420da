//! Writes down that an execution has ended: its token pays for nothing any more.

use super::{ExecutionRow, OUTCOMES, absent, parse, row};
use crate::{
    Workspace,
    error::Error,
    problems::Problems,
    webhook::tell::{News, tell},
};
use proto::{
    Call,
    id::{EventId, ExecutionId, WorkspaceId},
    workspace::{CloseExecutionRequest, CloseExecutionResponse},
};
use serde_json::json;
use store::{SystemTx, Tx, WorkspaceTx, sql};

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
    } else {
        let row = row(&mut tx, workspace, id).await?;
        tell_webhooks(service, &mut tx, &row).await?;
    }
    tx.commit().await?;
    Ok(CloseExecutionResponse {})
}

/// That it has ended is no deed of anybody's, so the trail has nothing of it.
async fn tell_webhooks(service: &Workspace, tx: &mut Tx, row: &ExecutionRow) -> Result<(), Error> {
    let action = match row.outcome.as_str() {
        "completed" => "execution.completed",
        "failed" => "execution.failed",
        _ => "execution.cancelled",
    };
    let details = json!({ "depth": row.depth, "started_at": row.created_at }).to_string();
    let news = News {
        id: EventId::from_uuid(service.ids.uuid()),
        action,
        at: row.closed_at.unwrap_or(row.created_at),
        actor: &row.created_by,
        subject: &row.execution_id.to_string(),
        details: &details,
    };
    tell(service, tx, row.workspace_id, &news).await
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
