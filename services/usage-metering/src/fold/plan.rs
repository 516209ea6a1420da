//! What of a batch belongs together?

use super::{Folded, Pair};
use crate::{
    event::{Admitted, Event, Settled},
    grant::GrantKey,
};
use std::collections::HashMap;

/// A batch, sorted by what there is to do.
pub(super) struct Plan<'a> {
    /// Admitted in this batch and still open.
    pub open: HashMap<GrantKey, &'a Admitted>,
    /// Admitted and settled in this batch.
    pub settled: Vec<Pair<'a>>,
    /// Settled in this batch, admitted before: index of the event, settlement.
    pub elsewhere: Vec<(usize, &'a Settled)>,
    /// What became of each event.
    pub results: Vec<Folded>,
    /// Which settlement of the batch closes a grant.
    closed: HashMap<GrantKey, (usize, &'a Settled)>,
    /// Settlements that repeat one of the batch: index of the event, index of the first, whether they say the same.
    repeated: Vec<(usize, usize, bool)>,
}

impl<'a> Plan<'a> {
    pub fn of(events: &[&'a Event]) -> Self {
        let mut plan = Self {
            open: HashMap::with_capacity(events.len() / 2),
            settled: Vec::with_capacity(events.len() / 2),
            elsewhere: vec![],
            results: vec![Folded::Admitted; events.len()],
            closed: HashMap::with_capacity(events.len() / 2),
            repeated: vec![],
        };
        for (index, event) in events.iter().enumerate() {
            match event {
                Event::Admitted(grant) => plan.admit(grant),
                Event::Settled(settled) => plan.settle(index, settled),
            }
        }
        plan
    }

    /// A repetition has the answer of the first, but for who it was that settled.
    pub fn answer_repeated(&mut self) {
        for (index, first, same) in &self.repeated {
            self.results[*index] = match &self.results[*first] {
                Folded::Unknown => Folded::Unknown,
                _ if !same => Folded::Conflict,
                _ => Folded::AlreadySettled,
            };
        }
    }

    fn admit(&mut self, grant: &'a Admitted) {
        // Of one that was settled before, the statement makes no row.
        self.open.entry(grant.key()).or_insert(grant);
    }

    fn settle(&mut self, index: usize, settled: &'a Settled) {
        let key = settled.key();
        if let Some((first, closing)) = self.closed.get(&key) {
            self.repeated.push((index, *first, closing.used().is_same(&settled.used())));
        } else if let Some(grant) = self.open.remove(&key) {
            self.settled.push((grant, settled));
            self.results[index] = Folded::Settled { grant: None };
            self.closed.insert(key, (index, settled));
        } else {
            self.closed.insert(key, (index, settled));
            self.elsewhere.push((index, settled));
        }
    }
}
