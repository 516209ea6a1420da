//! What runs beside the requests, and is it done?

use futures::FutureExt as _;
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

/// How long a task may take to end once it is cut off.
const CUT_WITHIN: Duration = Duration::from_secs(1);

/// Every task of the process that outlives a request, so that none is lost at shutdown. Cheap to clone.
///
/// A panic ends its task only. It is logged where it happens, by the panic hook of [`crate::telemetry`], inside the
/// span that names the task.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stopping: CancellationToken,
    cut: CancellationToken,
}

impl Tasks {
    /// No tasks yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// For handles of services: what must finish once begun runs on it.
    pub fn tracker(&self) -> TaskTracker {
        self.tracker.clone()
    }

    /// Cancelled when the process stops. Loops end on it.
    pub fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Cancelled when the grace is over. What serves somebody outside ends on it at once, so that what depends on its
    /// end (a settlement, for instance) can still be done.
    pub fn cut(&self) -> CancellationToken {
        self.cut.clone()
    }

    /// Runs `task`. Shutdown waits for it, so a task without an end of its own must watch [`Self::stopping`].
    pub fn spawn<T: Send + 'static>(
        &self,
        name: &'static str,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.tracker.spawn(task.instrument(tracing::error_span!(parent: None, "task", task = name)))
    }

    /// Does `work` now and then every `period`, counted from the end of a late round, until the process stops.
    /// A round that has begun is finished; one that panics does not end the others.
    pub fn every<W: Future<Output = ()> + Send + 'static>(
        &self,
        name: &'static str,
        period: Duration,
        mut work: impl FnMut() -> W + Send + 'static,
    ) -> JoinHandle<()> {
        let stopping = self.stopping();
        self.spawn(name, async move {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while stopping.run_until_cancelled(ticks.tick()).await.is_some() {
                // The hook has logged the panic; the next round begins from what is stored.
                drop(AssertUnwindSafe(work()).catch_unwind().await);
            }
        })
    }

    /// Tells every task to stop and waits for at most `grace`; then cuts off those that listen for it. False if some
    /// had not ended by then.
    pub async fn shutdown(&self, grace: Duration) -> bool {
        self.stopping.cancel();
        self.tracker.close();
        if tokio::time::timeout(grace, self.tracker.wait()).await.is_ok() {
            return true;
        }
        self.cut.cancel();
        tokio::time::timeout(CUT_WITHIN, self.tracker.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    };

    #[tokio::test(start_paused = true)]
    async fn periodic_work_goes_on_after_a_panic_and_ends_at_shutdown() {
        let (tasks, rounds) = (Tasks::new(), Arc::new(AtomicU32::new(0)));
        let counted = rounds.clone();
        tasks.every("count", Duration::from_secs(1), move || {
            let counted = counted.clone();
            async move { assert!(counted.fetch_add(1, SeqCst) != 1, "the second round fails") }
        });
        tokio::time::sleep(Duration::from_millis(3_500)).await;
        assert_eq!(rounds.load(SeqCst), 4);
        assert!(tasks.shutdown(Duration::from_secs(1)).await);
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(rounds.load(SeqCst), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn shutdown_waits_for_what_runs_but_not_for_ever() {
        let tasks = Tasks::new();
        let quick = tasks.spawn("quick", tokio::time::sleep(Duration::from_secs(1)));
        assert!(tasks.shutdown(Duration::from_secs(5)).await);
        assert!(quick.is_finished());
        let cut = tasks.cut();
        let endless = tasks.spawn("endless", async move { cut.cancelled().await });
        assert!(tasks.shutdown(Duration::from_secs(5)).await, "it ends when it is cut off");
        assert!(endless.is_finished());
        tasks.spawn("stuck", std::future::pending::<()>());
        assert!(!tasks.shutdown(Duration::from_secs(5)).await);
    }
}
