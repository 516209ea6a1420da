//! What has to be done now and then? Months are made ahead on PostgreSQL, and what nobody wants to keep goes.

use crate::{Error, config::Retention, read, service::Inner};
use chrono::{DateTime, Datelike as _, NaiveTime, TimeDelta, Utc};
use host::Tasks;
use std::{sync::Arc, time::Duration};
use store::{Sql, SystemTx, Value, sql};
use uuid::Uuid;

pub(crate) const MAKE_MONTHS: Sql = sql!(pair "upkeep/make_months");
const DROP_MONTHS: Sql = sql!(pair "upkeep/drop_months");

const FORGET_SWEPT: Sql = sql!("swept_grant/forget");

/// Longer than any month, whose quota a late settlement may change.
const SWEPT: TimeDelta = TimeDelta::days(40);

const EVERY: Duration = Duration::from_secs(3600);
/// Rows, or times of rows, per transaction.
const BATCH: i64 = 500;

/// A table that is pruned a workspace and a few rows at a time.
struct Table {
    next: Sql,
    delete: Sql,
}

const LEDGER: Table = Table { next: sql!("upkeep/ledger_next"), delete: sql!("upkeep/ledger_delete") };
const LOGS: Table = Table { next: sql!("upkeep/request_logs_next"), delete: sql!("upkeep/request_logs_delete") };
const MINUTES: Table = Table { next: sql!("upkeep/usage_minutes_next"), delete: sql!("upkeep/usage_minutes_delete") };
const QUARTERS: Table =
    Table { next: sql!("upkeep/usage_quarters_next"), delete: sql!("upkeep/usage_quarters_delete") };
const SPANS: Table = Table { next: sql!("upkeep/usage_spans_next"), delete: sql!("upkeep/usage_spans_delete") };
const EVENTS: Table = Table { next: sql!("upkeep/usage_events_next"), delete: sql!("upkeep/usage_events_delete") };
const RESOURCES: Table =
    Table { next: sql!("upkeep/resource_quarters_next"), delete: sql!("upkeep/resource_quarters_delete") };

/// Tends the tables every hour until the process stops.
pub(crate) fn start(inner: &Arc<Inner>, tasks: &Tasks) {
    let inner = inner.clone();
    drop(tasks.every("tend the tables of usage", EVERY, move || {
        let inner = inner.clone();
        async move {
            if let Err(error) = inner.tend().await {
                tracing::warn!(%error, "the tables of usage cannot be tended now");
            }
        }
    }));
}

impl Inner {
    /// One round. Errors: the database cannot be used.
    pub async fn tend(&self) -> Result<(), Error> {
        let now = self.clock.now();
        if !self.db.is_sqlite() {
            let mut tx = SystemTx::begin(&self.db, "make months").await?;
            tx.execute(MAKE_MONTHS, &[now.into()]).await?;
            tx.commit().await?;
        }
        self.forget_reservations().await?;
        self.forget_swept(now).await?;
        let Retention { ledger_days, logs_days, minutes_days, exports_days: _ } = self.config.retention;
        if let Some(before) = Retention::horizon(logs_days, now) {
            self.forget("request_logs", &LOGS, before).await?;
        }
        if let Some(before) = Retention::horizon(minutes_days, now) {
            self.prune(&MINUTES, before.into()).await?;
        }
        if let Some(before) = Retention::horizon(ledger_days, now) {
            self.forget("ledger", &LEDGER, before).await?;
            for table in [&QUARTERS, &SPANS, &EVENTS, &RESOURCES] {
                self.prune(table, before.into()).await?;
            }
        }
        Ok(())
    }

    async fn forget_swept(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let mut tx = SystemTx::begin(&self.db, "forget swept grants").await?;
        tx.execute(FORGET_SWEPT, &[(now - SWEPT).into()]).await?;
        Ok(tx.commit().await?)
    }

    /// Months are dropped whole; a row stays until its month may go. SQLite has none, and goes by the row.
    async fn forget(&self, name: &'static str, table: &Table, before: DateTime<Utc>) -> Result<(), Error> {
        if self.db.is_sqlite() {
            return self.prune(table, read::id_at(before.timestamp_micros()).into()).await;
        }
        let mut tx = SystemTx::begin(&self.db, "drop months").await?;
        let (dropped,): (i64,) = tx.fetch_one(DROP_MONTHS, &[name.into(), before.into()]).await?;
        tx.commit().await?;
        if dropped > 0 {
            tracing::info!(table = name, months = dropped, "old months of usage are dropped");
        }
        // What came before its month was made is in the default partition.
        let month = before.with_day(1).map_or(before, |day| day.date_naive().and_time(NaiveTime::MIN).and_utc());
        self.prune(table, read::id_at(month.timestamp_micros()).into()).await
    }

    async fn prune(&self, table: &Table, before: Value) -> Result<(), Error> {
        let mut after = Uuid::nil();
        loop {
            let mut tx = SystemTx::read(&self.db, "find old usage").await?;
            let next: Option<(Uuid,)> = tx.fetch_optional(table.next, &[after.into()]).await?;
            drop(tx);
            let Some((workspace,)) = next else { return Ok(()) };
            loop {
                let mut tx = SystemTx::begin(&self.db, "forget old usage").await?;
                let values = [workspace.into(), before.clone(), BATCH.into()];
                let deleted = tx.execute(table.delete, &values).await?;
                tx.commit().await?;
                if deleted == 0 {
                    break;
                }
            }
            after = workspace;
        }
    }
}
