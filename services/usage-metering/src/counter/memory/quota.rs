//! How much of a quota is used, in the memory of one process?

use crate::limit::{Limit, Standing};

/// Longer than any grant lives: what is forgotten after it has no reservation that only this process knows of.
const IDLE: i64 = 2 * 3_600_000;
/// After the end of its period nobody asks for a quota, but for requests that arrived before.
const AFTER_END: i64 = 2 * 3_600_000;

/// Settled and reserved. Times are milliseconds since 1970.
#[derive(Debug)]
pub(super) struct Used {
    state: State,
    touched: i64,
    end: Option<i64>,
}

#[derive(Debug)]
enum State {
    /// Somebody reads from SQL what is settled. What was corrected meanwhile may be in what they read, or not.
    Loading {
        missed: i64,
        corrected: bool,
    },
    Known(i64),
}

impl Used {
    pub const fn new(end: Option<i64>) -> Self {
        let end = match end {
            Some(seconds) => Some(seconds * 1000),
            None => None,
        };
        Self { state: State::Loading { missed: 0, corrected: false }, touched: 0, end }
    }

    /// None: it has not been loaded.
    pub fn standing(&self, limit: &Limit, cost: i64, now: i64) -> Option<Standing> {
        let State::Known(used) = self.state else { return None };
        Some(limit.quota_standing(used, cost, now))
    }

    /// Reserves what is asked for, or what is left if less will do; answers how much that is.
    pub fn take(&mut self, limit: &Limit, now: i64) -> i64 {
        let State::Known(used) = &mut self.state else { return 0 };
        let taken = if limit.soft { limit.cost } else { limit.cost.min((limit.limit - *used).max(limit.least)) };
        *used = used.saturating_add(taken);
        self.touched = now;
        taken
    }

    pub fn correct(&mut self, by: i64, now: i64) {
        match &mut self.state {
            State::Known(used) => *used = used.saturating_add(by).max(0),
            State::Loading { missed, corrected } => {
                // What was read may have it already: counted twice refuses early, not at all would be an overrun.
                (*missed, *corrected) = (missed.saturating_add(by.max(0)), true);
            }
        }
        self.touched = now;
    }

    pub const fn begin(&mut self, now: i64) {
        if matches!(self.state, State::Loading { .. }) {
            self.state = State::Loading { missed: 0, corrected: false };
        }
        self.touched = now;
    }

    pub const fn install(&mut self, settled: i64, must_be_exact: bool) -> bool {
        match self.state {
            State::Known(_) => true,
            State::Loading { corrected: true, .. } if must_be_exact => false,
            State::Loading { missed, .. } => {
                self.state = State::Known(settled.saturating_add(missed));
                true
            }
        }
    }

    pub fn is_idle(&self, now: i64) -> bool {
        self.touched + IDLE < now || self.end.is_some_and(|end| end + AFTER_END < now && self.touched + AFTER_END < now)
    }
}
