//! How much of a quota is used, in the memory of one process?

use crate::{
    counter::{Begun, Reading},
    limit::{Limit, Standing},
};
use std::collections::HashMap;
use uuid::Uuid;

/// Longer than any grant lives: what is forgotten after it has no reservation that only this process knows of.
const IDLE: i64 = 2 * 3_600_000;
/// After the end of its period nobody asks for a quota, but for requests that arrived before.
const AFTER_END: i64 = 2 * 3_600_000;

/// Request and attempt.
type Grant = (Uuid, i64);

/// Settled and reserved. Times are milliseconds since 1970.
#[derive(Debug)]
pub(super) struct Used {
    state: State,
    touched: i64,
    end: Option<i64>,
}

#[derive(Debug)]
enum State {
    /// Nobody has read it from SQL, or somebody is about to: what has ended since, which they may have found open. None:
    /// it was taken back. `missed` they may have found or not.
    Unknown { ended: HashMap<Grant, Option<i64>>, begun: Option<Begun>, missed: i64 },
    /// Each grant that is open in it is known with what it reserved: only those are corrected when they end.
    Known { used: i64, open: HashMap<Grant, i64> },
}

impl Used {
    pub fn new(end: Option<i64>) -> Self {
        let end = end.map(|seconds| seconds * 1000);
        Self { state: State::Unknown { ended: HashMap::new(), begun: None, missed: 0 }, touched: 0, end }
    }

    /// None: it has not been loaded.
    pub fn standing(&self, limit: &Limit, cost: i64, now: i64) -> Option<Standing> {
        let State::Known { used, .. } = self.state else { return None };
        Some(limit.quota_standing(used, cost, now))
    }

    /// Reserves what is asked for, or what is left if less will do; answers how much that is.
    pub fn take(&mut self, grant: Grant, limit: &Limit, now: i64) -> i64 {
        let State::Known { used, open } = &mut self.state else { return 0 };
        let taken = if limit.soft { limit.cost } else { limit.cost.min((limit.limit - *used).max(limit.least)) };
        *used = used.saturating_add(taken);
        let own = open.entry(grant).or_default();
        *own = own.saturating_add(taken);
        self.touched = now;
        taken
    }

    /// A grant has ended, and used so much more or less than it reserved; None: it is taken back.
    pub fn end(&mut self, grant: Grant, by: Option<i64>, now: i64) {
        self.touched = now;
        match &mut self.state {
            State::Known { used, open } => {
                // One that is not open here was read from SQL when it had ended.
                let Some(own) = open.remove(&grant) else { return };
                *used = used.saturating_add(by.unwrap_or(-own)).max(0);
            }
            State::Unknown { ended, .. } => drop(ended.entry(grant).or_insert(by)),
        }
    }

    /// What was settled is more or less after all.
    pub fn amend(&mut self, by: i64) {
        match &mut self.state {
            State::Known { used, .. } => *used = used.saturating_add(by).max(0),
            // What was read may have it already: counted twice refuses early, not at all would be an overrun.
            State::Unknown { begun: Some(_), missed, .. } => *missed = missed.saturating_add(by.max(0)),
            State::Unknown { .. } => {}
        }
    }

    /// Several may load at once: answers which of them was the first.
    pub fn begin(&mut self, number: Begun, now: i64) -> Begun {
        self.touched = now;
        match &mut self.state {
            State::Unknown { begun, .. } => *begun.get_or_insert(number),
            State::Known { .. } => number,
        }
    }

    pub fn install(&mut self, number: Begun, reading: &Reading) -> bool {
        let State::Unknown { ended, begun, missed } = &self.state else { return true };
        if *begun != Some(number) {
            return false;
        }
        let (mut used, mut open) = (reading.settled.saturating_add(*missed), HashMap::new());
        for (key, amount) in &reading.open {
            let grant = (key.request, key.attempt);
            match ended.get(&grant) {
                Some(Some(by)) => used = used.saturating_add(*amount).saturating_add(*by),
                Some(None) => {}
                None => {
                    used = used.saturating_add(*amount);
                    open.insert(grant, *amount);
                }
            }
        }
        self.state = State::Known { used: used.max(0), open };
        true
    }

    pub fn is_idle(&self, now: i64) -> bool {
        self.touched + IDLE < now || self.end.is_some_and(|end| end + AFTER_END < now && self.touched + AFTER_END < now)
    }
}
