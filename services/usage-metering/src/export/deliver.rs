//! How does the file of an export get to its destination?
//!
//! An export is written first and delivered from what is kept of it, so that it can be downloaded whatever its destination
//! says. One process takes a delivery and says every 20 s that it lives; one that is silent for a minute has lost it. A try
//! that fails is repeated after a pause that grows; the export says how it stands.

mod email;
pub(super) mod s3;

use super::{
    ExportRow,
    destination::{Credential, Destination, Slot, unknown},
    work::keep_on,
    write::SILENCE,
};
use crate::{Error, schedule, service::Inner};
use chrono::{DateTime, TimeDelta, Utc};
use host::Tasks;
use proto::Failure;
use std::{sync::Arc, time::Duration};
use store::{Sql, SystemTx, WorkspaceTx, sql};
use tokio_util::sync::CancellationToken;

const UNDELIVERED: Sql = sql!("export/undelivered");
const TAKE: Sql = sql!("export/take_delivery");
const KEEP: Sql = sql!("export/keep_delivery");
const MAILS_WAITING: Sql = sql!("export/mails_waiting");
const END: Sql = sql!("export/end_delivery");

/// Files that one process sends at once.
const SENDERS: usize = 2;
const BEAT: Duration = Duration::from_secs(20);
/// Tries that may fail: with the pauses between them more than four hours.
const MAX_FAILURES: i64 = 10;
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

/// How a try ended.
enum Ended {
    /// It is there: where, and what went wrong beside.
    Delivered { location: String, beside: String },
    /// Somebody else has it, or it is no more.
    Lost,
    /// The process stops.
    Leaving,
    /// Why not, in words for the workspace.
    Failed(String),
    /// Why not, and that no further try would change it.
    GivenUp(String),
    /// It may not be now, and why; nothing has failed.
    Postponed(DateTime<Utc>, String),
}

/// Delivers what is due until the process stops.
pub(super) fn start(inner: &Arc<Inner>, tasks: &Tasks) {
    for _ in 0..SENDERS {
        keep_on(tasks, "deliver exports", inner, |exports| &exports.written, next);
    }
    let counted = inner.clone();
    drop(tasks.every("count letters with exports", mail::waiting::EVERY, move || {
        let inner = counted.clone();
        async move {
            if let Err(error) = show(&inner).await {
                tracing::warn!(%error, "letters that wait were not counted");
            }
        }
    }));
}

/// Shows operators how many letters wait. Errors: the database failed.
async fn show(inner: &Inner) -> Result<(), Error> {
    let mut tx = SystemTx::read(&inner.db, "count exports to send").await?;
    let (waiting,): (i64,) = tx.fetch_one(MAILS_WAITING, &[]).await?;
    tx.commit().await?;
    mail::waiting::show("usage-metering", waiting);
    Ok(())
}

/// Takes and delivers one export; false if none is due. Errors: the database failed.
async fn next(inner: Arc<Inner>, stopping: CancellationToken) -> Result<bool, Error> {
    let now = inner.clock.now();
    let mut tx = SystemTx::read(&inner.db, "find exports to deliver").await?;
    let Some(mut row): Option<ExportRow> = tx.fetch_optional(UNDELIVERED, &[now.into()]).await? else {
        return Ok(false);
    };
    drop(tx);
    if !hold(&inner, &row, TAKE).await? {
        return Ok(true);
    }
    row.delivery_tries += 1;
    let ended = tokio::select! {
        ended = send(&inner, &row) => ended,
        ended = beat(&inner, &row) => ended,
        () = stopping.cancelled() => Ended::Leaving,
    };
    settle(&inner, &row, ended).await?;
    Ok(true)
}

/// Says again and again that this process delivers it, until that is not so any more.
async fn beat(inner: &Inner, row: &ExportRow) -> Ended {
    loop {
        tokio::time::sleep(BEAT).await;
        match hold(inner, row, KEEP).await {
            Ok(true) => {}
            Ok(false) => return Ended::Lost,
            // It is known in time: a minute has passed without a word only after two more beats.
            Err(error) => tracing::warn!(%error, "a delivery cannot be held on to now"),
        }
    }
}

async fn hold(inner: &Inner, row: &ExportRow, statement: Sql) -> Result<bool, Error> {
    let until = inner.clock.now() + SILENCE;
    let mut tx = WorkspaceTx::begin(&inner.db, row.workspace_id).await?;
    let values = [row.workspace_id.into(), row.id.into(), row.delivery_tries.into(), until.into()];
    let held = tx.execute(statement, &values).await? > 0;
    tx.commit().await?;
    Ok(held)
}

async fn send(inner: &Inner, row: &ExportRow) -> Ended {
    match try_send(inner, row).await {
        Ok(ended) => ended,
        Err(error @ (Error::NoMail | Error::Peer(_))) => {
            tracing::warn!(export = %row.id, workspace = %row.workspace_id, %error, "an export cannot be delivered");
            Ended::Failed(Failure::from(error).message)
        }
        Err(error) => {
            tracing::warn!(export = %row.id, workspace = %row.workspace_id, %error, "an export cannot be delivered");
            Ended::Failed("its file cannot be read now".to_owned())
        }
    }
}

/// Errors: what the workspace can do nothing about.
async fn try_send(inner: &Inner, row: &ExportRow) -> Result<Ended, Error> {
    let exports = &inner.exports;
    match Destination::parse(&row.destination)? {
        Destination::S3(s3) => {
            let slot = Slot::export(row.workspace_id, row.id);
            let credential = Credential::open(exports, slot, row.credential.as_deref().ok_or_else(unknown)?)?;
            let file = exports.place.read(row).await?;
            Ok(match s3::send(&exports.http, &s3, &credential, row, file).await? {
                Ok(location) => Ended::Delivered { location, beside: String::new() },
                Err(why) => Ended::Failed(why),
            })
        }
        Destination::Email(email) => email::send(inner, &email, row).await,
        Destination::Download => Err(unknown()),
    }
}

/// Notes how it ended.
async fn settle(inner: &Inner, row: &ExportRow, ended: Ended) -> Result<(), Error> {
    let now = inner.clock.now();
    match ended {
        Ended::Lost => Ok(()),
        Ended::Leaving => end(inner, row, "waiting", Some(now), 0, "", "").await,
        Ended::Delivered { location, beside } => end(inner, row, "delivered", None, 0, &beside, &location).await,
        Ended::Postponed(until, why) => end(inner, row, "waiting", Some(until), 0, &why, "").await,
        Ended::GivenUp(why) => end(inner, row, "failed", None, 1, &why, "").await,
        Ended::Failed(why) => {
            tracing::warn!(export = %row.id, workspace = %row.workspace_id, why, "an export was not delivered");
            let pause = TimeDelta::seconds(60 << row.delivery_failures.clamp(0, 6)).min(LONGEST_PAUSE);
            if row.delivery_failures + 1 >= MAX_FAILURES {
                end(inner, row, "failed", None, 1, &why, "").await
            } else {
                end(inner, row, "waiting", Some(now + pause), 1, &why, "").await
            }
        }
    }
}

async fn end(
    inner: &Inner,
    row: &ExportRow,
    delivery: &str,
    due: Option<DateTime<Utc>>,
    failures: i64,
    error: &str,
    location: &str,
) -> Result<(), Error> {
    let delivered_at = (delivery == "delivered").then(|| inner.clock.now());
    let mut tx = WorkspaceTx::begin(&inner.db, row.workspace_id).await?;
    let values = [
        row.workspace_id.into(),
        row.id.into(),
        row.delivery_tries.into(),
        delivery.into(),
        due.into(),
        failures.into(),
        error.into(),
        delivered_at.into(),
        location.into(),
    ];
    let noted = tx.execute(END, &values).await? > 0;
    // What has not arrived is in the next export of its schedule once more.
    if let Some(schedule) = row.schedule_id.filter(|_| noted) {
        match delivery {
            "delivered" => schedule::succeeded(&mut tx, row.workspace_id, schedule, row.period_to).await?,
            "failed" => schedule::failed(&mut tx, row.workspace_id, schedule, error).await?,
            _ => {}
        }
    }
    Ok(tx.commit().await?)
}
