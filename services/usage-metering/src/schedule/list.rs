//! Which schedules are there?

use super::ScheduleRow;
use proto::{
    Page,
    id::WorkspaceId,
    usage::{ExportSchedule, ListExportSchedulesRequest, ListExportSchedulesResponse},
};
use store::{Db, Sql, WorkspaceTx, sql};
use tonic::Status;

const LIST: Sql = sql!("export_schedule/list");

/// Newest first. Errors: `INVALID_ARGUMENT` for a page that means nothing.
pub(crate) async fn list(
    db: &Db,
    workspace: WorkspaceId,
    request: &ListExportSchedulesRequest,
) -> Result<ListExportSchedulesResponse, Status> {
    let page = Page::parse(request.page_size, &request.page_token)?;
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let mut rows: Vec<ScheduleRow> =
        tx.fetch_all(LIST, &[workspace.into(), page.after.into(), page.fetch().into()]).await?;
    let next_page_token = page.cut(&mut rows, |row| row.id.uuid());
    Ok(ListExportSchedulesResponse { schedules: rows.into_iter().map(ExportSchedule::from).collect(), next_page_token })
}
