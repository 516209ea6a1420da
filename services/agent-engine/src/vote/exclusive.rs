//! Of choices that exclude each other, which one is taken?

use super::standing::Standing;
use crate::{
    choice::side::excludes,
    domain::meeting::{Method, Outcome},
};
use std::cmp::Ordering;

/// Of the same lever only one side is moved: that of the choice with the greatest margin, and of as great ones the chair
/// decides. Those that would have been adopted without it are put off.
pub(super) fn exclude(standings: &mut [Standing]) {
    let levers: std::collections::BTreeSet<String> = standings.iter().map(|s| s.choice.lever.clone()).collect();
    for lever in levers {
        let mut group: Vec<&mut Standing> =
            standings.iter_mut().filter(|s| s.choice.lever == lever && !s.barred).collect();
        if let Some(first) = group.first().map(|s| s.choice.direction)
            && group.iter().any(|s| excludes(first, s.choice.direction))
        {
            rank(&mut group);
        }
    }
}

fn rank(group: &mut [&mut Standing]) {
    for standing in group.iter_mut().filter(|standing| standing.method == Method::Approval) {
        standing.method = Method::Ranked;
    }
    let adopted = || group.iter().filter(|standing| standing.outcome == Outcome::Adopted);
    let Some(best) = adopted().min_by(|a, b| better(a, b)) else { return };
    let (taken, margin, direction) = (best.choice.id.clone(), best.tally.margin, best.choice.direction);
    let mut even = false;
    let losers = group.iter_mut().filter(|s| s.outcome == Outcome::Adopted && excludes(s.choice.direction, direction));
    for loser in losers {
        let tied = loser.tally.margin == margin;
        even |= tied;
        loser.defer(if tied { Method::ChairRule } else { Method::Ranked }, format!("excluded_by:{taken}"));
    }
    if let Some(best) = group.iter_mut().find(|s| even && s.choice.id == taken) {
        best.method = Method::ChairRule;
    }
}

fn better(a: &Standing, b: &Standing) -> Ordering {
    b.tally.margin.total_cmp(&a.tally.margin).then_with(|| a.chair(b))
}
