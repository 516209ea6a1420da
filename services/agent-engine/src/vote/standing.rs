//! How does a choice stand while it is decided?

use super::tally::Tally;
use crate::{
    choice::number::{middle, natural},
    domain::{
        ballot::Choice,
        meeting::{Method, Outcome},
    },
};
use std::cmp::Ordering;

/// A choice, its votes and what became of it so far.
#[derive(Clone, Debug)]
pub(super) struct Standing<'a> {
    pub choice: &'a Choice,
    pub tally: Tally,
    pub outcome: Outcome,
    pub method: Method,
    /// `code:detail`.
    pub conditions: Vec<String>,
    /// It breaks a constraint: no vote can help it.
    pub barred: bool,
}

impl Standing<'_> {
    /// Puts it off.
    pub fn defer(&mut self, method: Method, condition: String) {
        (self.outcome, self.method) = (Outcome::Deferred, method);
        self.conditions.push(condition);
    }

    /// In the middle of what it costs.
    pub fn cost(&self) -> f64 {
        middle(self.choice.cost)
    }

    /// The rule of the chair: what can be taken back first, then what costs less, then the number.
    pub fn chair(&self, other: &Self) -> Ordering {
        let (a, b) = (self.choice, other.choice);
        let back = a.reversibility.cmp(&b.reversibility);
        let cost = self.cost().total_cmp(&other.cost());
        back.then(cost).then_with(|| natural(&a.id).cmp(&natural(&b.id)))
    }
}
