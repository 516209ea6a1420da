//! What another service said, for as long as its feed says that nothing has changed.

pub(crate) mod policy;
pub(crate) mod prices;
pub(crate) mod routing;

use host::feed::{Freshness, Tail};
use moka::sync::Cache;
use proto::Reason;
use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Mutex, time::Instant};
use tonic::Status;

/// How long an answer counts while the feed is away, so that asking again does not mean asking for each request.
const GRACE: Duration = Duration::from_millis(250);
/// Entries that nobody asked for this long are dropped.
const UNUSED: Duration = Duration::from_secs(600);
/// How many keys can be loaded at the same time. Loads of one key never overlap.
const LANES: usize = 64;

/// Entries by key, each loaded once, evicted by a feed.
pub(crate) struct Cached<K, V> {
    entries: Entries<K, V>,
    tail: Tail,
    hasher: RandomState,
    loading: Vec<Mutex<()>>,
}

/// The entries alone, for the one who evicts.
pub(crate) type Entries<K, V> = Cache<K, Entry<V>>;

pub(crate) struct Entry<V> {
    value: Arc<V>,
    at: Instant,
    /// Loaded while the feed was followed, so that no change since can have been missed.
    watched: bool,
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), at: self.at, watched: self.watched }
    }
}

/// Room for so many entries.
pub(crate) fn entries<K, V>(most: u64) -> Entries<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    Cache::builder().max_capacity(most).time_to_idle(UNUSED).build()
}

impl<K, V> Cached<K, V>
where
    K: Hash + Eq + Copy + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// A cache of `entries`, from which the handler of `tail` evicts.
    pub(crate) fn new(entries: Entries<K, V>, tail: Tail) -> Self {
        let loading = std::iter::repeat_with(Mutex::default).take(LANES).collect();
        Self { entries, tail, hasher: RandomState::new(), loading }
    }

    /// The value of `key`, loaded if it is not there or may be stale. While the feed is silent, a value that is there
    /// counts only if the owner cannot be reached; once the feed is lost, not even then. Errors: those of `load`.
    pub(crate) async fn get<F>(&self, key: K, load: impl FnOnce() -> F) -> Result<Arc<V>, Status>
    where
        F: Future<Output = Result<V, Status>>,
    {
        if let Some(value) = self.current(&key) {
            return Ok(value);
        }
        // Boxed: what nearly always is there needs no room for how it is loaded.
        Box::pin(self.load(key, load)).await
    }

    /// Has `key` loaded again when it is asked for next.
    pub(crate) fn forget(&self, key: &K) {
        self.entries.invalidate(key);
    }

    async fn load<F>(&self, key: K, load: impl FnOnce() -> F) -> Result<Arc<V>, Status>
    where
        F: Future<Output = Result<V, Status>>,
    {
        let lane = usize::try_from(self.hasher.hash_one(key)).unwrap_or(0) % LANES;
        let _one_at_a_time = self.loading[lane].lock().await;
        if let Some(value) = self.current(&key) {
            return Ok(value);
        }
        let (seen, watched) = (self.tail.epoch(), self.tail.freshness() == Freshness::Fresh);
        match load().await {
            Ok(value) => {
                let value = Arc::new(value);
                self.entries.insert(key, Entry { value: value.clone(), at: Instant::now(), watched });
                // What was loaded may be older than an event that came meanwhile.
                if self.tail.epoch() != seen {
                    self.entries.invalidate(&key);
                }
                Ok(value)
            }
            Err(status) if self.may_outlive(&status) => self.entries.get(&key).map(|e| e.value).ok_or(status),
            Err(status) => Err(status),
        }
    }

    /// The entry, if it needs no question.
    fn current(&self, key: &K) -> Option<Arc<V>> {
        let entry = self.entries.get(key)?;
        let followed = entry.watched && self.tail.freshness() == Freshness::Fresh;
        let counts = followed || entry.at.elapsed() < GRACE;
        counts.then_some(entry.value)
    }

    fn may_outlive(&self, status: &Status) -> bool {
        let unreachable = matches!(Reason::of(status), Reason::ServiceUnavailable | Reason::DeadlineExceeded);
        unreachable && self.tail.freshness() != Freshness::Lost
    }
}
