//! Which votes count: those that were sealed, or those after the talk?

use crate::domain::{
    ballot::{Ballot, Vote},
    meeting::{Move, Round},
    role::Role,
};
use std::collections::BTreeMap;

/// Votes as they are counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// One of each who may vote, sorted by role; votes sorted by choice.
    pub ballots: Vec<Ballot>,
    /// Who gave in on which choice without a new reason: there the sealed vote counts. Sorted.
    pub conformity: Vec<(Role, String)>,
}

/// Counts votes. A vote that was turned around after the talk counts as it is then only if its agent revised or conceded
/// something for evidence that was new to it; otherwise it counts as it was sealed. A choice that the later ballot says
/// nothing of stands as it was. Reviewer and chair have no vote.
pub fn count(before: &[Ballot], after: &[Ballot], rounds: &[Round]) -> Counted {
    let (sealed, later) = (by_role(before), by_role(after));
    let mut counted = Counted::default();
    let mut roles: Vec<Role> = sealed.keys().chain(later.keys()).copied().collect();
    roles.sort_unstable();
    roles.dedup();
    for role in roles {
        let may_turn = has_reason(role, rounds);
        let mut votes = sealed.get(&role).cloned().unwrap_or_default();
        for (choice, vote) in later.get(&role).into_iter().flatten() {
            let turned = votes.get(choice).is_some_and(|sealed| sealed.approve != vote.approve);
            if turned && !may_turn {
                counted.conformity.push((role, (*choice).to_owned()));
            } else {
                votes.insert(choice, vote);
            }
        }
        counted.ballots.push(Ballot { role, votes: votes.into_values().cloned().collect() });
    }
    counted
}

type Votes<'a> = BTreeMap<&'a str, &'a Vote>;

/// The first ballot of each role, and the first vote of each choice.
fn by_role(ballots: &[Ballot]) -> BTreeMap<Role, Votes<'_>> {
    let mut all: BTreeMap<Role, Votes> = BTreeMap::new();
    for ballot in ballots.iter().filter(|ballot| !matches!(ballot.role, Role::Reviewer | Role::Chair)) {
        let votes = all.entry(ballot.role).or_default();
        for vote in &ballot.votes {
            votes.entry(&vote.choice).or_insert(vote);
        }
    }
    all
}

fn has_reason(role: Role, rounds: &[Round]) -> bool {
    let turns = rounds.iter().flat_map(|round| &round.turns).filter(|turn| turn.role == role);
    turns.filter(|turn| turn.action != Move::Maintain).any(|turn| is_new(turn.new_evidence.as_deref()))
}

/// Whether a turn names something that its agent had not seen before.
pub(super) fn is_new(evidence: Option<&str>) -> bool {
    evidence.is_some_and(|evidence| !evidence.trim().is_empty())
}
