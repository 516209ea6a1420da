//! Counts of one process.

use super::{Count, Refusal, Rule};
use moka::{ops::compute::Op, policy::EvictionPolicy, sync::Cache};
use std::time::Duration;

/// More than any honest installation has failures in a day. Beyond, the counts that were used longest ago go.
const CAPACITY: u64 = 100_000;
/// Longer than any count lasts.
const LONGEST: Duration = Duration::from_secs(2 * 24 * 3600);

pub(super) struct Memory(Cache<String, Count>);

impl Default for Memory {
    fn default() -> Self {
        let lru = EvictionPolicy::lru();
        Self(Cache::builder().max_capacity(CAPACITY).time_to_idle(LONGEST).eviction_policy(lru).build())
    }
}

impl Memory {
    pub fn look(&self, key: &str) -> Count {
        self.0.get(key).unwrap_or_default()
    }

    /// Counts a failure in advance, if it is time: of many at once no more pass than one after the other.
    pub fn take(&self, key: &str, rule: Rule, now: i64) -> Result<(), Refusal> {
        let taken = self.0.entry_by_ref(key).and_try_compute_with(|kept| {
            let count = kept.map(moka::Entry::into_value).unwrap_or_default();
            match rule.refuses(count, now) {
                Some(refusal) => Err(refusal),
                None => Ok(Op::Put(rule.add(count, now))),
            }
        });
        taken.map(drop)
    }

    pub fn add(&self, key: &str, rule: Rule, now: i64) {
        self.change(key, |count| Some(rule.add(count, now)));
    }

    pub fn give_back(&self, key: &str) {
        self.change(key, |count| (count.n > 1.0).then_some(Count { n: count.n - 1.0, ..count }));
    }

    pub fn forget(&self, key: &str) {
        self.0.invalidate(key);
    }

    fn change(&self, key: &str, to: impl FnOnce(Count) -> Option<Count>) {
        self.0.entry_by_ref(key).and_compute_with(|kept| {
            match to(kept.map(moka::Entry::into_value).unwrap_or_default()) {
                Some(count) => Op::Put(count),
                None => Op::Remove,
            }
        });
    }
}
