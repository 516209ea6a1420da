//! For whom does an execution call models?

use crate::{Workspace, error::Error, member::resolve};
use proto::{
    id::{ExecutionId, SessionId, UserId, WorkspaceId},
    workspace::{OpenBudgetRequest, OpenBudgetResponse},
};
use store::{SystemTx, sql};

store::row! {
    struct BudgetRow {
        execution_id: ExecutionId,
        workspace_id: WorkspaceId,
        created_by: String,
        session_id: Option<SessionId>,
    }
}

/// Errors: `NOT_FOUND` for a token that is none, whose execution has ended, or whose owner is no member any more.
pub(crate) async fn open(service: &Workspace, request: OpenBudgetRequest) -> Result<OpenBudgetResponse, Error> {
    let mut tx = SystemTx::read(&service.db, "find the workspace of a budget token").await?;
    let values = [request.token_sha256.to_vec().into()];
    let row: Option<BudgetRow> = tx.fetch_optional(sql!("execution/budget"), &values).await?;
    let row = row.ok_or_else(absent)?;
    // The door lets a person who has gone call nothing either. Keys of who goes are revoked by identity.
    if let Ok(person) = row.created_by.parse::<UserId>() {
        resolve::role(&mut tx, row.workspace_id, person).await?.ok_or_else(absent)?;
    }
    tx.commit().await?;
    Ok(OpenBudgetResponse {
        workspace_id: row.workspace_id.to_string(),
        principal: row.created_by,
        session_id: row.session_id.map(|id| id.to_string()).unwrap_or_default(),
        execution_id: row.execution_id.to_string(),
    })
}

fn absent() -> Error {
    Error::NotFound("budget token")
}
