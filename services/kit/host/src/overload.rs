//! Is more asked of this process than it can do?
//!
//! A process that takes everything answers everybody late, and at some point nobody in time. What tells it is how long
//! work that could go on waits for a processor: slow providers do not show there, and no limit has to be guessed for a
//! machine. While that wait is too long new work waits at the door, costing nothing, and is let in at the rate at which it can be
//! done; who is not let in within a second is turned away. What has begun is never cut.

mod door;
mod rate;

use crate::{
    Tasks,
    metrics::{self, counter},
};
use door::Door;
use prometheus::{Gauge, IntCounter};
use proto::{Failure, Reason};
use rate::Rate;
use serde::{Deserialize, Serialize};
use std::{
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
        mpsc,
    },
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::oneshot, task::yield_now, time::timeout};
use tokio_util::sync::CancellationToken;

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(20);
/// The wait must be too long for this long without a pause: a burst, a start, or a neighbour on the machine is over by then.
const PATIENCE: Duration = Duration::from_millis(500);
/// So many times too long, twice in a row, is enough at once: what is let in until patience is at its end would take many seconds.
const FAR: u32 = 4;
/// It is over when for this long nothing waited for more than half of what it may.
const CALM: Duration = Duration::from_secs(1);
/// For how long somebody waits at the door. Clients that wait for their answers ask for less in the meantime: an answer at once
/// would be asked for again at once, and turning away has its cost too.
const AT_THE_DOOR: Duration = Duration::from_secs(1);

static TURNED_AWAY: LazyLock<IntCounter> = LazyLock::new(|| {
    counter("perpetuo_overload_turned_away_total", "Requests that were turned away because the process was overloaded.")
});
static WAIT: LazyLock<Gauge> = LazyLock::new(|| {
    metrics::float_gauge(
        "perpetuo_overload_wait_seconds",
        "For how long work that can go on waits for a processor now.",
    )
});
static OVERLOADED: LazyLock<prometheus::IntGauge> = LazyLock::new(|| {
    metrics::gauge(
        "perpetuo_overload_active",
        "1: more is asked of the process than it can do, and new requests wait at its door; 0: they do not.",
    )
});

/// Settings of the process's protection against more work than it can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// For how long work that can go on may wait for a processor, in milliseconds: if it waits longer for half a second without a
    /// pause, new work is let in as it can be done only. 0: all is, always. Default: 50.
    pub max_wait_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { max_wait_ms: 50 }
    }
}

/// What the doors of a process ask before they let work in. Cheap to clone. Until [`Overload::watch`] it lets in all.
#[derive(Clone)]
pub struct Overload(Arc<Inner>);

struct Inner {
    max_wait: Duration,
    /// Whether anybody has to ask the door.
    excess: AtomicBool,
    /// How many were done since the last look.
    done: AtomicU32,
    now: Mutex<Now>,
}

struct Now {
    rate: Rate,
    door: Door,
    /// When nothing waited too long the last time.
    well: Instant,
    /// Since when nothing waited for more than half of that.
    calm_since: Instant,
    /// How often in a row it was far too long.
    far: u32,
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
        let (excess, done, now) = (AtomicBool::new(false), AtomicU32::new(0), Mutex::new(Now::new(max_wait)));
        Self(Arc::new(Inner { max_wait, excess, done, now }))
    }

    /// Looks after it until the process stops. In a runtime.
    pub fn watch(&self, tasks: &Tasks) {
        if self.0.max_wait.is_zero() {
            return;
        }
        let (inner, runtime, stopping) = (self.0.clone(), Handle::current(), tasks.stopping());
        let look = move || inner.look(&runtime, &stopping);
        if let Err(error) = std::thread::Builder::new().name("overload".to_owned()).spawn(look) {
            tracing::warn!(%error, "no thread to look how long work waits: nothing is turned away however much is asked");
        }
    }

    /// Lets new work in, at once or when there is room. Errors: `OVERLOADED`, after which nothing has happened.
    pub async fn admit(&self) -> Result<Admitted<'_>, Failure> {
        let waiting = if self.0.excess.load(Relaxed) { self.0.knock() } else { None };
        let is_in = match waiting {
            Some(waiting) => matches!(timeout(AT_THE_DOOR, waiting).await, Ok(Ok(()))),
            None => true,
        };
        if is_in {
            return Ok(Admitted(self));
        }
        TURNED_AWAY.inc();
        let failure = Reason::Overloaded.with("more is asked of this server than it can do now; nothing was done");
        Err(failure.retry_after(Duration::from_secs(1)))
    }
}

/// Work that was let in. Dropped when it is done: how much that is in a second tells how much can be.
#[must_use = "it is done when this is dropped"]
pub struct Admitted<'a>(&'a Overload);

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        self.0.0.done.fetch_add(1, Relaxed);
    }
}

impl Inner {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// None: let in.
    fn knock(&self) -> Option<oneshot::Receiver<()>> {
        let mut now = self.now();
        if !self.excess.load(Relaxed) || now.rate.take() { None } else { Some(now.door.wait()) }
    }

    /// Looks again and again, from a thread that waits for no other, how long something waits that comes from outside and then goes
    /// on: in the queue that all workers share, and in that of one of them. Which is the longer one depends on how many wait.
    fn look(&self, runtime: &Handle, stopping: &CancellationToken) {
        let mut last = Instant::now();
        while !stopping.is_cancelled() {
            std::thread::sleep(EVERY);
            let (sent, (taken, is_taken)) = (Instant::now(), mpsc::sync_channel(1));
            runtime.spawn(async move {
                yield_now().await;
                taken.send(())
            });
            let Ok(()) = is_taken.recv() else { break };
            self.judge(sent.elapsed(), &mut last);
        }
        // Who is there now is not kept waiting by a process that stops.
        self.end(&mut self.now());
    }

    fn judge(&self, waits: Duration, last: &mut Instant) {
        WAIT.set(waits.as_secs_f64());
        let (at, mut now) = (Instant::now(), self.now());
        now.rate.look(waits, self.done.swap(0, Relaxed), at - *last);
        if self.excess.load(Relaxed) {
            if now.is_over(at, waits <= self.max_wait / 2) {
                self.end(&mut now);
            }
        } else if now.is_too_much(at, waits, self.max_wait) {
            self.excess.store(true, Relaxed);
            OVERLOADED.set(1);
        }
        *last = at;
    }

    fn end(&self, now: &mut Now) {
        self.excess.store(false, Relaxed);
        OVERLOADED.set(0);
        while now.door.let_in() {}
    }
}

impl Now {
    fn new(max_wait: Duration) -> Self {
        let at = Instant::now();
        Self { rate: Rate::new(max_wait), door: Door::default(), well: at, calm_since: at, far: 0 }
    }

    fn is_too_much(&mut self, at: Instant, waits: Duration, max_wait: Duration) -> bool {
        self.far = if waits >= FAR * max_wait { self.far + 1 } else { 0 };
        if waits <= max_wait {
            self.well = at;
        }
        self.calm_since = at;
        at - self.well >= PATIENCE || self.far >= 2
    }

    /// Lets in as many as may be now. True: it is over.
    fn is_over(&mut self, at: Instant, is_calm: bool) -> bool {
        if !is_calm {
            self.calm_since = at;
        }
        while self.door.is_waited_at() && self.rate.take() {
            self.door.let_in();
        }
        (self.well, self.far) = (at, 0);
        at - self.calm_since >= CALM
    }
}

#[cfg(test)]
mod tests;
