//! Begins a schedule.

use super::{ScheduleRow, Timetable};
use crate::{
    Error, act,
    export::{self, Accepted, Slot},
    service::Inner,
};
use proto::{
    Call,
    id::{ScheduleId, WorkspaceId},
    usage::{CreateExportScheduleRequest, CreateExportScheduleResponse},
};
use serde_json::json;
use store::{
    Sql, WorkspaceTx,
    replay::{self, Claim},
    sql,
};

const PASS: Sql = sql!("export_gate/pass");
const COUNT: Sql = sql!("export_schedule/count");
const INSERT: Sql = sql!("export_schedule/insert");
const GET: Sql = sql!("export_schedule/get");

/// Schedules of one workspace.
const MAX: i64 = 20;

/// Its first export begins where the run before now would have ended. Errors: `REFUSED_VALUE`, `PERMISSION_DENIED`
/// without the permission of what is exported, `CONFLICT` where there are too many, `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn create(
    inner: &Inner,
    call: &Call,
    workspace: WorkspaceId,
    request: CreateExportScheduleRequest,
) -> Result<CreateExportScheduleResponse, Error> {
    let (sealer, now) = (inner.exports.sealer(), inner.clock.now());
    let asked = || replay::Request::of(call, "CreateExportSchedule", Some(workspace), &request);
    let (kind, format) = (export::kind(call, &request.kind)?, export::format(&request.format)?);
    let zone = if request.time_zone.is_empty() { "UTC" } else { &request.time_zone };
    let timetable = Timetable::parse(&request.cron, zone)?;
    let never = Error::Refused { field: "cron", problem: "names a time that never comes" };
    let next = timetable.next(now).ok_or(never)?;
    let covered = timetable.end_of(timetable.last(now).unwrap_or(now));
    let wanted = match export::accept(inner, workspace, asked(), kind, request.destination.clone()).await? {
        Accepted::Kept(answer) => return Ok(CreateExportScheduleResponse { replayed: true, ..answer }),
        Accepted::New(wanted) => wanted,
    };
    let mut tx = WorkspaceTx::begin(&inner.db, workspace).await?;
    let place = match replay::claim(&mut tx, &sealer, asked(), now).await.map_err(Error::Replay)? {
        Claim::Kept(answer) => return Ok(CreateExportScheduleResponse { replayed: true, ..answer }),
        Claim::New(place) => place,
    };
    tx.execute(PASS, &[workspace.into()]).await?;
    let (count,): (i64,) = tx.fetch_one(COUNT, &[workspace.into()]).await?;
    if count >= MAX {
        return Err(Error::TooManySchedules(MAX));
    }
    let id = ScheduleId::from_uuid(inner.exports.new_id());
    let values = [
        workspace.into(),
        id.into(),
        kind.as_str().into(),
        format.as_str().into(),
        request.cron.as_str().into(),
        zone.into(),
        wanted.destination.to_text().into(),
        call.actor().into(),
        now.into(),
        next.into(),
        covered.into(),
        wanted.sealed(&inner.exports, Slot::schedule(workspace, id)).into(),
    ];
    tx.execute(INSERT, &values).await?;
    let facts = json!({ "kind": kind.as_str(), "cron": request.cron, "destination": wanted.destination.kind() });
    act::tell(inner, &mut tx, call, "export_schedule.created", id, facts);
    let row: ScheduleRow = tx.fetch_one(GET, &[workspace.into(), id.into()]).await?;
    let answer = CreateExportScheduleResponse { schedule: Some(row.into()), replayed: false };
    place.keep(&mut tx, &sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}
