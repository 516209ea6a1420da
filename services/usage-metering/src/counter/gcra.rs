//! How full is a bucket that empties in a minute?
//!
//! The generic cell rate algorithm with a burst of the whole limit, kept as a level instead of a theoretical arrival
//! time: settlements move it both ways, and a changed limit keeps meaning what was used. All numbers are whole, and
//! small enough to be exact in Redis' doubles: the level counts 1/60,000 of a unit, of which `limit` drain per
//! millisecond.

use crate::limit::Standing;

/// Milliseconds in which a full bucket empties.
pub(crate) const MINUTE: i64 = 60_000;

/// What has been taken of one limit and has not drained yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    level: i64,
    /// Milliseconds since 1970, up to which it is drained.
    at: i64,
}

impl Bucket {
    /// Lets drain what has drained by `now`.
    pub fn drain(&mut self, limit: i64, now: i64) {
        if now > self.at {
            self.level = (self.level - (now - self.at).saturating_mul(limit)).max(0);
            self.at = now;
        } else if self.at - now > MINUTE {
            // The clock was set back. Without this the bucket would stay as full as it is until the old time is back.
            *self = Self { level: 0, at: now };
        }
    }

    /// Where it stands, and how long until `cost` fits. Drain it first.
    pub fn standing(&self, limit: i64, cost: i64) -> Standing {
        // An overdrawn bucket is no reason to refuse what asks for nothing.
        let missing = if cost == 0 { 0 } else { self.level + cost * MINUTE - limit * MINUTE };
        Standing {
            used: ceil(self.level, MINUTE),
            reset_ms: ceil(self.level, limit),
            retry_ms: ceil(missing.max(0), limit),
        }
    }

    /// Takes `units`, or gives them back. A settlement may take more than the limit: what was used was used.
    pub fn take(&mut self, units: i64) {
        self.level = self.level.saturating_add(units.saturating_mul(MINUTE)).max(0);
    }

    pub fn is_empty(&self) -> bool {
        self.level == 0
    }
}

fn ceil(value: i64, by: i64) -> i64 {
    value / by + i64::from(value % by > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The textbook form, in exact fractions: a theoretical arrival time that moves by a minute/limit per unit.
    struct Textbook {
        tat: i128,
    }
    impl Textbook {
        /// Times are in milliseconds × limit, so that nothing is rounded.
        fn admit(&mut self, limit: i64, now: i64, cost: i64) -> bool {
            let (limit, now) = (i128::from(limit), i128::from(now) * i128::from(limit));
            let tat = self.tat.max(now) + i128::from(cost) * i128::from(MINUTE);
            let fits = tat - now <= i128::from(MINUTE) * limit;
            if fits {
                self.tat = tat;
            }
            fits
        }
    }

    proptest! {
        #[test]
        fn the_level_decides_as_the_textbook_does(
            limit in 1i64..200,
            steps in prop::collection::vec((0i64..5_000, 1i64..20), 1..200),
        ) {
            let (mut bucket, mut textbook, mut now) = (Bucket::default(), Textbook { tat: 0 }, 1_000_000);
            for (wait, cost) in steps {
                now += wait;
                bucket.drain(limit, now);
                let standing = bucket.standing(limit, cost);
                let fits = standing.retry_ms == 0;
                prop_assert_eq!(fits, textbook.admit(limit, now, cost));
                if fits { bucket.take(cost) }
                prop_assert!(bucket.standing(limit, 0).used <= limit);
            }
        }

        #[test]
        fn after_the_wait_that_it_asks_for_the_request_fits(
            limit in 1i64..100_000, used in 0i64..200_000, cost in 1i64..100_000,
        ) {
            prop_assume!(cost <= limit);
            let mut bucket = Bucket { level: 0, at: 5 };
            bucket.take(used);
            let wait = bucket.standing(limit, cost).retry_ms;
            if wait > 0 {
                bucket.drain(limit, 5 + wait - 1);
                prop_assert!(bucket.standing(limit, cost).retry_ms > 0, "a millisecond earlier it does not");
            }
            bucket.drain(limit, 5 + wait);
            prop_assert_eq!(bucket.standing(limit, cost).retry_ms, 0);
        }
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_keep_a_bucket_full() {
        let mut bucket = Bucket { level: 0, at: 10_000_000 };
        bucket.take(10);
        bucket.drain(10, 1_000_000);
        assert_eq!(bucket.standing(10, 1), Standing { used: 0, reset_ms: 0, retry_ms: 0 });
    }
}
