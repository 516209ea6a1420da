//! Is there room for another call? Decided before it is made, from what it may use at most.

use crate::{
    journal::CallRow,
    plan::{Ask, Limits},
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What an execution has used, and what calls under way may still use.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    spent: i64,
    reserved: i64,
    calls: i64,
}

impl Budget {
    /// As the journal has it. A call that was under way when a former worker ended has its room.
    pub(crate) fn new(limits: Limits, calls: &[CallRow]) -> Self {
        let mut state = State::default();
        for call in calls {
            state.calls += 1;
            match call.state.as_str() {
                "started" => state.reserved += call.reserved,
                _ => state.spent += call.input_tokens + call.output_tokens,
            }
        }
        Self { limits, state: Mutex::new(state) }
    }

    /// Takes room for a call of at most so many tokens.
    pub(crate) fn reserve(&self, tokens: i64, share: Share) -> bool {
        let kept = match share {
            Share::Landing => (0, 0),
            Share::Needed => (self.limits.landing_tokens, self.limits.landing_calls),
            // The first to be left out: a tenth more stays for those without whom nothing is decided.
            Share::Optional => (self.limits.landing_tokens + self.limits.tokens / 10, self.limits.landing_calls + 2),
        };
        let mut state = self.lock();
        let fits = state.spent + state.reserved + tokens <= self.limits.tokens - kept.0
            && state.calls < self.limits.calls - kept.1;
        if fits {
            state.reserved += tokens;
            state.calls += 1;
        }
        fits
    }

    /// A call has ended: it had so much room, and used so much of it.
    pub(crate) fn settle(&self, reserved: i64, used: i64) {
        let mut state = self.lock();
        state.reserved -= reserved;
        state.spent += used;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a call may use of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// All of it: the decision is put into words.
    Landing,
    /// What is not kept for that.
    Needed,
    /// What nobody else is likely to need.
    Optional,
}

impl Share {
    pub(crate) const fn of(ask: &Ask) -> Self {
        match (ask.is_landing, ask.is_optional) {
            (true, _) => Self::Landing,
            (false, true) => Self::Optional,
            (false, false) => Self::Needed,
        }
    }
}

/// How many tokens a text is at most: providers count three bytes or more as one, and a few for each message.
pub(crate) fn estimate(bytes: usize) -> i64 {
    i64::try_from(bytes / 3).unwrap_or(i64::MAX / 4) + 24
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::depth::Depth;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_spent_never_passes_the_ceiling(
            asks in proptest::collection::vec((1_i64..9_000, 0..3_usize, 0.0_f64..1.0, any::<bool>()), 1..80),
        ) {
            let limits = Limits::of(Depth::Quick);
            let budget = Budget::new(limits, &[]);
            let mut open: Vec<(i64, i64)> = vec![];
            let (mut spent, mut calls) = (0, 0);
            for (tokens, share, part, settles) in asks {
                if budget.reserve(tokens, [Share::Landing, Share::Needed, Share::Optional][share]) {
                    calls += 1;
                    open.push((tokens, (tokens as f64 * part) as i64));
                }
                if settles && let Some((reserved, used)) = open.pop() {
                    budget.settle(reserved, used);
                    spent += used;
                }
                let worst = spent + open.iter().map(|(tokens, _)| tokens).sum::<i64>();
                prop_assert!(worst <= limits.tokens && calls <= limits.calls);
            }
        }
    }

    #[test]
    fn what_is_kept_for_the_end_is_there_at_the_end() {
        let limits = Limits::of(Depth::Quick);
        let budget = Budget::new(limits, &[]);
        while budget.reserve(1_000, Share::Optional) {}
        assert!(budget.reserve(1_000, Share::Needed), "who is not needed is left out first");
        while budget.reserve(1_000, Share::Needed) {}
        assert!(budget.reserve(1_000, Share::Landing), "the decision is put into words");
    }

    #[test]
    fn a_call_under_way_keeps_its_room_over_a_crash() {
        let limits = Limits::of(Depth::Quick);
        let row = |state: &str, reserved, used| CallRow {
            step: "frame".to_owned(),
            attempt: 1,
            state: state.to_owned(),
            reserved,
            input_tokens: used,
            output_tokens: 0,
            body: None,
        };
        let budget = Budget::new(limits, &[row("answered", 9_000, 30_000), row("started", 9_000, 0)]);
        assert!(!budget.reserve(2_000, Share::Landing));
        assert!(budget.reserve(1_000, Share::Landing));
    }
}
