//! Which exports are to be written now, and what becomes of them?

use super::{
    ExportRow, Exports, deliver,
    expire::expire,
    write::{SILENCE, Stopped, write},
};
use crate::{Error, schedule, service::Inner};
use chrono::{DateTime, TimeDelta, Utc};
use host::Tasks;
use proto::Failure;
use std::{sync::Arc, time::Duration};
use store::{Sql, SystemTx, WorkspaceTx, replay, sql};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

const DUE: Sql = sql!("export/due");
const CLAIM: Sql = sql!("export/claim");
const FINISH: Sql = sql!("export/finish");
const PUT_BACK: Sql = sql!("export/put_back");
const ORPHANED: Sql = sql!("export/orphaned");

/// Exports that one process writes at once.
const WRITERS: usize = 2;
/// How often a process looks for exports that others left.
const LOOK: Duration = Duration::from_secs(1);
const UPKEEP: Duration = Duration::from_secs(60);
/// Failures after which an export is given up, and tries that ended without a word.
const MAX_FAILURES: i64 = 5;
const MAX_TRIES: i64 = 20;

/// Writes what is due until the process stops. `alone`: no other process works on this database, so that exports which
/// say that they are being written have lost their writer. Errors: the database failed.
pub(crate) async fn start(inner: &Arc<Inner>, tasks: &Tasks, alone: bool) -> Result<(), Error> {
    if alone {
        let mut tx = SystemTx::begin(&inner.db, "take up exports").await?;
        tx.execute(ORPHANED, &[]).await?;
        tx.commit().await?;
    }
    for _ in 0..WRITERS {
        keep_on(tasks, "write exports", inner, |exports| &exports.wake, next);
    }
    deliver::start(inner, tasks);
    let tended = inner.clone();
    drop(tasks.every("tend exports", UPKEEP, move || {
        let inner = tended.clone();
        async move {
            if let Err(error) = expire(&inner).await {
                tracing::warn!(%error, "old exports were not removed");
            }
            if let Err(error) = replay::prune(&inner.db, inner.clock.now()).await {
                tracing::warn!(%error, "answers that are not given again were not removed");
            }
        }
    }));
    Ok(())
}

/// Does what is due until the process stops: `next` says whether it found something, `wake` that something may be due.
pub(super) fn keep_on<F>(
    tasks: &Tasks,
    name: &'static str,
    inner: &Arc<Inner>,
    wake: fn(&Exports) -> &Notify,
    next: impl Fn(Arc<Inner>, CancellationToken) -> F + Send + 'static,
) where
    F: Future<Output = Result<bool, Error>> + Send,
{
    let (inner, stopping) = (inner.clone(), tasks.stopping());
    drop(tasks.spawn(name, async move {
        while !stopping.is_cancelled() {
            match next(inner.clone(), stopping.clone()).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, task = name, "it cannot be done now"),
            }
            tokio::select! {
                () = wake(&inner.exports).notified() => {}
                () = tokio::time::sleep(LOOK) => {}
                () = stopping.cancelled() => {}
            }
        }
    }));
}

/// Claims and writes one export; false if none is due. Errors: the database failed.
async fn next(inner: Arc<Inner>, stopping: CancellationToken) -> Result<bool, Error> {
    let now = inner.clock.now();
    let mut tx = SystemTx::read(&inner.db, "find exports to write").await?;
    let Some(mut row): Option<ExportRow> = tx.fetch_optional(DUE, &[now.into()]).await? else { return Ok(false) };
    drop(tx);
    let mut tx = SystemTx::begin(&inner.db, "write exports").await?;
    let values = [row.workspace_id.into(), row.id.into(), row.tries.into(), (now + SILENCE).into()];
    let claimed = tx.execute(CLAIM, &values).await? > 0;
    tx.commit().await?;
    if !claimed {
        return Ok(true);
    }
    (row.tries, row.row_count, row.byte_count) = (row.tries + 1, 0, 0);
    let ended = if row.tries > MAX_TRIES {
        Err(Stopped::Failed(Error::ExportFailed("it was interrupted too often".to_owned())))
    } else {
        write(&inner, &mut row, &stopping).await
    };
    settle(&inner, &row, ended).await?;
    Ok(true)
}

/// Notes how it ended.
async fn settle(inner: &Inner, row: &ExportRow, ended: Result<(), Stopped>) -> Result<(), Error> {
    let (now, done) = (inner.clock.now(), ended.is_ok());
    let noted = match ended {
        Ok(()) => {
            let kept = TimeDelta::days(inner.config.retention.exports_days.into());
            finish(inner, row, "done", "", Some(now + kept)).await?
        }
        Err(Stopped::Leaving) => put_back(inner, row, now, "", 0).await?,
        Err(Stopped::Lost) => false,
        Err(Stopped::Failed(error)) => {
            tracing::warn!(export = %row.id, workspace = %row.workspace_id, %error, "an export failed");
            // What only operators may know stays in the log.
            let told = Failure::from(error).message;
            if row.failures + 1 >= MAX_FAILURES || row.tries > MAX_TRIES {
                finish(inner, row, "failed", &told, None).await?
            } else {
                let pause = TimeDelta::seconds(30 << row.failures.clamp(0, 6));
                put_back(inner, row, now + pause, &told, 1).await?
            }
        }
    };
    if !(noted && done) {
        inner.exports.place.remove(row).await?;
    }
    Ok(())
}

async fn finish(
    inner: &Inner,
    row: &ExportRow,
    status: &str,
    error: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Result<bool, Error> {
    let mut tx = WorkspaceTx::begin(&inner.db, row.workspace_id).await?;
    let values = [
        row.workspace_id.into(),
        row.id.into(),
        row.tries.into(),
        status.into(),
        row.row_count.into(),
        row.byte_count.into(),
        error.into(),
        inner.clock.now().into(),
        expires_at.into(),
    ];
    let noted = tx.execute(FINISH, &values).await? > 0;
    if let Some(schedule) = row.schedule_id.filter(|_| noted) {
        match status {
            // What is to be delivered has arrived later, or not.
            "done" if row.delivery == "waiting" => {}
            "done" => schedule::succeeded(&mut tx, row.workspace_id, schedule, row.period_to).await?,
            _ => schedule::failed(&mut tx, row.workspace_id, schedule, error).await?,
        }
    }
    tx.commit().await?;
    inner.exports.written.notify_one();
    Ok(noted)
}

async fn put_back(
    inner: &Inner,
    row: &ExportRow,
    due: DateTime<Utc>,
    error: &str,
    failures: i64,
) -> Result<bool, Error> {
    let mut tx = WorkspaceTx::begin(&inner.db, row.workspace_id).await?;
    let values = [row.workspace_id.into(), row.id.into(), row.tries.into(), due.into(), error.into(), failures.into()];
    let noted = tx.execute(PUT_BACK, &values).await? > 0;
    tx.commit().await?;
    Ok(noted)
}
