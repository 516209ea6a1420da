//! How many are for something, and how many against it?

use super::count::Counted;
use crate::{
    choice::number::share,
    domain::{ballot::Vote, role::Role},
};

/// Of one who must be at the table, and of everybody else.
const MANDATORY: f64 = 1.25;
const OTHER: f64 = 1.0;
/// Sums that are no further apart are as many.
const EVEN: f64 = 1e-9;

/// Votes on one choice, by weight and confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    /// For it.
    pub approve: f64,
    /// Against it.
    pub reject: f64,
    /// (for − against) / (for + against); 0 where as many are for it as against it, or nobody.
    pub margin: f64,
    /// How sure those are who have the majority, where those against it count as not sure at all: 0 to 1.
    pub confidence: f64,
    /// One who must be at the table is against it.
    pub vetoed: bool,
}

/// What a role's vote weighs.
pub(super) const fn weight(role: Role) -> f64 {
    if role.is_mandatory() { MANDATORY } else { OTHER }
}

/// Counts the votes on a choice.
pub(super) fn tally(counted: &Counted, choice: &str) -> Tally {
    let mut sum = Tally::default();
    let mut present = 0.0;
    for (role, vote) in votes(counted, choice) {
        let weight = weight(role);
        present += weight;
        let side = if vote.approve { &mut sum.approve } else { &mut sum.reject };
        *side += weight * share(vote.confidence);
        sum.vetoed |= !vote.approve && role.is_mandatory();
    }
    sum.margin = margin(sum.approve, sum.reject);
    sum.confidence = if present > 0.0 { share(sum.approve.max(sum.reject) / present) } else { 0.0 };
    sum
}

/// Who voted how on a choice, by role.
pub(super) fn votes<'a>(counted: &'a Counted, choice: &'a str) -> impl Iterator<Item = (Role, &'a Vote)> {
    let of = move |votes: &'a [Vote]| votes.iter().find(move |vote| vote.choice == choice);
    counted.ballots.iter().filter_map(move |ballot| Some((ballot.role, of(&ballot.votes)?)))
}

/// Between −1 and 1.
pub(super) fn margin(approve: f64, reject: f64) -> f64 {
    let (sum, difference) = (approve + reject, approve - reject);
    if difference.abs() <= EVEN { 0.0 } else { difference / sum }
}
