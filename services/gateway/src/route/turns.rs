//! Who is asked next? The same provider again after a pause, the next one, or nobody.

use super::policy::Retries;
use crate::provider::fault::{Fault, Kind};
use std::{collections::VecDeque, time::Duration};
use tokio::time::Instant;

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The same provider, after this pause.
    Again(Duration),
    /// The next provider, at once.
    Other,
    Nothing,
}

/// The attempts of one request, one after the other.
#[derive(Clone)]
pub(crate) struct Turns {
    /// Candidates that have not had their turn; the first has it now.
    left: VecDeque<usize>,
    /// Whose turn was put off; it is not put off twice.
    put_off: Vec<usize>,
    /// The how many-th attempt is next.
    number: usize,
    most: usize,
    retries: Retries,
    /// How often the current candidate was asked again.
    again: u32,
    deadline: Instant,
    /// Between 0 and 1: how much of the pauses chance takes away.
    chance: f64,
}

impl Turns {
    /// `chance`: from 0 to 1.
    pub(crate) fn new(candidates: usize, most: usize, retries: Retries, deadline: Instant, chance: f64) -> Self {
        let left = (0..candidates).collect();
        Self { left, put_off: vec![], number: 1, most, retries, again: 0, deadline, chance }
    }

    /// Whose turn it is, and the how many-th attempt that would be.
    pub(crate) fn now(&self) -> Option<(usize, usize)> {
        self.left.front().filter(|_| self.number <= self.most).map(|index| (*index, self.number))
    }

    /// Whether the current candidate has to be asked, if anybody is.
    pub(crate) fn must(&self) -> bool {
        self.left.len() <= 1 || self.again > 0 || self.left.front().is_some_and(|now| self.put_off.contains(now))
    }

    /// The current candidate is asked after all others.
    pub(crate) fn put_off(&mut self) {
        if let Some(index) = self.left.pop_front() {
            self.put_off.push(index);
            self.left.push_back(index);
        }
    }

    /// The current candidate cannot be asked; that was no attempt.
    pub(crate) fn pass_over(&mut self) {
        self.left.pop_front();
        self.again = 0;
    }

    /// Who is asked beside the current candidate, and the how many-th attempt that is. None: nobody is left for that.
    pub(crate) fn beside(&mut self) -> Option<(usize, usize)> {
        if self.number >= self.most || self.left.len() < 2 {
            return None;
        }
        let index = self.left.remove(1)?;
        self.number += 1;
        Some((index, self.number))
    }

    /// The candidate was not asked beside the current one.
    pub(crate) fn put_back(&mut self, index: usize) {
        self.number -= 1;
        self.left.insert(1.min(self.left.len()), index);
    }

    /// Whether anything follows an attempt that failed like this.
    pub(crate) fn goes_on_after(&self, fault: &Fault) -> bool {
        self.next_after(fault) != Next::Nothing
    }

    /// The current attempt failed like this: what follows is the turn from now on.
    pub(crate) fn failed(&mut self, fault: &Fault) -> Next {
        let next = self.next_after(fault);
        self.number += 1;
        match next {
            Next::Again(_) => self.again += 1,
            Next::Other => self.pass_over(),
            Next::Nothing => self.left.clear(),
        }
        next
    }

    fn next_after(&self, fault: &Fault) -> Next {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if !fault.is_worth_another() || self.number >= self.most || left.is_zero() {
            return Next::Nothing;
        }
        let pause = self.pause().max(fault.retry_after.unwrap_or_default());
        // A provider that wants to be left alone for longer than that is not waited for.
        if self.again < self.retries.most && may_pass(fault) && pause <= self.retries.longest && pause < left {
            return Next::Again(pause);
        }
        if self.left.len() > 1 { Next::Other } else { Next::Nothing }
    }

    /// Doubles with each retry; chance takes up to half of it away, so that those who failed together do not come back
    /// together.
    fn pause(&self) -> Duration {
        let whole = self.retries.first.saturating_mul(1 << self.again.min(16)).min(self.retries.longest);
        whole.mul_f64(1.0 - self.chance.clamp(0.0, 1.0) / 2.0)
    }
}

/// Whether the same request may fare better with the same provider in a moment.
const fn may_pass(fault: &Fault) -> bool {
    !matches!(fault.kind, Kind::Credential | Kind::PlatformCredential) && fault.status != 402
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRIES: Retries = Retries { most: 2, first: Duration::from_millis(100), longest: Duration::from_secs(5) };

    fn turns(candidates: usize, most: usize, deadline: Duration) -> Turns {
        Turns::new(candidates, most, RETRIES, Instant::now() + deadline, 0.0)
    }

    fn status(status: u16, wait: u64) -> Fault {
        Fault::of_status(status, (wait > 0).then(|| Duration::from_secs(wait))).expect("a fault")
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_is_asked_again_with_growing_pauses_before_the_next_is() {
        let mut turns = turns(2, 8, Duration::from_secs(60));
        let ms = Duration::from_millis;
        let mut seen = vec![];
        while let Some((index, number)) = turns.now() {
            seen.push((index, number, turns.failed(&status(500, 0))));
        }
        let expected = [
            (0, 1, Next::Again(ms(100))),
            (0, 2, Next::Again(ms(200))),
            (0, 3, Next::Other),
            (1, 4, Next::Again(ms(100))),
            (1, 5, Next::Again(ms(200))),
            (1, 6, Next::Nothing),
        ];
        assert_eq!(seen, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn retries_never_go_into_a_window_that_is_closed() {
        let mut first = turns(2, 8, Duration::from_secs(60));
        assert_eq!(first.failed(&status(429, 3)), Next::Again(Duration::from_secs(3)), "what was asked for");
        assert_eq!(first.failed(&status(429, 7)), Next::Other, "longer than the longest pause");
        let mut short = turns(2, 8, Duration::from_secs(2));
        assert_eq!(short.failed(&status(429, 3)), Next::Other, "longer than the deadline");
        let mut alone = turns(1, 8, Duration::from_secs(2));
        assert!(!alone.goes_on_after(&status(429, 3)));
        assert_eq!(alone.failed(&status(429, 3)), Next::Nothing);
        assert_eq!(alone.now(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_moment_does_not_change_is_not_tried_again() {
        for refused in [401, 403, 402] {
            assert_eq!(turns(2, 8, Duration::from_secs(60)).failed(&status(refused, 0)), Next::Other, "{refused}");
        }
        assert_eq!(turns(2, 8, Duration::from_secs(60)).failed(&status(400, 0)), Next::Nothing);
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_never_more_attempts_than_allowed_and_none_after_the_deadline() {
        let mut few = turns(3, 2, Duration::from_secs(60));
        assert_eq!(
            (few.failed(&status(500, 0)), few.failed(&status(500, 0))),
            (Next::Again(RETRIES.first), Next::Nothing)
        );
        let mut late = turns(3, 8, Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(late.failed(&status(500, 0)), Next::Nothing);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_put_off_comes_last_and_then_has_to_be_asked() {
        let mut turns = turns(2, 8, Duration::from_secs(60));
        assert!(!turns.must());
        turns.put_off();
        assert_eq!((turns.now(), turns.must()), (Some((1, 1)), false));
        turns.pass_over();
        assert_eq!((turns.now(), turns.must()), (Some((0, 1)), true));
    }

    #[tokio::test(start_paused = true)]
    async fn chance_takes_up_to_half_of_a_pause() {
        for (chance, ms) in [(0.0, 100), (0.5, 75), (1.0, 50)] {
            let turns = Turns::new(1, 8, RETRIES, Instant::now() + Duration::from_secs(9), chance);
            assert_eq!(turns.pause(), Duration::from_millis(ms));
        }
    }
}
