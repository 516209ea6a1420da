//! Of which executions has nobody said that they have ended? The edge asks for itself, and looks after them.

use super::ExecutionRow;
use crate::{Workspace, credential::data_key, error::Error, problems::Problems};
use chrono::{DateTime, Utc};
use proto::{
    Call, Page,
    id::{ExecutionId, WorkspaceId},
    workspace::{ListOpenExecutionsRequest, ListOpenExecutionsResponse, OwnedExecution},
};
use store::{SystemTx, Tx, WorkspaceTx, sql};
use uuid::Uuid;

const DEFAULT: i32 = 100;
const MOST: i32 = 200;

store::row! {
    struct OpenRow {
        execution_id: ExecutionId,
        workspace_id: WorkspaceId,
        entry_id: Uuid,
        created_by: String,
        depth: String,
        sealed_title: Vec<u8>,
        created_at: DateTime<Utc>,
        closed_at: Option<DateTime<Utc>>,
        outcome: String,
        /// The data key of the workspace, wrapped.
        wrapped: Option<Vec<u8>>,
    }
}

/// A page of them, the oldest first, of the call's workspace if it names one, of all otherwise. Errors: `REFUSED_VALUE`,
/// `INVALID_ARGUMENT`.
pub(crate) async fn list(
    service: &Workspace,
    call: &Call,
    request: ListOpenExecutionsRequest,
) -> Result<ListOpenExecutionsResponse, Error> {
    let limit = if request.limit == 0 { DEFAULT } else { request.limit };
    if !(1..=MOST).contains(&limit) {
        let mut problems = Problems::default();
        problems.refused("limit", format!("must be from 1 to {MOST}"));
        problems.finish()?;
    }
    let page = Page::parse(limit, &request.page_token).map_err(Error::Refused)?;
    let mut rows = match call.workspace {
        Some(workspace) => read(&mut *WorkspaceTx::read(&service.db, workspace).await?, call, page).await?,
        None => read(&mut *SystemTx::read(&service.db, "find open executions").await?, call, page).await?,
    };
    let next_page_token = page.cut(&mut rows, |row| row.entry_id);
    let executions = rows.into_iter().map(|row| row.shown(service)).collect();
    Ok(ListOpenExecutionsResponse { executions, next_page_token })
}

async fn read(tx: &mut Tx, call: &Call, page: Page) -> Result<Vec<OpenRow>, store::Error> {
    let after = page.after.unwrap_or(Uuid::nil());
    tx.fetch_all(sql!("execution/list_open"), &[call.workspace.into(), after.into(), page.fetch().into()]).await
}

impl OpenRow {
    /// One whose title does not open any more has to be looked after all the same.
    fn shown(self, service: &Workspace) -> OwnedExecution {
        let (wrapped, row) = self.split();
        let titled = wrapped.and_then(|wrapped| {
            let sealer = data_key::unwrap(service, row.workspace_id, &wrapped).ok()?.sealer();
            row.title(&sealer).ok()
        });
        row.titled(titled.unwrap_or_default())
    }

    fn split(self) -> (Option<Vec<u8>>, ExecutionRow) {
        let row = ExecutionRow {
            execution_id: self.execution_id,
            workspace_id: self.workspace_id,
            entry_id: self.entry_id,
            created_by: self.created_by,
            depth: self.depth,
            sealed_title: self.sealed_title,
            created_at: self.created_at,
            closed_at: self.closed_at,
            outcome: self.outcome,
        };
        (self.wrapped, row)
    }
}
