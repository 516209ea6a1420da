//! Ends a schedule.

use crate::Error;
use proto::{
    id::{ScheduleId, WorkspaceId},
    usage::DeleteExportScheduleResponse,
};
use store::{Db, Sql, WorkspaceTx, sql};

const DELETE: Sql = sql!("export_schedule/delete");

/// What it has exported stays. Errors: `NOT_FOUND`.
pub(crate) async fn delete(db: &Db, workspace: WorkspaceId, id: &str) -> Result<DeleteExportScheduleResponse, Error> {
    let id: ScheduleId = id.parse().map_err(|_| Error::UnknownSchedule)?;
    let mut tx = WorkspaceTx::begin(db, workspace).await?;
    if tx.execute(DELETE, &[workspace.into(), id.into()]).await? == 0 {
        return Err(Error::UnknownSchedule);
    }
    tx.commit().await?;
    Ok(DeleteExportScheduleResponse {})
}
