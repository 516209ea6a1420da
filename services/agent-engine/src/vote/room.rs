//! Is there room for all that was adopted: money, and what it rests on?

use super::standing::Standing;
use crate::{
    choice::number::natural,
    domain::{
        meeting::{Method, Outcome},
        opinion::Direction,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// What a board can take on at once.
#[derive(Clone, Debug)]
pub struct Focus {
    /// So many measures at most: nobody carries out a plan of twenty.
    pub most: usize,
    /// What each choice by itself is worth, as far as it can be computed, by its id.
    pub worth: BTreeMap<String, f64>,
}

/// Puts off what does not fit. What matters most comes first, then what most are for, then what is worth most, then what costs
/// less, as long as there is money and somebody to do it. What rests on a lever that is not moved, though somebody wanted it,
/// waits as well.
pub(super) fn fit(standings: &mut [Standing], cap: Option<f64>, focus: &Focus) {
    let most = focus.most;
    let mut waiting: BTreeSet<usize> = BTreeSet::new();
    let order = order(standings, &focus.worth);
    let taken = loop {
        let taken = affordable(standings, &order, &waiting, (cap, most));
        let before = waiting.len();
        waiting.extend(taken.iter().copied().filter(|n| !blocked_by(standings, &taken, *n).is_empty()));
        if waiting.len() == before {
            break taken;
        }
    };
    let mut before = 0;
    for n in order {
        let missing: Vec<String> = blocked_by(standings, &taken, n).into_iter().map(str::to_owned).collect();
        let outside = outside(standings, n);
        let standing = &mut standings[n];
        if taken.contains(&n) {
            before += 1;
            standing.conditions.extend(cap.filter(|_| standing.cost() > 0.0).map(|cap| format!("budget_cap:{cap}")));
            standing.conditions.extend(outside.into_iter().map(|lever| format!("requires:{lever}")));
        } else if let Some(lever) = missing.first() {
            let method = standing.method;
            standing.defer(method, format!("depends_on:{lever}"));
        } else if before >= most {
            standing.defer(Method::ChairRule, format!("focus:{most}"));
        } else if let Some(cap) = cap.filter(|_| !waiting.contains(&n)) {
            standing.defer(Method::ChairRule, format!("budget_cap:{cap}"));
        } else {
            // It waited for what is moved only since others have taken its place.
            standing.defer(Method::ChairRule, format!("focus:{most}"));
        }
    }
}

/// Those that were adopted, in the order in which money is given to them.
fn order(standings: &[Standing], worth: &BTreeMap<String, f64>) -> Vec<usize> {
    let worth = |standing: &Standing| worth.get(&standing.choice.id).copied().unwrap_or(0.0);
    let mut order: Vec<usize> = (0..standings.len()).filter(|n| standings[*n].outcome == Outcome::Adopted).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&standings[*a], &standings[*b]);
        let margin = b.tally.margin.total_cmp(&a.tally.margin);
        let gain = worth(b).total_cmp(&worth(a));
        let cost = a.cost().total_cmp(&b.cost());
        let id = || natural(&a.choice.id).cmp(&natural(&b.choice.id));
        a.choice.priority.cmp(&b.choice.priority).then(margin).then(gain).then(cost).then_with(id)
    });
    order
}

fn affordable(
    standings: &[Standing],
    order: &[usize],
    waiting: &BTreeSet<usize>,
    (cap, most): (Option<f64>, usize),
) -> BTreeSet<usize> {
    let mut spent = 0.0;
    let fits = |n: &&usize| {
        let after = spent + standings[**n].cost();
        let fits = standings[**n].cost() == 0.0 || cap.is_none_or(|cap| after <= cap);
        if fits {
            spent = after;
        }
        fits
    };
    order.iter().filter(|n| !waiting.contains(n)).filter(fits).take(most).copied().collect()
}

/// Levers that a choice rests on, that somebody wants to move, and that are not moved.
fn blocked_by<'a>(standings: &'a [Standing], taken: &BTreeSet<usize>, n: usize) -> Vec<&'a str> {
    let moved = |lever: &str| {
        taken.iter().map(|n| standings[*n].choice).any(|c| c.lever == lever && c.direction != Direction::Keep)
    };
    let wanted = |lever: &str| standings.iter().any(|standing| standing.choice.lever == lever);
    rests_on(standings, n).filter(|lever| wanted(lever) && !moved(lever)).collect()
}

/// Levers that a choice rests on and that nobody speaks of.
fn outside(standings: &[Standing], n: usize) -> Vec<String> {
    let wanted = |lever: &str| standings.iter().any(|standing| standing.choice.lever == lever);
    rests_on(standings, n).filter(|lever| !wanted(lever)).map(str::to_owned).collect()
}

fn rests_on<'a>(standings: &'a [Standing], n: usize) -> impl Iterator<Item = &'a str> {
    let choice = standings[n].choice;
    choice.depends_on.iter().map(String::as_str).filter(|lever| *lever != choice.lever)
}

/// No limit, and nothing is known of what anything is worth.
#[cfg(test)]
pub(crate) const fn everything() -> Focus {
    Focus { most: usize::MAX, worth: BTreeMap::new() }
}
