//! Removes an export.

use super::get::find;
use crate::{Error, act, service::Inner};
use proto::{Call, id::WorkspaceId, usage::DeleteExportResponse};
use serde_json::json;
use store::{Sql, WorkspaceTx, sql};

const DELETE: Sql = sql!("export/delete");

/// A process that writes it finds its row gone, removes what it wrote, and stops. Errors: `NOT_FOUND`.
pub(crate) async fn delete(
    inner: &Inner,
    call: &Call,
    workspace: WorkspaceId,
    id: &str,
) -> Result<DeleteExportResponse, Error> {
    let row = find(&inner.db, workspace, id).await?;
    // The bytes first: a row without them is better than bytes that nobody knows.
    inner.exports.place.remove(&row).await?;
    let mut tx = WorkspaceTx::begin(&inner.db, workspace).await?;
    if tx.execute(DELETE, &[workspace.into(), row.id.into()]).await? == 0 {
        return Err(Error::UnknownExport);
    }
    act::tell(inner, &mut tx, call, "export.deleted", row.id, json!({ "kind": row.kind }));
    tx.commit().await?;
    Ok(DeleteExportResponse {})
}
