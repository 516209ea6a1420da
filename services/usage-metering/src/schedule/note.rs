//! How did an export of a schedule end?

use chrono::{DateTime, Utc};
use proto::id::{ScheduleId, WorkspaceId};
use store::{Sql, Tx, sql};

const SUCCEEDED: Sql = sql!("export_schedule/succeeded");
const FAILED: Sql = sql!("export_schedule/failed");

/// Exports that may fail in a row before the schedule is paused.
const MAX_FAILURES: i64 = 5;

/// The next one begins where it ended. Errors: the database failed.
pub(crate) async fn succeeded(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ScheduleId,
    covered_until: DateTime<Utc>,
) -> Result<(), store::Error> {
    tx.execute(SUCCEEDED, &[workspace.into(), id.into(), covered_until.into()]).await.map(drop)
}

/// The next one begins where it began. Errors: the database failed.
pub(crate) async fn failed(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ScheduleId,
    error: &str,
) -> Result<(), store::Error> {
    tx.execute(FAILED, &[workspace.into(), id.into(), MAX_FAILURES.into(), error.into()]).await.map(drop)
}
