//! Changes a schedule: pauses it, resumes it, sends what it exports elsewhere.

use super::{ScheduleRow, Timetable};
use crate::{
    Error, act,
    export::{Accepted, Kind, Slot, accept},
    service::Inner,
};
use proto::{
    Call,
    id::{ScheduleId, WorkspaceId},
    usage::{UpdateExportScheduleRequest, UpdateExportScheduleResponse},
};
use serde_json::json;
use store::{Sql, WorkspaceTx, sql};

const GET: Sql = sql!("export_schedule/get");
const PAUSE: Sql = sql!("export_schedule/pause");
const RESUME: Sql = sql!("export_schedule/resume");
const REDIRECT: Sql = sql!("export_schedule/redirect");

/// What is on its way still goes where it should when it was queued. A resumed schedule runs at its next time, and exports
/// what was missed while it was paused. Errors: `NOT_FOUND`, [`Error::Destination`].
pub(crate) async fn update(
    inner: &Inner,
    call: &Call,
    workspace: WorkspaceId,
    request: UpdateExportScheduleRequest,
) -> Result<UpdateExportScheduleResponse, Error> {
    let id: ScheduleId = request.schedule_id.parse().map_err(|_| Error::UnknownSchedule)?;
    let key = [workspace.into(), id.into()];
    let mut tx = WorkspaceTx::read(&inner.db, workspace).await?;
    let row: ScheduleRow = tx.fetch_optional(GET, &key).await?.ok_or(Error::UnknownSchedule)?;
    drop(tx);
    let wanted = match request.destination {
        None => None,
        destination => {
            let kind = Kind::parse(&row.kind).ok_or(Error::Refused { field: "kind", problem: "is not known here" })?;
            match accept::<UpdateExportScheduleResponse>(inner, workspace, None, kind, destination).await? {
                Accepted::Kept(answer) => return Ok(answer),
                Accepted::New(wanted) => Some(wanted),
            }
        }
    };
    let next = Timetable::parse(&row.cron, &row.time_zone)?.next(inner.clock.now());
    let never = Error::Refused { field: "cron", problem: "names a time that never comes" };
    let mut tx = WorkspaceTx::begin(&inner.db, workspace).await?;
    let mut facts = json!({});
    if let Some(wanted) = wanted {
        facts["destination"] = wanted.destination.kind().into();
        let credential = wanted.sealed(&inner.exports, Slot::schedule(workspace, id));
        let [workspace, id] = key.clone();
        tx.execute(REDIRECT, &[workspace, id, wanted.destination.to_text().into(), credential.into()]).await?;
    }
    match request.paused {
        Some(true) => drop(tx.execute(PAUSE, &key).await?),
        Some(false) => {
            let [workspace, id] = key.clone();
            tx.execute(RESUME, &[workspace, id, next.ok_or(never)?.into()]).await?;
        }
        None => {}
    }
    if let Some(paused) = request.paused.filter(|paused| *paused != row.paused) {
        facts["paused"] = paused.into();
    }
    // What changes nothing is no act.
    if facts.as_object().is_some_and(|facts| !facts.is_empty()) {
        act::tell(inner, &mut tx, call, "export_schedule.updated", id, facts);
    }
    // Somebody may have ended it meanwhile.
    let row: ScheduleRow = tx.fetch_optional(GET, &key).await?.ok_or(Error::UnknownSchedule)?;
    tx.commit().await?;
    Ok(UpdateExportScheduleResponse { schedule: Some(row.into()) })
}
