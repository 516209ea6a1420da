//! Ends a schedule.

use crate::{Error, act, service::Inner};
use proto::{
    Call,
    id::{ScheduleId, WorkspaceId},
    usage::DeleteExportScheduleResponse,
};
use serde_json::json;
use store::{Sql, WorkspaceTx, sql};

const DELETE: Sql = sql!("export_schedule/delete");

/// What it has exported stays. Errors: `NOT_FOUND`.
pub(crate) async fn delete(
    inner: &Inner,
    call: &Call,
    workspace: WorkspaceId,
    id: &str,
) -> Result<DeleteExportScheduleResponse, Error> {
    let id: ScheduleId = id.parse().map_err(|_| Error::UnknownSchedule)?;
    let mut tx = WorkspaceTx::begin(&inner.db, workspace).await?;
    if tx.execute(DELETE, &[workspace.into(), id.into()]).await? == 0 {
        return Err(Error::UnknownSchedule);
    }
    act::tell(inner, &mut tx, call, "export_schedule.deleted", id, json!({}));
    tx.commit().await?;
    Ok(DeleteExportScheduleResponse {})
}
