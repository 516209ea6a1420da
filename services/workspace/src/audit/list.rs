//! What happened, newest first?

use super::{filter, row::AuditRow};
use crate::{Workspace, error::Error};
use proto::{
    Page,
    id::WorkspaceId,
    workspace::{AuditEvent, AuditFilter, ListAuditEventsResponse},
};
use store::{WorkspaceTx, sql};

/// One page of it. Errors: `REFUSED_VALUE`, `INVALID_ARGUMENT` for a filter that means nothing.
pub(crate) async fn list(
    service: &Workspace,
    workspace: WorkspaceId,
    page: Page,
    filter: Option<AuditFilter>,
) -> Result<ListAuditEventsResponse, Error> {
    let [from, to, actor, action] = filter::values(filter)?;
    let values = [workspace.into(), page.after.into(), from, to, actor, action, page.fetch().into()];
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let mut rows: Vec<AuditRow> = tx.fetch_all(sql!("audit/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.event_id.uuid());
    Ok(ListAuditEventsResponse { events: rows.into_iter().map(AuditEvent::from).collect(), next_page_token })
}
