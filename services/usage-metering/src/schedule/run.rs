//! Which schedules are due?

use super::{ScheduleRow, Timetable};
use crate::{
    Error,
    export::{self, Credential, Destination, Format, Kind, Slot, Wish},
    read::Period,
    service::Inner,
};
use chrono::TimeDelta;
use host::Tasks;
use proto::id::ExportId;
use std::{sync::Arc, time::Duration};
use store::{Sql, SystemTx, WorkspaceTx, sql};

const DUE: Sql = sql!("export_schedule/due");
const ADVANCE: Sql = sql!("export_schedule/advance");
const COUNT_SCHEDULED: Sql = sql!("export/count_scheduled");

const LOOK: Duration = Duration::from_secs(1);
const BATCH: i64 = 50;
/// After the end of a period, until requests that arrived in it have ended and are settled.
const SETTLED: TimeDelta = TimeDelta::minutes(15);

/// Runs schedules until the process stops. Several processes may: each run is made by one of them.
pub(crate) fn start(inner: &Arc<Inner>, tasks: &Tasks) {
    let inner = inner.clone();
    drop(tasks.every("run export schedules", LOOK, move || {
        let inner = inner.clone();
        async move {
            if let Err(error) = run(&inner).await {
                tracing::warn!(%error, "schedules of exports cannot be run now");
            }
        }
    }));
}

/// Runs what is due now; what was missed is run once. Errors: the database failed.
async fn run(inner: &Inner) -> Result<(), Error> {
    loop {
        let mut tx = SystemTx::read(&inner.db, "find schedules to run").await?;
        let rows: Vec<ScheduleRow> = tx.fetch_all(DUE, &[inner.clock.now().into(), BATCH.into()]).await?;
        drop(tx);
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            run_one(inner, &row).await?;
        }
    }
}

async fn run_one(inner: &Inner, row: &ScheduleRow) -> Result<(), Error> {
    let now = inner.clock.now();
    let timetable = Timetable::parse(&row.cron, &row.time_zone)?;
    let known = Kind::parse(&row.kind).zip(Format::parse(&row.format));
    // A schedule that came from a newer release waits a day for it.
    let next = timetable.next(now).filter(|_| known.is_some()).unwrap_or(now + TimeDelta::days(1));
    let end = timetable.end_of(timetable.last(now).unwrap_or(now));
    let mut tx = WorkspaceTx::begin(&inner.db, row.workspace_id).await?;
    let key = [row.workspace_id.into(), row.id.into()];
    let [workspace, id] = key.clone();
    let values = [workspace, id, row.next_run_at.into(), next.into(), now.into()];
    if tx.execute(ADVANCE, &values).await? == 0 {
        return Ok(());
    }
    // While one is on its way nobody knows where the next begins; the run after covers both.
    let (open,): (i64,) = tx.fetch_one(COUNT_SCHEDULED, &key).await?;
    if let Some((kind, format)) = known.filter(|_| open == 0 && row.covered_until < end) {
        let (destination, credential) = destination(inner, row)?;
        let wish = Wish {
            id: ExportId::from_uuid(inner.exports.new_id()),
            schedule: Some(row.id),
            kind,
            format,
            period: Period { from: row.covered_until, to: end },
            destination: &destination,
            credential: credential.as_ref(),
            created_by: &row.id.to_string(),
            now,
            due: now.max(end + SETTLED),
        };
        export::insert(&inner.exports, &mut tx, row.workspace_id, &wish).await?;
    }
    tx.commit().await?;
    inner.exports.wake();
    Ok(())
}

/// Where its exports go, with what the storage asks for.
fn destination(inner: &Inner, row: &ScheduleRow) -> Result<(Destination, Option<Credential>), Error> {
    let open = |sealed: &Vec<u8>| Credential::open(&inner.exports, Slot::schedule(row.workspace_id, row.id), sealed);
    Ok((Destination::parse(&row.destination)?, row.credential.as_ref().map(open).transpose()?))
}
