//! Which share of new work is turned away?
//!
//! It rises by steps, which are larger the longer the wait is beyond what may be, and falls by a part of itself: faster up than
//! down, so that a queue that has formed is soon gone. Some seconds after the last excess all are let in again.

use std::time::Duration;

/// Never all: those that are let in show whether it is better.
const MOST: f64 = 0.95;
/// Of one step up for a wait that is just too long, and of one for a wait of many times that.
const STEP: (f64, f64) = (0.03, 0.15);
/// What is left of the share after a period that was fine.
const FALL: f64 = 0.93;
/// A share below this one is none.
const NONE: f64 = 0.01;
/// So many periods in a row must be bad before the first is turned away: a burst, a start, or a neighbour on the machine is over by
/// then.
const PATIENCE: u32 = 5;

/// The share, between 0 and 1.
pub(super) struct Share {
    max_wait: Duration,
    share: f64,
    /// Periods in a row that were bad.
    bad: u32,
}

impl Share {
    /// None are turned away yet.
    pub(super) fn new(max_wait: Duration) -> Self {
        Self { max_wait, share: 0.0, bad: 0 }
    }

    /// The share after so many periods in which work waited so long on average.
    pub(super) fn after(&mut self, waited: Duration, periods: u32) -> f64 {
        let excess = waited.as_secs_f64() / self.max_wait.as_secs_f64() - 1.0;
        let left = self.share * FALL.powi(i32::try_from(periods).unwrap_or(i32::MAX));
        self.bad = if excess > 0.0 { self.bad.saturating_add(periods) } else { 0 };
        self.share = if excess > 0.0 && self.share <= 0.0 && self.bad < PATIENCE {
            0.0
        } else if excess > 0.0 {
            (self.share + (STEP.0 * (1.0 + excess)).min(STEP.1)).min(MOST)
        } else if left < NONE {
            0.0
        } else {
            left
        };
        self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: Duration = Duration::from_millis(20);

    /// A process that can do `capacity` of what is asked, which is 1: whatever it lets in beyond that waits longer and longer.
    fn settle(asked: f64, periods: usize) -> (Share, Vec<f64>) {
        let (mut share, mut queue, mut shares) = (Share::new(MAX), 0.0_f64, vec![]);
        for _ in 0..periods {
            // In periods of 100 ms: what is let in beyond the capacity of 1 is added to what waits, in milliseconds.
            let let_in = asked * (1.0 - shares.last().copied().unwrap_or(0.0));
            queue = (queue + (let_in - 1.0) * 100.0).max(0.0);
            shares.push(share.after(Duration::from_secs_f64(queue / 1000.0), 1));
        }
        (share, shares)
    }

    #[test]
    fn as_long_as_nothing_waits_too_long_nobody_is_turned_away() {
        let mut share = Share::new(MAX);
        for waited in [Duration::ZERO, MAX] {
            assert_eq!(share.after(waited, 1).to_bits(), 0.0_f64.to_bits());
        }
    }

    #[test]
    fn a_burst_is_borne() {
        let mut share = Share::new(MAX);
        for _ in 0..3 {
            assert!((1..PATIENCE).all(|_| share.after(10 * MAX, 1) <= 0.0));
            share.after(MAX, 1);
        }
        assert!((1..PATIENCE).all(|_| share.after(10 * MAX, 1) <= 0.0) && share.after(10 * MAX, 1) > 0.0);
    }

    #[test]
    fn three_times_too_much_settles_about_two_thirds() {
        let (_, shares) = settle(3.0, 300);
        let last: f64 = shares.iter().rev().take(200).sum::<f64>() / 200.0;
        assert!((0.6..0.75).contains(&last), "{last}");
    }

    #[test]
    fn some_are_always_let_in_and_when_it_is_over_all_are_within_seconds() {
        let (mut share, shares) = settle(1_000.0, 100);
        assert!(shares.iter().all(|share| *share <= MOST));
        let periods = (0..).take_while(|_| share.after(Duration::ZERO, 1) > 0.0).count();
        assert!(periods < 70, "{periods} periods of 100 ms");
    }
}
