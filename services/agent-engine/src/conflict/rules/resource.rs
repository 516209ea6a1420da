//! Does all that is proposed cost more than there is?

use super::{Finding, Table, score_of};
use crate::{
    choice::{self, limits::cap, number::middle, side::side},
    domain::{ballot::Choice, conflict::Kind},
};
use std::collections::{BTreeMap, BTreeSet};

/// At most one finding.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    contention(table).into_iter().collect()
}

fn contention(table: &Table) -> Option<Finding> {
    let cap = cap(table.brief)?;
    let choices = choice::pool(table.opinions);
    let costly = contenders(&choices);
    let sum: f64 = costly.iter().map(|choice| middle(choice.cost)).sum();
    if costly.len() < 2 || sum <= cap {
        return None;
    }
    let ids: BTreeSet<&str> = costly.iter().flat_map(|choice| &choice.recommendations).map(String::as_str).collect();
    let parties: Vec<_> = table.proposals().filter(|said| ids.contains(said.id.as_str())).collect();
    let finding = Finding::new(Kind::ResourceContention, "budget_cap", score_of((sum - cap) / sum, &parties));
    Some(parties.into_iter().fold(finding, Finding::with))
}

/// What costs something. Of a lever that some want to move one way and some another, only the side that costs most: both cannot
/// be done.
fn contenders(choices: &[Choice]) -> Vec<&Choice> {
    let mut sides: BTreeMap<_, Vec<&Choice>> = BTreeMap::new();
    for choice in choices.iter().filter(|choice| middle(choice.cost) > 0.0) {
        sides.entry((&choice.lever, side(choice.direction))).or_default().push(choice);
    }
    let mut dearest: BTreeMap<&String, (f64, Vec<&Choice>)> = BTreeMap::new();
    for ((lever, _), group) in sides {
        let sum: f64 = group.iter().map(|choice| middle(choice.cost)).sum();
        let held = dearest.entry(lever).or_default();
        if sum > held.0 {
            *held = (sum, group);
        }
    }
    dearest.into_values().flat_map(|(_, group)| group).collect()
}
