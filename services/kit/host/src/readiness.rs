//! Can this process serve requests now?

use crate::metrics;
use futures::future::{BoxFuture, FutureExt as _, Shared, join_all};
use serde::Serialize;
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// How long a result counts: probes of several balancers must not add up to load on what they probe.
const KEEP: Duration = Duration::from_secs(1);
/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(2);
/// For how long a reader of metrics is kept waiting for checks: what collects them gives up on a process that answers late, and
/// then knows nothing at all.
const SOON: Duration = Duration::from_millis(500);

type Probe = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// A check, and whether the process can do its work when it fails.
type Named = (&'static str, bool, Probe);

/// A run of all checks that whoever waits for it may leave: it goes on.
type Run = Shared<BoxFuture<'static, ()>>;

/// Named checks of what the process needs. Cheap to clone.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Inner>);

#[derive(Default)]
struct Inner {
    checks: Mutex<Vec<Named>>,
    failed: OnceLock<String>,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    running: Option<Run>,
    last: Option<(Instant, Report)>,
}

/// What the checks said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Nothing that the process needs is missing, and it is not stopping. Checks that are degraded do not count.
    pub ready: bool,
    /// Each check, in the order in which they were registered.
    pub checks: Vec<Check>,
}

/// What one check said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// Whether it is fine.
    pub ok: bool,
    /// It is not fine, and the process serves all the same, with less.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub degraded: bool,
    /// A sentence that says what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Readiness {
    /// Ready, as nothing has been asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check. `probe` answers with a sentence that says what is wrong; it may be shown to anybody.
    pub fn check<P: Future<Output = Result<(), String>> + Send + 'static>(
        &self,
        name: &'static str,
        probe: impl Fn() -> P + Send + Sync + 'static,
    ) {
        self.add(name, true, Arc::new(move || probe().boxed()));
    }

    /// Adds a check of something without which the process goes on with less: it stays ready.
    pub fn check_helper<P: Future<Output = Result<(), String>> + Send + 'static>(
        &self,
        name: &'static str,
        probe: impl Fn() -> P + Send + Sync + 'static,
    ) {
        self.add(name, false, Arc::new(move || probe().boxed()));
    }

    fn add(&self, name: &'static str, needed: bool, probe: Probe) {
        self.0.checks.lock().unwrap_or_else(PoisonError::into_inner).push((name, needed, probe));
    }

    /// Not ready from now on, for good: `why` is "stopping".
    pub fn fail(&self, why: &str) {
        // Only the first reason is kept; a second call says the same.
        drop(self.0.failed.set(why.to_owned()));
    }

    /// Runs the checks side by side, at most once a second however many ask.
    pub async fn report(&self) -> Report {
        loop {
            let run = match self.known(KEEP) {
                Some(report) => return report,
                None => self.run(),
            };
            run.clone().await;
            // Only if it was dropped before it was done.
            let mut now = self.0.now();
            if now.running.as_ref().is_some_and(|running| running.ptr_eq(&run)) {
                now.running = None;
            }
        }
    }

    /// [`Self::report`], or what the checks said the last time if they now take long: some do, just when something is wrong.
    pub(crate) async fn report_soon(&self) -> Report {
        match timeout(SOON, self.report()).await {
            Ok(report) => report,
            Err(_) => match self.known(Duration::MAX) {
                Some(report) => report,
                None => self.report().await,
            },
        }
    }

    /// What the checks said not longer ago than this.
    fn known(&self, age: Duration) -> Option<Report> {
        if let Some(why) = self.0.failed.get() {
            let check = Check { name: "process".to_owned(), ok: false, degraded: false, problem: Some(why.clone()) };
            return Some(Report { ready: false, checks: vec![check] });
        }
        let now = self.0.now();
        now.last.as_ref().filter(|(at, _)| at.elapsed() < age).map(|(_, report)| report.clone())
    }

    /// The run under way, or a new one.
    fn run(&self) -> Run {
        let mut now = self.0.now();
        if let Some(run) = &now.running {
            return run.clone();
        }
        let inner = self.0.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends by itself, and a process that stops need not wait for it"
        )]
        let task = tokio::spawn(async move {
            let checks = inner.checks.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let checks = join_all(checks.into_iter().map(|(name, needed, probe)| run(name, needed, probe))).await;
            let report = Report { ready: checks.iter().all(|c| c.ok || c.degraded), checks };
            *inner.now() = Now { running: None, last: Some((Instant::now(), report)) };
        });
        let run = task.map(drop).boxed().shared();
        now.running = Some(run.clone());
        run
    }
}

impl Inner {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Report {
    /// Shows it to whoever reads metrics.
    pub(crate) fn show(&self) {
        let ready = metrics::gauge_vec(
            "perpetuo_ready",
            "1: the check passes, and the process can serve; 0: it does not. The check `all` is what balancers ask for.",
            &["check"],
        );
        // Never emptied first: a reader just then would see checks vanish, and an alert that waits would begin anew.
        for check in &self.checks {
            ready.with_label_values(&[&check.name]).set(i64::from(check.ok));
        }
        ready.with_label_values(&["all"]).set(i64::from(self.ready));
    }
}

async fn run(name: &str, needed: bool, probe: Probe) -> Check {
    let probed = AssertUnwindSafe(async { probe().await }).catch_unwind();
    let problem = match timeout(PATIENCE, probed).await {
        Ok(Ok(result)) => result.err(),
        // The panic hook has logged it where it happened.
        Ok(Err(_)) => Some("the check itself failed; see the log".to_owned()),
        Err(_) => Some(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    let ok = problem.is_none();
    Check { name: name.to_owned(), ok, degraded: !ok && !needed, problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    #[tokio::test(start_paused = true)]
    async fn a_failed_check_is_named_with_its_sentence() {
        let readiness = Readiness::new();
        readiness.check("database", || async { Ok(()) });
        readiness.check("redis", || async { Err("redis is away".to_owned()) });
        readiness.check("peer", std::future::pending);
        let report = readiness.report().await;
        assert!(!report.ready);
        let problems: Vec<_> = report.checks.iter().map(|c| c.problem.as_deref()).collect();
        assert_eq!(problems, [None, Some("redis is away"), Some("no answer within 2 s")]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_only_helps_degrades() {
        let readiness = Readiness::new();
        readiness.check("database", || async { Ok(()) });
        readiness.check_helper("redis", || async { Err("redis is away".to_owned()) });
        let report = readiness.report().await;
        assert!(report.ready && report.checks[1].degraded && !report.checks[1].ok);
        let told = serde_json::to_string(&report).expect("JSON");
        assert!(told.contains(r#"{"name":"redis","ok":false,"degraded":true,"problem":"redis is away"}"#), "{told}");
        assert!(told.contains(r#"{"name":"database","ok":true}"#), "{told}");
    }

    #[tokio::test(start_paused = true)]
    async fn probes_cost_one_check_a_second_at_most() {
        let (readiness, runs) = (Readiness::new(), Arc::new(AtomicU32::new(0)));
        let counted = runs.clone();
        readiness.check("database", move || {
            counted.fetch_add(1, SeqCst);
            async { Ok(()) }
        });
        for _ in 0..50 {
            assert!(readiness.report().await.ready);
        }
        assert_eq!(runs.load(SeqCst), 1);
        tokio::time::advance(Duration::from_millis(1_100)).await;
        readiness.report().await;
        assert_eq!(runs.load(SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn checks_go_on_when_who_asked_has_left_and_metrics_do_not_wait_for_them() {
        let (readiness, away) = (Readiness::new(), Arc::new(AtomicU32::new(0)));
        let seen = away.clone();
        readiness.check("database", move || {
            let away = seen.load(SeqCst) == 1;
            async move { if away { std::future::pending().await } else { Ok(()) } }
        });
        assert!(readiness.report().await.ready);
        away.store(1, SeqCst);
        tokio::time::advance(KEEP).await;
        let asked = Instant::now();
        assert!(readiness.report_soon().await.ready, "as it was known to be");
        assert!(asked.elapsed() <= SOON);
        tokio::time::sleep(PATIENCE).await;
        tokio::time::advance(Duration::from_secs(15)).await;
        assert!(!readiness.report_soon().await.ready, "nobody waited for it, and it is known");
        assert!(asked.elapsed() < Duration::from_secs(20));
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_that_panics_has_failed() {
        let readiness = Readiness::new();
        readiness.check("database", || async { panic!("a fault of ours") });
        let report = readiness.report().await;
        assert!(!report.ready && report.checks[0].problem.is_some());
    }

    #[tokio::test]
    async fn a_stopping_process_is_not_ready_at_once() {
        let readiness = Readiness::new();
        assert!(readiness.report().await.ready);
        readiness.fail("stopping");
        assert!(!readiness.report().await.ready);
    }
}
