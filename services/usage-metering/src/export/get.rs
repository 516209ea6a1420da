//! One export.

use super::ExportRow;
use crate::Error;
use proto::{
    id::{ExportId, WorkspaceId},
    usage::GetExportResponse,
};
use store::{Db, Sql, WorkspaceTx, sql};

const GET: Sql = sql!("export/get");

/// Errors: `NOT_FOUND`, also for what belongs to another workspace.
pub(crate) async fn get(db: &Db, workspace: WorkspaceId, id: &str) -> Result<GetExportResponse, Error> {
    Ok(GetExportResponse { export: Some(find(db, workspace, id).await?.into()) })
}

/// Its row. Errors: as for [`get`].
pub(super) async fn find(db: &Db, workspace: WorkspaceId, id: &str) -> Result<ExportRow, Error> {
    let id: ExportId = id.parse().map_err(|_| Error::UnknownExport)?;
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let row = tx.fetch_optional(GET, &[workspace.into(), id.into()]).await?;
    row.ok_or(Error::UnknownExport)
}
