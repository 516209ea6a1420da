//! Executions of a workspace, newest first.

use super::{ExecutionRow, OUTCOMES, needs};
use crate::{Workspace, credential::seal, error::Error, problems::Problems};
use proto::{
    Call, Page, Permission,
    id::WorkspaceId,
    workspace::{ListExecutionsRequest, ListExecutionsResponse},
};
use store::{WorkspaceTx, sql};
use uuid::Uuid;

/// One page of them. Errors: `PERMISSION_DENIED`, `INVALID_ARGUMENT`, `REFUSED_VALUE` for a status that none has.
pub(crate) async fn list(
    service: &Workspace,
    call: &Call,
    workspace: WorkspaceId,
    request: ListExecutionsRequest,
) -> Result<ListExecutionsResponse, Error> {
    needs(call, Permission::ExecutionsRead)?;
    let page = Page::parse(request.page_size, &request.page_token).map_err(Error::Refused)?;
    let outcome = outcome(&request.status)?;
    let before = page.after.unwrap_or(Uuid::max());
    let values = [workspace.into(), before.into(), outcome.into(), page.fetch().into()];
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let mut rows: Vec<ExecutionRow> = tx.fetch_all(sql!("execution/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.entry_id);
    let sealer = seal::sealer(service, &mut tx).await?;
    let executions = rows.into_iter().map(|row| row.opened(&sealer)).collect::<Result<_, _>>()?;
    Ok(ListExecutionsResponse { executions, next_page_token })
}

/// What an execution with this status has as its outcome. None: any.
fn outcome(status: &str) -> Result<Option<&str>, Error> {
    match status {
        "" => Ok(None),
        "open" => Ok(Some("")),
        status if OUTCOMES.contains(&status) => Ok(Some(status)),
        _ => {
            let mut problems = Problems::default();
            problems.refused("status", "must be open, completed, failed or cancelled");
            problems.finish().map(|()| None)
        }
    }
}
