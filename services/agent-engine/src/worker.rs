//! Looks for executions to work on, says that it lives, and ends what somebody wants to end.

use crate::{Error, journal, run, service::Inner};
use proto::id::ExecutionId;
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// How often a process looks for executions that others have left.
const LOOK: Duration = Duration::from_millis(500);
/// How often it says that it lives; a lease is six times as long.
const BEAT: Duration = Duration::from_secs(5);
/// How often they are counted for operators.
const COUNT: Duration = Duration::from_secs(15);

/// Begins. Errors: the database failed.
pub(crate) async fn start(inner: &Arc<Inner>) -> Result<(), Error> {
    if inner.db.is_sqlite() {
        journal::orphans(inner).await?;
    }
    let (working, beating, counting, ending) = (inner.clone(), inner.clone(), inner.clone(), inner.clone());
    drop(inner.tasks.spawn("take up executions", work(working)));
    drop(inner.tasks.every("keep executions", BEAT, move || {
        let inner = beating.clone();
        async move {
            let held = inner.running().keys().copied().collect();
            match journal::beat(&inner, held).await {
                // Somebody else works on them: no more models are asked for them here.
                Ok(lost) => {
                    lost.iter().filter_map(|key| inner.running().get(key).cloned()).for_each(|run| run.cancel());
                }
                Err(error) => tracing::warn!(%error, "others may take up what this process works on"),
            }
        }
    }));
    drop(inner.tasks.every("count executions", COUNT, move || {
        let inner = counting.clone();
        async move {
            if let Err(error) = journal::show(&inner).await {
                tracing::warn!(%error, "executions were not counted");
            }
        }
    }));
    drop(inner.tasks.every("end executions", LOOK, move || {
        let inner = ending.clone();
        async move {
            match journal::unwanted(&inner).await {
                Ok(ids) => ids.into_iter().for_each(|id| inner.end(id)),
                Err(error) => tracing::warn!(%error, "executions that are to end go on"),
            }
        }
    }));
    Ok(())
}

async fn work(inner: Arc<Inner>) {
    let stopping = inner.tasks.stopping();
    while !stopping.is_cancelled() {
        match next(&inner).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "executions cannot be taken up now"),
        }
        tokio::select! {
            () = inner.wake.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Takes up one execution; false if there is none, or no room for it. Errors: the database failed.
async fn next(inner: &Arc<Inner>) -> Result<bool, Error> {
    if inner.running().len() >= inner.config.executions_at_once {
        return Ok(false);
    }
    let Some(journal::Claimed { id, epoch }) = journal::claim(inner).await? else { return Ok(false) };
    let cancel = inner.tasks.stopping().child_token();
    inner.running().insert((id, epoch), cancel.clone());
    let working = Working { inner: inner.clone(), key: (id, epoch) };
    drop(inner.tasks.spawn("execution", async move {
        // A trace of its own: nobody waits for it.
        let span = tracing::trace_span!(
            target: "otel",
            parent: None,
            "execution",
            otel.name = "execution",
            otel.kind = "consumer",
            execution_id = %id,
        );
        run::run(&working.inner, (id, epoch), cancel).instrument(span).await;
        drop(working);
    }));
    Ok(true)
}

/// Leaves the place also if the task panics.
struct Working {
    inner: Arc<Inner>,
    key: (ExecutionId, i64),
}

impl Drop for Working {
    fn drop(&mut self) {
        self.inner.running().remove(&self.key);
        self.inner.wake.notify_one();
    }
}

impl Inner {
    fn running(&self) -> std::sync::MutexGuard<'_, std::collections::BTreeMap<(ExecutionId, i64), CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
