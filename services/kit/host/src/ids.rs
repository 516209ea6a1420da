//! Which id does the next thing get?

use crate::Clock;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use uuid::Uuid;

/// Makes uuids (v7, RFC 9562) whose order is the order in which this process made them.
#[derive(Clone, Debug)]
pub struct Ids {
    clock: Clock,
    /// The 60 bits that order ids: milliseconds, then fractions of one in 1/4096.
    last: Arc<AtomicU64>,
}

impl Ids {
    /// Ids with the time of `clock`.
    pub fn new(clock: Clock) -> Self {
        Self { clock, last: Arc::new(AtomicU64::new(0)) }
    }

    /// The next id. Ids rise within a process even when the clock is set back or stands still.
    pub fn uuid(&self) -> Uuid {
        let micros = u64::try_from(self.clock.now().timestamp_micros()).unwrap_or(0);
        let ticks = ((micros / 1000) << 12) | ((micros % 1000) * 4096 / 1000);
        let next = |last: u64| Some(ticks.max(last + 1));
        let last = self.last.fetch_update(Ordering::AcqRel, Ordering::Acquire, next).unwrap_or(0);
        let ticks = ticks.max(last + 1);
        let high = (ticks >> 12) << 16 | 0x7000 | (ticks & 0xfff);
        // Guessing an id must not be possible from knowing another: the low half is all chance.
        let low = (rand::random::<u64>() >> 2) | (0b10 << 62);
        Uuid::from_u64_pair(high, low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Duration};

    #[test]
    fn ids_are_version_7_and_carry_the_time_of_the_clock() {
        let start = DateTime::from_timestamp_millis(1_800_000_000_042).expect("a time");
        let id = Ids::new(Clock::manual(start).0).uuid();
        assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
        let (seconds, nanos) = id.get_timestamp().expect("v7 has a time").to_unix();
        assert_eq!((seconds, nanos / 1_000_000), (1_800_000_000, 42));
    }

    #[test]
    fn ids_rise_even_when_the_clock_goes_back() {
        let (clock, hand) = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).expect("a time"));
        let ids = Ids::new(clock);
        let mut last = ids.uuid();
        for i in 0..10_000 {
            if i == 5_000 {
                hand.advance(Duration::seconds(-60));
            }
            let id = ids.uuid();
            assert!(id > last, "{id} after {last}");
            last = id;
        }
    }

    #[test]
    fn threads_never_get_the_same_id() {
        let ids = Ids::new(Clock::system());
        let make = || (0..2_000).map(|_| ids.uuid()).collect::<Vec<_>>();
        let mut all = std::thread::scope(|s| {
            let handles: Vec<_> = (0..4).map(|_| s.spawn(make)).collect();
            handles.into_iter().flat_map(|h| h.join().expect("a thread")).collect::<Vec<_>>()
        });
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 8_000);
    }
}
