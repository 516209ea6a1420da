//! What has changed elsewhere, and how sure are we that we would know?

mod cache;
mod watched;

pub use cache::{Cache, Entry, Loaded};

use crate::Tasks;
use futures::StreamExt as _;
use proto::feed::{Event, WatchResponse};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tonic::{Status, codegen::BoxStream};

/// Without a heartbeat for this long, what is cached has to be asked for again.
pub const SILENT_AFTER: Duration = Duration::from_secs(1);
/// Without a heartbeat for this long, nothing that is cached counts.
pub const LOST_AFTER: Duration = Duration::from_secs(5);

/// A stream that says nothing for this long is given up: its connection may have died without a word.
const GIVE_UP: Duration = Duration::from_secs(2);
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Follows a service's `Watch` for as long as the process runs. Cheap to clone.
///
/// [`Cache`] is what it is for: it remembers what another service owns for as long as the feed vouches for it.
#[derive(Clone, Debug)]
pub struct Tail(Arc<State>);

#[derive(Debug)]
struct State {
    name: &'static str,
    born: Instant,
    /// Milliseconds after `born` of the last message, plus one; 0 before the first.
    heard: AtomicU64,
    epoch: AtomicU64,
    position: AtomicI64,
}

/// How much a cache may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Every change up to a second ago has been seen.
    Fresh,
    /// No heartbeat for a second: ask the owner, and use the cache only if the owner cannot be reached.
    Silent,
    /// No heartbeat for five seconds, or none yet: ask the owner, and refuse if it cannot be reached.
    Lost,
}

impl Tail {
    /// Follows the feed that `open` opens. `open` gets the position after which to continue; None the first time:
    /// then it may start from now, or from where a durable reader stopped. `on_event` sees every event in order; if
    /// it fails, the same event comes again after a pause.
    pub fn start<O, H>(
        name: &'static str,
        open: impl Fn(Option<i64>) -> O + Send + Sync + 'static,
        on_event: impl Fn(Event) -> H + Send + Sync + 'static,
        tasks: &Tasks,
    ) -> Self
    where
        O: Future<Output = Result<BoxStream<WatchResponse>, Status>> + Send + 'static,
        H: Future<Output = Result<(), Status>> + Send + 'static,
    {
        let state = State {
            name,
            born: Instant::now(),
            heard: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            position: AtomicI64::new(-1),
        };
        let tail = Self(Arc::new(state));
        watched::add(&tail.0);
        let (follower, stopping) = (tail.clone(), tasks.stopping());
        tasks.spawn(name, async move {
            stopping.clone().run_until_cancelled_owned(follower.follow(open, on_event, &stopping)).await;
        });
        tail
    }

    /// How much a cache that this feed keeps honest may be trusted now.
    pub fn freshness(&self) -> Freshness {
        let heard = self.0.heard.load(SeqCst);
        if heard == 0 {
            return Freshness::Lost;
        }
        let silence = self.0.millis().saturating_sub(heard - 1);
        match Duration::from_millis(silence) {
            s if s < SILENT_AFTER => Freshness::Fresh,
            s if s < LOST_AFTER => Freshness::Silent,
            _ => Freshness::Lost,
        }
    }

    /// Rises before each event is handled, and whenever the feed is opened again.
    pub fn epoch(&self) -> u64 {
        self.0.epoch.load(SeqCst)
    }

    /// The position up to which every event has been handled. None before the first heartbeat.
    pub fn position(&self) -> Option<i64> {
        Some(self.0.position.load(SeqCst)).filter(|p| *p >= 0)
    }

    async fn follow<O, H>(
        self,
        open: impl Fn(Option<i64>) -> O + Send + Sync,
        on_event: impl Fn(Event) -> H + Send + Sync,
        stopping: &CancellationToken,
    ) where
        O: Future<Output = Result<BoxStream<WatchResponse>, Status>> + Send,
        H: Future<Output = Result<(), Status>> + Send,
    {
        let mut wait = FIRST_WAIT;
        let mut told = false;
        while !stopping.is_cancelled() {
            let began = self.0.heard.load(SeqCst);
            let end = self.read(&open, &on_event).await;
            if self.0.heard.load(SeqCst) != began {
                (wait, told) = (FIRST_WAIT, false);
            }
            // Who stops together with the feed's owner is stopped here: a stop is no interruption.
            sleep(wait).await;
            // Once for each time that it goes away, not once for each attempt.
            if !told {
                tracing::warn!(feed = self.0.name, error = end.message(), "feed interrupted, opening it again");
                told = true;
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Opens the feed once and reads it until it ends. Says why it ended.
    async fn read<O, H>(
        &self,
        open: &(impl Fn(Option<i64>) -> O + Sync),
        on_event: &(impl Fn(Event) -> H + Sync),
    ) -> Status
    where
        O: Future<Output = Result<BoxStream<WatchResponse>, Status>> + Send,
        H: Future<Output = Result<(), Status>> + Send,
    {
        let mut stream = match timeout(GIVE_UP, open(self.position())).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(status)) => return status,
            Err(_) => return Status::deadline_exceeded("the feed could not be opened in time"),
        };
        self.0.epoch.fetch_add(1, SeqCst);
        loop {
            let batch = match timeout(GIVE_UP, stream.next()).await {
                Ok(Some(Ok(batch))) => batch,
                Ok(Some(Err(status))) => return status,
                Ok(None) => return Status::unavailable("the feed ended"),
                Err(_) => return Status::deadline_exceeded("the feed fell silent"),
            };
            for event in batch.events {
                let position = event.position;
                self.0.epoch.fetch_add(1, SeqCst);
                if let Err(status) = on_event(event).await {
                    return status;
                }
                self.0.position.fetch_max(position, SeqCst);
            }
            self.0.position.fetch_max(batch.position, SeqCst);
            self.0.heard.store(self.0.millis() + 1, SeqCst);
        }
    }
}

impl State {
    /// Since the last message, or since the beginning where there was none.
    fn silence(&self) -> Duration {
        let heard = self.heard.load(SeqCst).saturating_sub(1);
        Duration::from_millis(self.millis().saturating_sub(heard))
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX - 1)
    }
}

#[cfg(test)]
mod tests;
