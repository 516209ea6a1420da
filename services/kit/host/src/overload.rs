//! Is more asked of this process than it can do?
//!
//! A process that takes everything answers everybody late, and at some point nobody in time. What tells it is how long
//! work that could go on waits for a processor: slow providers do not show there, and no limit has to be guessed for a
//! machine. While that wait is too long a share of new work is turned away at once, and the share is adjusted ten times a
//! second. What has begun is never cut.

mod share;

use crate::{
    Tasks,
    metrics::{self, counter},
};
use prometheus::{Gauge, IntCounter};
use proto::{Failure, Reason};
use serde::{Deserialize, Serialize};
use share::Share;
use std::{
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio_metrics::{Instrumented, TaskMetrics, TaskMonitor};

/// How often the share is adjusted.
const EVERY: Duration = Duration::from_millis(100);
/// Too many are too long if it is one in so many: a request waits a dozen times, and most of them briefly.
const ONE_IN: u64 = 20;
/// Fewer waits than this say nothing yet.
const FEW: u64 = 8;

static TURNED_AWAY: LazyLock<IntCounter> = LazyLock::new(|| {
    counter("perpetuo_overload_turned_away_total", "Requests that were turned away because the process was overloaded.")
});
static WAIT: LazyLock<Gauge> = LazyLock::new(|| {
    metrics::float_gauge(
        "perpetuo_overload_wait_seconds",
        "For how long work of requests that could go on has waited for a processor, on average of the waits that were too long; 0 where fewer than one in twenty were.",
    )
});
static SHARE: LazyLock<Gauge> = LazyLock::new(|| {
    metrics::float_gauge(
        "perpetuo_overload_turned_away_ratio",
        "Which share of new requests is turned away, from 0 to 1.",
    )
});

/// Settings of the process's protection against more work than it can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// For how long work that could go on may wait for a processor, in milliseconds: if one wait in twenty is longer, for half a
    /// second without a pause, a share of new work is turned away. 0: never is any. Default: 100.
    pub max_wait_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { max_wait_ms: 100 }
    }
}

/// What was seen since it was last judged.
#[derive(Default)]
struct Seen {
    waits: u64,
    long: u64,
    long_sum: Duration,
    periods: u32,
}

impl Seen {
    /// The mean of long waits, if there were too many of them, and over how many periods: as soon as there were enough waits to
    /// tell, or a second is over. Where each piece of work takes long there are few, and where there are none nothing waits.
    fn with(&mut self, period: &TaskMetrics) -> Option<(Duration, u32)> {
        self.waits += period.total_scheduled_count;
        self.long += period.total_long_delay_count;
        self.long_sum += period.total_long_delay_duration;
        self.periods += 1;
        if self.waits < FEW && self.periods < 10 {
            return None;
        }
        let seen = std::mem::take(self);
        let is_much = seen.long > 0 && seen.long * ONE_IN >= seen.waits;
        let long = u32::try_from(seen.long).unwrap_or(u32::MAX);
        Some((if is_much { seen.long_sum / long } else { Duration::ZERO }, seen.periods))
    }
}

/// What the doors of a process ask before they let work in. Cheap to clone. Until [`Overload::watch`] it lets in all.
#[derive(Clone)]
pub struct Overload(Arc<Inner>);

struct Inner {
    max_wait: Duration,
    monitor: TaskMonitor,
    /// The share to turn away, in 1/2³² of all.
    share: AtomicU32,
    /// Rises by the share with each request; whoever makes it overflow is turned away. So it is exactly the share, evenly
    /// spread, without chance.
    turn: AtomicU32,
}

impl Default for Overload {
    fn default() -> Self {
        Self::new(&Config::default())
    }
}

impl Overload {
    /// Nothing is turned away yet.
    pub fn new(config: &Config) -> Self {
        let max_wait = Duration::from_millis(config.max_wait_ms);
        let mut monitor = TaskMonitor::builder();
        monitor.with_long_delay_threshold(max_wait);
        Self(Arc::new(Inner { max_wait, monitor: monitor.build(), share: AtomicU32::new(0), turn: AtomicU32::new(0) }))
    }

    /// Adjusts the share until the process stops.
    pub fn watch(&self, tasks: &Tasks) {
        if self.0.max_wait.is_zero() {
            return;
        }
        let state = (Share::new(self.0.max_wait), self.0.monitor.intervals(), Seen::default());
        let (inner, state) = (self.0.clone(), Arc::new(Mutex::new(state)));
        tasks.every("overload", EVERY, move || {
            let (inner, state) = (inner.clone(), state.clone());
            async move {
                let (share, periods, seen) = &mut *state.lock().unwrap_or_else(PoisonError::into_inner);
                let Some((waited, periods)) = periods.next().and_then(|period| seen.with(&period)) else { return };
                let share = share.after(waited, periods);
                inner.share.store((share * f64::from(u32::MAX)) as u32, Relaxed);
                WAIT.set(waited.as_secs_f64());
                SHARE.set(share);
            }
        });
    }

    /// Lets new work in, or not. Errors: `OVERLOADED`, after which nothing has happened.
    pub fn admit(&self) -> Result<(), Failure> {
        let share = self.0.share.load(Relaxed);
        // Nothing is written while all is well: the line stays in every core's cache.
        if share == 0 || self.0.turn.fetch_add(share, Relaxed).checked_add(share).is_some() {
            return Ok(());
        }
        TURNED_AWAY.inc();
        let failure = Reason::Overloaded.with("more is asked of this server than it can do now; nothing was done");
        Err(failure.retry_after(Duration::from_secs(1)))
    }

    /// Looks at how long this piece of work waits for a processor.
    pub fn observe<F: Future>(&self, work: F) -> Instrumented<F> {
        self.0.monitor.instrument(work)
    }
}

#[cfg(test)]
mod tests;
