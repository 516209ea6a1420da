//! Who works on an execution?

use crate::{Error, service::Inner};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::ExecutionId;
use store::{GlobalTx, sql};

/// For how long a worker that says nothing is believed to live.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// An execution that this worker works on from now on.
pub(crate) struct Claimed {
    pub id: ExecutionId,
    /// What it writes from now on names this.
    pub epoch: i64,
}

store::row! {
    struct Claimable {
        id: ExecutionId,
        epoch: i64,
        started_at: Option<DateTime<Utc>>,
        lease_until: Option<DateTime<Utc>>,
        left_at: Option<DateTime<Utc>>,
        idle_ms: i64,
    }
}

impl Claimable {
    /// For how long nobody has worked on it by now, in milliseconds.
    fn idle_ms(&self, now: DateTime<Utc>) -> i64 {
        let Some(began) = self.started_at else { return 0 };
        // Of one that has died the last sign of life is known.
        let left = self.left_at.or_else(|| self.lease_until.map(|until| until - LEASE));
        let idle = left.map_or(0, |left| (now - left.max(began)).num_milliseconds());
        self.idle_ms.saturating_add(idle.max(0))
    }
}

/// Takes up an execution that nobody works on, if there is one. Errors: the database failed.
pub(crate) async fn claim(inner: &Inner) -> Result<Option<Claimed>, Error> {
    let now = inner.clock.now();
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let found: Option<Claimable> = tx.fetch_optional(sql!(pair "execution/claimable"), &[now.into()]).await?;
    let Some(found) = found else { return Ok(None) };
    let claimed = Claimed { id: found.id, epoch: found.epoch + 1 };
    let values = [
        claimed.id.into(),
        inner.worker.into(),
        (now + LEASE).into(),
        now.into(),
        claimed.epoch.into(),
        found.idle_ms(now).into(),
    ];
    tx.execute(sql!("execution/claim"), &values).await?;
    tx.commit().await?;
    Ok(Some(claimed))
}

/// Says that this worker lives and works on these. Those that it has lost to somebody else. Errors: the database failed.
pub(crate) async fn beat(inner: &Inner, held: Vec<(ExecutionId, i64)>) -> Result<Vec<(ExecutionId, i64)>, Error> {
    let mut lost = vec![];
    if held.is_empty() {
        return Ok(lost);
    }
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let until = inner.clock.now() + LEASE;
    for (id, epoch) in held {
        let values = [id.into(), epoch.into(), inner.worker.into(), until.into()];
        if tx.execute(sql!("execution/beat"), &values).await? == 0 {
            lost.push((id, epoch));
        }
    }
    tx.commit().await?;
    Ok(lost)
}

/// Shows operators how many wait for room and how many are worked on, whoever does. Errors: the database failed.
pub(crate) async fn show(inner: &Inner) -> Result<(), Error> {
    let mut tx = GlobalTx::read(&inner.db).await?;
    let (waiting, running): (i64, i64) = tx.fetch_one(sql!("execution/stands"), &[]).await?;
    tx.commit().await?;
    let executions = host::metrics::gauge_vec(
        "perpetuo_engine_executions",
        "Executions that are `waiting` for a process with room, and that are `running`; the same in every process of the \
         engine, counted every 15 s. Those that wait for answers of a person are neither.",
        &["state"],
    );
    for (state, number) in [("waiting", waiting), ("running", running)] {
        executions.with_label_values(&[state]).set(number);
    }
    Ok(())
}

/// Those of this worker that somebody wants to end. Errors: the database failed.
pub(crate) async fn unwanted(inner: &Inner) -> Result<Vec<ExecutionId>, Error> {
    let mut tx = GlobalTx::read(&inner.db).await?;
    let found: Vec<(ExecutionId,)> = tx.fetch_all(sql!("execution/unwanted"), &[inner.worker.into()]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Where no other process works on the database, leases are of processes that are gone. Errors: the database failed.
pub(crate) async fn orphans(inner: &Inner) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let past = inner.clock.now() - LEASE;
    tx.execute(sql!("execution/orphan"), &[past.into()]).await?;
    Ok(tx.commit().await?)
}

/// Lets whoever wants to go on, this process too, from so long on; nothing: at once. Errors: the database failed.
pub(crate) async fn release(inner: &Inner, id: ExecutionId, epoch: i64, rest: TimeDelta) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let now = inner.clock.now();
    let until = if rest > TimeDelta::zero() { now + rest } else { now - LEASE };
    tx.execute(sql!("execution/release"), &[id.into(), epoch.into(), until.into(), now.into()]).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_time_in_which_nobody_works_is_idle() {
        let at = |seconds| DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time");
        let one = |started: Option<i64>, lease: Option<i64>, left: Option<i64>, idle_ms| Claimable {
            id: ExecutionId::from_uuid(uuid::Uuid::nil()),
            epoch: 1,
            started_at: started.map(at),
            lease_until: lease.map(at),
            left_at: left.map(at),
            idle_ms,
        };
        let now = at(1_000);
        assert_eq!(one(None, None, None, 0).idle_ms(now), 0, "it has waited for room, and has not begun");
        assert_eq!(one(Some(0), None, Some(400), 7).idle_ms(now), 600_007, "it has waited for answers");
        assert_eq!(one(Some(0), Some(930), None, 0).idle_ms(now), 100_000, "its worker has died at 900");
        assert_eq!(one(Some(990), Some(980), None, 0).idle_ms(now), 10_000, "never more than since it began");
        assert_eq!(one(Some(0), None, Some(2_000), 5).idle_ms(now), 5, "clocks differ");
    }
}
