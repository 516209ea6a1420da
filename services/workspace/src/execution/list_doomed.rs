//! Which executions have to go from the engine before their workspaces can? The edge asks for itself.

use crate::{Workspace, error::Error, problems::Problems, workspace::purge};
use proto::{
    id::{ExecutionId, WorkspaceId},
    workspace::{DoomedExecution, ListDoomedExecutionsRequest, ListDoomedExecutionsResponse},
};
use store::{SystemTx, sql};

const DEFAULT: i32 = 100;
const MOST: i32 = 200;

/// The oldest ones. Errors: `REFUSED_VALUE`.
pub(crate) async fn list(
    service: &Workspace,
    request: ListDoomedExecutionsRequest,
) -> Result<ListDoomedExecutionsResponse, Error> {
    let limit = if request.limit == 0 { DEFAULT } else { request.limit };
    if !(1..=MOST).contains(&limit) {
        let mut problems = Problems::default();
        problems.refused("limit", format!("must be from 1 to {MOST}"));
        problems.finish()?;
    }
    let mut tx = SystemTx::read(&service.db, "find executions of workspaces whose days of grace are over").await?;
    let before = service.clock.now() - purge::MARGIN;
    let values = [before.into(), i64::from(limit).into()];
    let found: Vec<(ExecutionId, WorkspaceId)> = tx.fetch_all(sql!("execution/list_doomed"), &values).await?;
    let shown = |(execution, workspace): (ExecutionId, WorkspaceId)| DoomedExecution {
        execution_id: execution.to_string(),
        workspace_id: workspace.to_string(),
    };
    Ok(ListDoomedExecutionsResponse { executions: found.into_iter().map(shown).collect() })
}
