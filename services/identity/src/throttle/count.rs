//! The arithmetic of failures. `take.lua` does the same inside Redis.

/// What is allowed of one thing that is counted. Times are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// Failures after which nobody waits.
    pub free: u32,
    /// The wait after the first one beyond; it doubles with each further one.
    pub base: i64,
    /// The longest wait.
    pub longest: i64,
    /// The time in which one failure is forgotten.
    pub leak: i64,
}

/// Failures so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Count {
    /// How many, at the time of the last one. They leak away, so that there are parts of one.
    pub n: f64,
    /// When the last one was, in milliseconds since 1970.
    pub at: i64,
}

/// Not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Milliseconds to wait.
    pub wait: i64,
    /// Failures so far.
    pub used: u32,
}

impl Rule {
    /// Whether the next try has to wait.
    pub fn refuses(self, count: Count, now: i64) -> Option<Refusal> {
        let used = whole(count.n);
        let over = used.checked_sub(self.free)?;
        let wait = self.base.saturating_mul(1 << over.min(40)).min(self.longest) - passed(count, now);
        (wait > 0).then_some(Refusal { wait, used })
    }

    /// Whether as many are left as are free.
    pub fn is_full(self, count: Count, now: i64) -> bool {
        whole(self.left(count, now)) >= self.free
    }

    /// The count with one more failure.
    pub fn add(self, count: Count, now: i64) -> Count {
        Count { n: self.left(count, now) + 1.0, at: now.max(count.at) }
    }

    /// What is not forgotten yet.
    #[expect(clippy::cast_precision_loss, reason = "a day of milliseconds has 27 bits")]
    fn left(self, count: Count, now: i64) -> f64 {
        (count.n - passed(count, now) as f64 / self.leak as f64).max(0.0)
    }
}

/// Clocks of two processes differ: time that runs backwards stands still.
fn passed(count: Count, now: i64) -> i64 {
    (now - count.at).max(0)
}

/// A part of a failure is one until it is forgotten.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of floats stays within bounds")]
fn whole(n: f64) -> u32 {
    n.ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { free: 3, base: 1000, longest: 60_000, leak: 600_000 };

    #[test]
    fn waits_begin_after_what_is_free_double_and_have_an_end() {
        let mut count = Count::default();
        let mut waits = vec![];
        for _ in 0..12 {
            let wait = RULE.refuses(count, count.at).map_or(0, |refusal| refusal.wait);
            waits.push(wait);
            count = RULE.add(count, count.at + wait);
        }
        assert_eq!(waits, [0, 0, 0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    }

    #[test]
    fn a_failure_is_forgotten_after_its_time_one_by_one() {
        let four = Count { n: 4.0, at: 0 };
        assert!(RULE.is_full(four, 599_999) && !RULE.is_full(four, 1_200_000));
        assert_eq!(RULE.add(four, 1_200_000).n, 3.0);
        assert_eq!(RULE.add(four, 10_000_000).n, 1.0, "less than nothing is nothing");
    }

    #[test]
    fn a_clock_that_is_behind_makes_nobody_wait_for_ever() {
        let count = Count { n: 3.0, at: 5000 };
        assert_eq!(RULE.refuses(count, 0).map(|r| r.wait), Some(1000));
        assert_eq!(RULE.add(count, 0), Count { n: 4.0, at: 5000 });
    }
}
