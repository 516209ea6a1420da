//! Which exports are there?

use super::ExportRow;
use proto::{
    Page,
    id::WorkspaceId,
    usage::{Export, ListExportsRequest, ListExportsResponse},
};
use store::{Db, Sql, WorkspaceTx, sql};
use tonic::Status;

const LIST: Sql = sql!("export/list");

/// Newest first. Errors: `INVALID_ARGUMENT` for a page that means nothing.
pub(crate) async fn list(
    db: &Db,
    workspace: WorkspaceId,
    request: &ListExportsRequest,
) -> Result<ListExportsResponse, Status> {
    let page = Page::parse(request.page_size, &request.page_token)?;
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let values = [workspace.into(), page.after.into(), page.fetch().into()];
    let mut rows: Vec<ExportRow> = tx.fetch_all(LIST, &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.id.uuid());
    Ok(ListExportsResponse { exports: rows.into_iter().map(Export::from).collect(), next_page_token })
}
