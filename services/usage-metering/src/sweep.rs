//! Which grants has their holder lost?
//!
//! A gateway process says every 5 s that it lives. When it is silent for 15 s, or a grant outlives its time, the grant
//! becomes a ledger row with the outcome `incomplete`. Several processes may sweep: whoever deletes the row of an open
//! grant writes its ledger row, in the same transaction.

use crate::{
    Error,
    event::Admitted,
    fold, limit, price,
    row::{StoredGrant, bounded},
    service::Inner,
};
use chrono::{DateTime, TimeDelta, Utc};
use fail::fail_point;
use host::Tasks;
use proto::usage::HeartbeatResponse;
use std::{sync::Arc, time::Duration};
use store::{GlobalTx, Sql, SystemTx, sql};
use tokio::time::Instant;

const BEAT: Sql = sql!("instance/beat");
const FORGET: Sql = sql!("instance/forget");
const ORPHANS: Sql = sql!("open_grant/orphans");

/// Grants per transaction.
const BATCH: i64 = 1_000;
/// Instances that hold nothing are remembered for a day.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

impl Inner {
    /// Notes that a gateway process lives. Errors: `SERVICE_UNAVAILABLE`, `INVALID_ARGUMENT`.
    pub async fn heartbeat(&self, instance: &str) -> Result<HeartbeatResponse, Error> {
        if instance.is_empty() {
            return Err(Error::invalid("instance_id", "must be given"));
        }
        let mut tx = GlobalTx::begin(&self.db).await?;
        tx.execute(BEAT, &[bounded(instance.to_owned(), 256).into(), self.clock.now().into()]).await?;
        tx.commit().await?;
        Ok(HeartbeatResponse {})
    }
}

/// Sweeps and tends counters until the process stops.
pub(crate) fn start(inner: &Arc<Inner>, tasks: &Tasks) {
    let swept = inner.clone();
    // Since when heartbeats could arrive: while the database or this process was away, silence meant nothing.
    let mut listening = Instant::now();
    // A lost grant is swept at most a third later than its lease ends.
    let every = Duration::from_secs(inner.config.lease_seconds.max(1)) / 3;
    drop(tasks.spawn("sweep orphaned grants", {
        let stopping = tasks.stopping();
        async move {
            while stopping.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
                if let Err(error) = round(&swept, listening).await {
                    tracing::warn!(%error, "orphaned grants cannot be swept now");
                    listening = Instant::now();
                }
            }
        }
    }));
    if inner.counters.is_shared() {
        let held = inner.clone();
        drop(tasks.every("tend shares of limits", Duration::from_millis(100), move || {
            let inner = held.clone();
            async move { inner.counters.tend_leases().await }
        }));
    }
    let tended = inner.clone();
    drop(tasks.every("tend limit counters", Duration::from_secs(1), move || {
        let inner = tended.clone();
        async move {
            inner.metrics.open.set(i64::try_from(inner.open.len()).unwrap_or(i64::MAX));
            inner.counters.tend(inner.clock.now().timestamp_millis()).await;
        }
    }));
}

/// Sweeps every open grant: they belong to a process that is no more. Errors: the database cannot be used.
pub(crate) async fn all(inner: &Inner) -> Result<(), Error> {
    let swept = sweep(inner, far(), far()).await?;
    if swept > 0 {
        tracing::info!(grants = swept, "grants that the last process left open are incomplete");
    }
    Ok(())
}

async fn round(inner: &Inner, listening: Instant) -> Result<(), Error> {
    let now = inner.clock.now();
    let lease = Duration::from_secs(inner.config.lease_seconds);
    let silent_since = if listening.elapsed() < lease { DateTime::UNIX_EPOCH } else { now - lease };
    sweep(inner, now, silent_since).await?;
    // A holder that still settles these gets its answer from the tables.
    inner.open.take_expired((now - lease).timestamp_micros());
    let mut tx = SystemTx::begin(&inner.db, "forget instances").await?;
    tx.execute(FORGET, &[(now - REMEMBERED).into()]).await?;
    Ok(tx.commit().await?)
}

async fn sweep(inner: &Inner, now: DateTime<Utc>, silent_since: DateTime<Utc>) -> Result<usize, Error> {
    let mut total = 0;
    loop {
        price::load(&inner.prices, &inner.db).await?;
        let mut tx = SystemTx::begin(&inner.db, "sweep orphaned grants").await?;
        let values = [now.into(), silent_since.into(), BATCH.into()];
        let grants: Vec<StoredGrant> = tx.fetch_all(ORPHANS, &values).await?;
        let grants: Vec<_> = grants.into_iter().map(Admitted::from).collect();
        let added = fold::sweep(&mut tx, &grants, inner.clock.now().timestamp_micros(), &inner.prices).await?;
        fail_point!("usage::sweep::before_commit");
        tx.commit().await?;
        fail_point!("usage::sweep::after_commit");
        inner.metrics.written(&added);
        inner.daily.add(added.daily);
        for grant in &grants {
            let key = grant.key();
            let limits = inner.open.take(&key).map_or_else(|| limit::from_text(&grant.reserved), |grant| grant.limits);
            // As its row counts it.
            let spent = inner.price(grant).spent(&limits, &grant.guessed());
            inner.counters.release(&key, &limits, Some(&spent), inner.clock.now().timestamp_millis()).await;
        }
        inner.metrics.swept.inc_by(grants.len() as u64);
        total += grants.len();
        if grants.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(total);
        }
    }
}

/// Later than any grant, and a time that both databases know.
fn far() -> DateTime<Utc> {
    DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
