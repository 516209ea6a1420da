//! What can be voted on: recommendations of the same lever and direction, put together.

pub(crate) mod limits;
pub(crate) mod number;
pub(crate) mod side;

use crate::domain::{
    ballot::Choice,
    opinion::{Direction, Effect, Opinion, Priority, Range, Recommendation, Reversibility},
    role::Role,
};
use number::{ends, median};
use std::collections::{BTreeMap, BTreeSet};

type Members<'a> = [(Role, &'a Recommendation)];

/// One choice of each lever and direction that somebody proposes, in that order. What is not to be done now (`wont`) is no
/// proposal. The order of the opinions does not matter.
pub fn pool(opinions: &[Opinion]) -> Vec<Choice> {
    let mut groups: BTreeMap<(&str, Direction), Vec<(Role, &Recommendation)>> = BTreeMap::new();
    for opinion in opinions {
        for proposal in opinion.recommendations.iter().filter(|r| r.priority != Priority::Wont) {
            groups.entry((&proposal.lever, proposal.direction)).or_default().push((opinion.role, proposal));
        }
    }
    let each = groups.into_iter().enumerate();
    each.map(|(n, ((lever, direction), mut members))| {
        members.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        choice(format!("o{}", n + 1), lever, direction, &members)
    })
    .collect()
}

fn choice(id: String, lever: &str, direction: Direction, members: &Members) -> Choice {
    let each = || members.iter().map(|(_, recommendation)| *recommendation);
    let start_day = day(each().map(|r| r.start_day));
    let one_way = each().any(|r| r.reversibility == Reversibility::OneWay);
    let depends_on: BTreeSet<&String> = each().flat_map(|r| &r.depends_on).filter(|on| *on != lever).collect();
    Choice {
        id,
        lever: lever.to_owned(),
        direction,
        recommendations: each().map(|r| r.id.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
        proposers: members.iter().map(|(role, _)| *role).collect::<BTreeSet<_>>().into_iter().collect(),
        cost: cost(members),
        start_day,
        end_day: day(each().map(|r| r.end_day)).max(start_day),
        owner: owner(members),
        depends_on: depends_on.into_iter().cloned().collect(),
        effects: effects(members),
        reversibility: if one_way { Reversibility::OneWay } else { Reversibility::TwoWay },
        priority: each().map(|r| r.priority).min().unwrap_or(Priority::Could),
        statement: each().next().map(|r| r.statement.clone()).unwrap_or_default(),
    }
}

fn day(days: impl Iterator<Item = u32>) -> u32 {
    median(days.map(f64::from)).map_or(0, |day| day as u32)
}

fn cost(members: &Members) -> Option<Range> {
    let known: Vec<Range> = members.iter().filter_map(|(_, r)| ends(r.cost?)).collect();
    let low = median(known.iter().map(|range| range.low))?;
    Some(Range { low, high: median(known.iter().map(|range| range.high))?.max(low) })
}

fn owner(members: &Members) -> String {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, recommendation) in members.iter().filter(|(_, r)| !r.owner.is_empty()) {
        *named.entry(&recommendation.owner).or_default() += 1;
    }
    // Of as many, the last that is seen is taken: the alphabet is gone through from its end.
    named.into_iter().rev().max_by_key(|(_, times)| *times).map(|(name, _)| name.to_owned()).unwrap_or_default()
}

fn effects(members: &Members) -> Vec<Effect> {
    let mut by_metric: BTreeMap<&str, Vec<&Effect>> = BTreeMap::new();
    for effect in members.iter().flat_map(|(_, r)| &r.effects).filter(|e| e.low.is_finite() && e.high.is_finite()) {
        by_metric.entry(&effect.metric).or_default().push(effect);
    }
    let pooled = by_metric.into_iter().filter_map(|(metric, all)| {
        let low = median(all.iter().map(|effect| effect.low.min(effect.high)))?;
        let high = median(all.iter().map(|effect| effect.low.max(effect.high)))?;
        let horizon_days = day(all.iter().map(|effect| effect.horizon_days));
        Some(Effect { metric: metric.to_owned(), low, high, horizon_days })
    });
    pooled.collect()
}

#[cfg(test)]
mod tests;
