//! How many may be let in until the next look, while more come than can be done?
//!
//! While work waits too long, as many as were done lately, and a few fewer, so that the wait comes to what it may be: as something
//! always waits, that is what can be done. While it does not, more and more, whatever was done: who waits for a slow provider is not
//! done, and keeps no processor from anybody.

use std::time::Duration;

/// Which part of the way to the wait that may be is gone until the next look.
const PACE: f64 = 0.3;
/// But not fewer than this part of what can be done meanwhile: a wait may have another reason than what was let in.
const SLOWEST: f64 = 0.5;
/// By how much more are let in from one look to the next while nothing waits.
const UP: f64 = 0.3;
/// After so many seconds it counts half what was done.
const MEMORY: f64 = 0.3;
/// And what was the most.
const LONG_MEMORY: f64 = 10.0;
/// Never less than this part of the most: who lets in few is done with few, and would let in fewer and fewer.
const FLOOR: f64 = 0.25;
/// Never fewer than this per second: those that are let in show whether it is better.
const LEAST: f64 = 10.0;

/// The rate.
pub(super) struct Rate {
    target: f64,
    /// How many were done lately, and within how many seconds.
    done: f64,
    time: f64,
    /// The most that was done in a second.
    most: f64,
    /// How many may be let in in a second.
    per_second: f64,
    /// What may still be let in before the next look.
    tokens: f64,
}

impl Rate {
    /// `target`: how long work may wait.
    pub(super) fn new(target: Duration) -> Self {
        Self { target: target.as_secs_f64(), done: 0.0, time: 0.0, most: 0.0, per_second: LEAST, tokens: 0.0 }
    }

    /// How long work waits now, and how many were done since the last look, so long ago. Also to be told while all are let in.
    pub(super) fn look(&mut self, waits: Duration, done: u32, since: Duration) {
        let (waits, since) = (waits.as_secs_f64(), since.as_secs_f64());
        let kept = |memory: f64| 0.5_f64.powf(since / memory);
        self.done = self.done * kept(MEMORY) + f64::from(done);
        self.time = self.time * kept(MEMORY) + since;
        let done = self.done / self.time.max(MEMORY);
        self.most = done.max(self.most * kept(LONG_MEMORY));
        let too_long = waits - self.target;
        self.per_second = if too_long > 0.0 {
            let time = (since - PACE * too_long).max(SLOWEST * since);
            done * time / since
        } else {
            let grown = self.per_second * (1.0 + UP * -too_long / self.target);
            // Beyond what comes a higher rate means nothing.
            if self.tokens >= 1.0 { grown.min(self.per_second.max(2.0 * done)) } else { grown }
        };
        self.per_second = self.per_second.max(FLOOR * self.most).max(LEAST);
        // What nobody wanted is not saved up: they would all come at once. Parts of one are.
        self.tokens = self.tokens.fract() + self.per_second * since;
    }

    /// Whether one more may be let in now.
    pub(super) fn take(&mut self) -> bool {
        let is_left = self.tokens >= 1.0;
        self.tokens -= f64::from(u8::from(is_left));
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    const TARGET: Duration = Duration::from_millis(50);
    /// What one machine does in a second.
    const CAN: f64 = 1_000.0;
    const PATIENCE: f64 = 0.5;

    /// A machine that works at everything in turns, as a runtime does, while so many come per second and each of them wants so many
    /// turns, after a time in which it wants none. How many per second were done, and the longest wait for a turn, after the first seconds.
    fn run(come: f64, turns: u32, latency: f64, seconds: f64) -> (f64, f64) {
        let (mut rate, mut active) = (Rate::new(TARGET), VecDeque::<u32>::new());
        let mut elsewhere = VecDeque::<f64>::new();
        let (mut now, mut looked, mut due, mut coming, mut new) = (0.0, 0.0, 0.02, 0.0, 0);
        let (mut done, mut longest) = (0.0, 0.0_f64);
        while now < seconds {
            let turn = 1.0 / CAN / f64::from(turns);
            let passed = (active.len() as f64 * turn).max(0.000_5);
            now += passed;
            for _ in 0..active.len() {
                match active.pop_front() {
                    Some(1) => new += 1,
                    Some(left) => active.push_back(left - 1),
                    None => {}
                }
            }
            coming += come * passed;
            let came = coming as usize;
            coming -= came as f64;
            let is_in = (0..came).filter(|_| now < PATIENCE || rate.take()).count();
            elsewhere.extend(std::iter::repeat_n(now + latency, is_in));
            while elsewhere.front().is_some_and(|back| *back <= now) {
                elsewhere.pop_front();
                active.push_back(turns);
            }
            if now >= due {
                let waits = active.len() as f64 * turn + now - due;
                rate.look(Duration::from_secs_f64(waits), new, Duration::from_secs_f64(now - looked));
                done += if now > 3.0 { f64::from(new) } else { 0.0 };
                longest = if now > 3.0 { longest.max(waits) } else { longest };
                (looked, due, new) = (now, now + 0.02, 0);
            }
        }
        (done / (seconds - 3.0), longest)
    }

    #[test]
    fn however_many_come_nearly_all_that_can_be_done_is_done_and_waits_are_short() {
        for come in [1_200.0, 3_000.0, 5_000.0] {
            for turns in [1, 3, 12] {
                let (done, longest) = run(come, turns, 0.0, 20.0);
                assert!(done > 0.95 * CAN, "{come}/s in {turns} turns: {done} of {CAN} were done");
                assert!(longest < 0.45, "{come}/s in {turns} turns: waits of {longest} s");
            }
        }
    }

    #[test]
    fn as_long_as_not_too_many_come_all_are_let_in() {
        let (done, longest) = run(900.0, 12, 0.0, 20.0);
        assert!(done > 890.0 && longest < 0.03, "{done}, {longest}");
    }

    #[test]
    fn who_waits_for_a_slow_provider_keeps_nobody_out() {
        // The process believes that it has too much to do, and ten times as many come as before.
        let (mut rate, look) = (Rate::new(TARGET), Duration::from_millis(20));
        (0..50).for_each(|_| rate.look(2 * TARGET, 0, look));
        let let_in: usize = (0..50)
            .map(|_| {
                rate.look(Duration::ZERO, 0, look);
                (0..6).filter(|_| rate.take()).count()
            })
            .sum();
        assert!(let_in > 150, "of 300 in a second {let_in} were let in");
        let (done, _) = run(300.0, 12, 5.0, 30.0);
        assert!(done > 240.0, "of 300 in a second {done} were done");
    }

    #[test]
    fn some_are_always_let_in_and_what_nobody_wanted_is_not_saved_up() {
        let mut rate = Rate::new(TARGET);
        let second = Duration::from_secs(1);
        (0..100).for_each(|_| rate.look(TARGET, 0, second));
        let at_once = (0..).take_while(|_| rate.take()).count();
        assert!((10..=11).contains(&at_once), "{at_once}");
    }
}
