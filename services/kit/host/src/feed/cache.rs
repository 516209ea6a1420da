//! What may be remembered of another service, as long as its feed says that nothing has changed?

use super::{Freshness, Tail};
use moka::sync::Cache as Bounded;
use proto::Reason;
use std::{
    collections::HashMap,
    hash::Hash,
    ops::Deref,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use tonic::Status;
use uuid::Uuid;

/// A bounded cache of things that another service owns, kept honest by its feed. A hit is one look-up, and waits for
/// nothing.
pub struct Cache<K, V> {
    entries: Bounded<K, Arc<Entry<V>>>,
    /// Which entries an event about this subject makes stale.
    index: Mutex<HashMap<Uuid, Vec<Weak<Entry<V>>>>>,
}

/// Something cached. Dereferences to the value.
#[derive(Debug)]
pub struct Entry<V> {
    value: V,
    stale: AtomicBool,
}

/// What a look-up found, and the ids whose events make it stale.
#[derive(Debug)]
pub struct Loaded<V> {
    /// What was found.
    pub value: V,
    /// Users, sessions, keys, workspaces, … that it depends on.
    pub subjects: Vec<Uuid>,
}

impl<V> Deref for Entry<V> {
    type Target = V;

    fn deref(&self) -> &V {
        &self.value
    }
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Send + Sync + 'static> Cache<K, V> {
    /// At most `capacity` entries, none older than `longest`.
    pub fn new(capacity: u64, longest: Duration) -> Self {
        let entries = Bounded::builder().max_capacity(capacity).time_to_live(longest).build();
        Self { entries, index: Mutex::default() }
    }

    /// What is cached under `key`, if `tail` vouches for it.
    pub fn get(&self, key: &K, tail: &Tail) -> Option<Arc<Entry<V>>> {
        if tail.freshness() == Freshness::Fresh { self.peek(key) } else { None }
    }

    /// Asks the owner with `load`, and caches the answer if `tail` would tell of a change. Where the owner cannot be
    /// reached, what is cached counts while the feed has been silent for less than five seconds.
    /// Errors: those of `load`; `SERVICE_UNAVAILABLE` for an owner that cannot be reached.
    pub async fn load(
        &self,
        key: K,
        tail: &Tail,
        load: impl Future<Output = Result<Loaded<V>, Status>>,
    ) -> Result<Arc<Entry<V>>, Status> {
        let (freshness, seen) = (tail.freshness(), tail.epoch());
        match load.await {
            Ok(loaded) => {
                let entry = Arc::new(Entry { value: loaded.value, stale: AtomicBool::new(false) });
                if freshness == Freshness::Fresh {
                    self.register(&entry, &loaded.subjects);
                    self.entries.insert(key, entry.clone());
                    // An event that came while we asked may be newer than the answer. Looking after the entry is
                    // registered leaves no gap: a later event finds it.
                    if tail.epoch() != seen {
                        entry.stale.store(true, SeqCst);
                    }
                }
                Ok(entry)
            }
            Err(status) if unreachable(&status) => match self.peek(&key) {
                Some(entry) if freshness != Freshness::Lost => Ok(entry),
                _ => Err(away(&status)),
            },
            Err(status) => {
                self.entries.invalidate(&key);
                Err(status)
            }
        }
    }

    /// Makes stale whatever depends on `subject`. For the handler of the feed's events.
    pub fn expire(&self, subject: Uuid) {
        let entries = self.index.lock().unwrap_or_else(PoisonError::into_inner).remove(&subject);
        for entry in entries.iter().flatten().filter_map(Weak::upgrade) {
            entry.stale.store(true, SeqCst);
        }
    }

    /// Drops what has become stale from the index. Call it now and then, for instance once a minute.
    pub fn sweep(&self) {
        self.entries.run_pending_tasks();
        self.index.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, entries| {
            entries.retain(|e| e.strong_count() > 0);
            !entries.is_empty()
        });
    }

    fn peek(&self, key: &K) -> Option<Arc<Entry<V>>> {
        self.entries.get(key).filter(|e| !e.stale.load(SeqCst))
    }

    fn register(&self, entry: &Arc<Entry<V>>, subjects: &[Uuid]) {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        for &subject in subjects {
            index.entry(subject).or_default().push(Arc::downgrade(entry));
        }
    }
}

/// Whether `status` says nothing about what was asked, only that the owner could not answer.
fn unreachable(status: &Status) -> bool {
    matches!(
        Reason::of(status),
        Reason::ServiceUnavailable | Reason::DeadlineExceeded | Reason::Overloaded | Reason::Internal
    )
}

fn away(status: &Status) -> Status {
    tracing::debug!(error = status.message(), "the owner of a cache cannot be reached");
    let failure = Reason::ServiceUnavailable.with("a part of Perpetuo that is needed to check this cannot be reached");
    failure.retry_after(Duration::from_secs(1)).into()
}
