//! Until when may a process admit from what it holds?
//!
//! A row in SQL says so, and the process renews it; Redis has no say in it, so that an outage does not end it. Nobody
//! gives away what a process holds before its row has lapsed, and what it admitted last is in SQL or was refused.

use super::{PATIENT, Redis, epoch::Epoch, slot::Slot};
use crate::Error;
use std::{sync::Arc, time::Duration};
use store::{GlobalTx, Sql, sql};
use tokio::time::Instant;

const HOLD: Sql = sql!("counter_lease/hold");
const END: Sql = sql!("counter_lease/end");
const GET: Sql = sql!("counter_lease/get");
const BEFORE: Sql = sql!("counter_lease/before");
const FORGET: Sql = sql!("counter_lease/forget");

/// How far ahead a row says that its process may admit.
const LIFE: Duration = Duration::from_secs(12);
/// How much earlier the process stops by itself: clocks of processes differ.
const EARLIER: Duration = Duration::from_secs(2);
/// A renewal that took longer might not be seen by who looks for it after data was lost, or after the right has lapsed:
/// nobody takes a row for lapsed earlier than [`EARLIER`] and a second after its process has stopped.
const PROMPT: Duration = Duration::from_secs(3);
/// In milliseconds: rows of processes that are no more, used or not.
const KEPT_USED: i64 = 40 * 86_400_000;
const KEPT_UNUSED: i64 = 3_600_000;

/// The right to admit from what is held.
#[derive(Clone, Debug)]
pub(super) struct Tenure {
    pub id: String,
    pub epoch: String,
    /// From then on it is over.
    pub until: Instant,
    /// Something was admitted of which Redis does not know yet.
    pub used: bool,
    /// Who admits holds on to it until the grant is in SQL or was refused.
    pub admitting: Arc<Admissions>,
}

/// Everybody who admits has a copy.
#[derive(Debug, Default)]
pub(super) struct Admissions(pub Arc<()>);

/// What has become of a process that holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Lives,
    /// It admitted nothing of which Redis does not know.
    Gone,
    /// It may have admitted as much as it held.
    Lost,
}

impl Tenure {
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }
}

impl Redis {
    /// A new right. None: the epoch is over, or the database was slow. Errors: the database cannot be used.
    pub(super) async fn begin_tenure(&self, epoch: &Epoch) -> Result<Option<Tenure>, Error> {
        let id = self.ids.uuid().simple().to_string();
        let tenure =
            Tenure { id, epoch: epoch.epoch.clone(), until: Instant::now(), used: false, admitting: Arc::default() };
        self.hold(tenure).await
    }

    /// The same right for longer, with what it says about its use. None: it is over, and what was held may be somebody
    /// else's by now; or as for a new one. Errors: as for a new one.
    pub(super) async fn renew(&self, tenure: Tenure) -> Result<Option<Tenure>, Error> {
        if tenure.is_over() { Ok(None) } else { self.hold(tenure).await }
    }

    async fn hold(&self, tenure: Tenure) -> Result<Option<Tenure>, Error> {
        let begun = Instant::now();
        let life = i64::try_from(LIFE.as_millis()).unwrap_or(0);
        let mut tx = GlobalTx::begin(&self.db).await?;
        let values =
            [tenure.id.as_str().into(), tenure.epoch.as_str().into(), (self.now() + life).into(), tenure.used.into()];
        let held = tx.execute(HOLD, &values).await?;
        tx.commit().await?;
        let until = begun + LIFE.saturating_sub(EARLIER);
        Ok((held > 0 && begun.elapsed() < PROMPT).then_some(Tenure { until, ..tenure }))
    }

    /// Gives the right up; what was admitted from it is in SQL or was refused. Errors: the database cannot be used.
    pub(super) async fn end_tenure(&self, id: &str) -> Result<(), Error> {
        let mut tx = GlobalTx::begin(&self.db).await?;
        tx.execute(END, &[id.into()]).await?;
        Ok(tx.commit().await?)
    }

    /// Whether somebody may still admit from what was held in an earlier epoch. Errors: the database cannot be used.
    pub(super) async fn is_leased_before(&self, epoch: &Epoch) -> Result<bool, Error> {
        let mut tx = GlobalTx::read(&self.db).await?;
        let values = [epoch.epoch.as_str().into(), (self.now() - self.grace_ms).into()];
        let (count,): (i64,) = tx.fetch_one(BEFORE, &values).await?;
        Ok(count > 0)
    }

    /// Errors: the database cannot be used.
    pub(super) async fn holder(&self, id: &str) -> Result<Holder, Error> {
        let mut tx = GlobalTx::read(&self.db).await?;
        let row: Option<(i64, bool)> = tx.fetch_optional(GET, &[id.into()]).await?;
        Ok(match row {
            Some((until, _)) if until + self.grace_ms > self.now() => Holder::Lives,
            Some((_, true)) => Holder::Lost,
            Some((_, false)) | None => Holder::Gone,
        })
    }

    /// Errors: the database cannot be used.
    pub(super) async fn forget_tenures(&self) -> Result<(), Error> {
        let (now, mut tx) = (self.now(), GlobalTx::begin(&self.db).await?);
        tx.execute(FORGET, &[(now - KEPT_USED).into(), (now - KEPT_UNUSED).into()]).await?;
        Ok(tx.commit().await?)
    }

    /// Since when a slot is closed, where it is opened again from SQL. Errors: [`Error::CountersAway`].
    pub(super) async fn closed_at(&self, slot: &Slot) -> Result<Option<i64>, Error> {
        let mut manager = self.manager();
        self.within("GET", PATIENT, ::redis::cmd("GET").arg(slot.closed()).query_async(&mut manager)).await
    }
}
