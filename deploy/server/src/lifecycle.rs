//! In which order a process stops.

use host::Tasks;
use std::time::Duration;
use tokio::time::Instant;

/// The tasks of a process in groups that stop one after the other: nothing ends while something that needs it still
/// works. Requests end first, then what they left to be settled, and last what writes it down.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    /// Listeners and the requests and streams that they serve.
    pub doors: Tasks,
    /// Executions: what is under way is left to whoever goes on.
    pub engine: Tasks,
    /// The gateway: settlements that outlive their request.
    pub gateway: Tasks,
    /// Credentials, feeds and probes.
    pub services: Tasks,
    /// The ledger.
    pub usage: Tasks,
}

impl Stages {
    /// Stops group after group within `grace`, and calls `flush` when everything that is metered has been handed over.
    /// The names of the groups that did not end in time.
    pub async fn stop<F: Future<Output = ()>>(&self, grace: Duration, flush: impl FnOnce() -> F) -> Vec<&'static str> {
        let end = Instant::now() + grace;
        let mut late = Vec::new();
        let mut ended = async |name: &'static str, tasks: &Tasks| {
            // Requests may use all of the grace; what is left to do after them is short, and is always given a moment.
            let left = end.saturating_duration_since(Instant::now()).max(Duration::from_secs(2));
            if !tasks.shutdown(left).await {
                late.push(name);
            }
        };
        ended("requests", &self.doors).await;
        ended("executions", &self.engine).await;
        ended("settlements", &self.gateway).await;
        ended("services", &self.services).await;
        flush().await;
        ended("the ledger", &self.usage).await;
        late
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[tokio::test(start_paused = true)]
    async fn what_requests_leave_behind_is_written_before_the_ledger_stops() {
        let stages = Stages::default();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let note = |what: &'static str| {
            let seen = seen.clone();
            move || seen.lock().unwrap().push(what)
        };
        let (request, settled, written) = (note("request"), note("settled"), note("written"));
        let gateway = stages.gateway.clone();
        stages.doors.spawn("request", async move {
            tokio::time::sleep(Duration::from_secs(5)).await;
            request();
            gateway.spawn("settle", async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                settled();
            });
        });
        let stopping = stages.usage.stopping();
        stages.usage.spawn("writer", async move {
            stopping.cancelled().await;
            written();
        });
        let flush = note("flushed");
        assert!(stages.stop(Duration::from_secs(30), || async move { flush() }).await.is_empty());
        assert_eq!(*seen.lock().unwrap(), ["request", "settled", "flushed", "written"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_never_ends_is_named_and_the_ledger_is_written_all_the_same() {
        let stages = Stages::default();
        stages.doors.spawn("stuck", std::future::pending::<()>());
        let flushed = Arc::new(Mutex::new(false));
        let flag = flushed.clone();
        let started = Instant::now();
        let late = stages.stop(Duration::from_secs(30), || async move { *flag.lock().unwrap() = true }).await;
        assert_eq!((late, *flushed.lock().unwrap()), (vec!["requests"], true));
        assert!(started.elapsed() < Duration::from_secs(40));
    }
}
