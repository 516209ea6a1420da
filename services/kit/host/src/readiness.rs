//! Can this process serve requests now?

use crate::metrics;
use futures::future::{BoxFuture, FutureExt as _, join_all};
use serde::Serialize;
use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tokio::{sync::Mutex as AsyncMutex, time::Instant};

/// How long a result counts: probes of several balancers must not add up to load on what they probe.
const KEEP: Duration = Duration::from_secs(1);
/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(2);

type Probe = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// A check, and whether the process can do its work when it fails.
type Named = (&'static str, bool, Probe);

/// Named checks of what the process needs. Cheap to clone.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Inner>);

#[derive(Default)]
struct Inner {
    checks: Mutex<Vec<Named>>,
    failed: OnceLock<String>,
    last: AsyncMutex<Option<(Instant, Report)>>,
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
        if let Some(why) = self.0.failed.get() {
            let problem = Some(why.clone());
            return Report {
                ready: false,
                checks: vec![Check { name: "process".to_owned(), ok: false, degraded: false, problem }],
            };
        }
        // The lock is held on purpose: who comes while the checks run waits for their result.
        let mut last = self.0.last.lock().await;
        if let Some((at, report)) = &*last
            && at.elapsed() < KEEP
        {
            return report.clone();
        }
        let checks = self.0.checks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let checks = join_all(checks.into_iter().map(|(name, needed, probe)| run(name, needed, probe))).await;
        let report = Report { ready: checks.iter().all(|c| c.ok || c.degraded), checks };
        *last = Some((Instant::now(), report.clone()));
        report
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
        // Once the process stops there are no others.
        ready.reset();
        for check in &self.checks {
            ready.with_label_values(&[&check.name]).set(i64::from(check.ok));
        }
        ready.with_label_values(&["all"]).set(i64::from(self.ready));
    }
}

async fn run(name: &str, needed: bool, probe: Probe) -> Check {
    let result = tokio::time::timeout(PATIENCE, probe()).await;
    let problem = result.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs()))).err();
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

    #[tokio::test]
    async fn a_stopping_process_is_not_ready_at_once() {
        let readiness = Readiness::new();
        assert!(readiness.report().await.ready);
        readiness.fail("stopping");
        assert!(!readiness.report().await.ready);
    }
}
