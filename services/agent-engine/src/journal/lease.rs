//! Who works on an execution?

use crate::{Error, service::Inner};
use chrono::TimeDelta;
use proto::id::ExecutionId;
use store::{GlobalTx, sql};

/// For how long a worker that says nothing is believed to live.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// Takes up an execution that nobody works on, if there is one. Errors: the database failed.
pub(crate) async fn claim(inner: &Inner) -> Result<Option<ExecutionId>, Error> {
    let now = inner.clock.now();
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let found: Option<(ExecutionId,)> = tx.fetch_optional(sql!(pair "execution/claimable"), &[now.into()]).await?;
    let Some((id,)) = found else { return Ok(None) };
    let values = [id.into(), inner.worker.into(), (now + LEASE).into(), now.into()];
    tx.execute(sql!("execution/claim"), &values).await?;
    tx.commit().await?;
    Ok(Some(id))
}

/// Says that this worker lives. Errors: the database failed.
pub(crate) async fn beat(inner: &Inner) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let values = [inner.worker.into(), (inner.clock.now() + LEASE).into()];
    tx.execute(sql!("execution/beat"), &values).await?;
    Ok(tx.commit().await?)
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

/// Lets somebody else go on at once. Errors: the database failed.
pub(crate) async fn release(inner: &Inner, id: ExecutionId, epoch: i64) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let past = inner.clock.now() - LEASE;
    tx.execute(sql!("execution/release"), &[id.into(), epoch.into(), past.into()]).await?;
    Ok(tx.commit().await?)
}
