//! Are there numbers that cannot be?

mod derived;
mod fact;
mod range;

use super::{Finding, Said, Table};
use crate::{
    conflict::severity::score,
    domain::{
        conflict::Kind,
        opinion::{Claim, Reversibility},
        registry,
    },
};

/// Impact of what the registry does not know.
const UNKNOWN: f64 = 0.5;

/// One finding of each claim and of each sum that does not come out. What is wrong by itself is not looked at further.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    let mut found = vec![];
    for said in &table.claims {
        let wrong = range::wrong(said.item, &table.brief.currency).or_else(|| fact::wrong(said.item, table.brief));
        found.extend(wrong.map(|divergence| finding(divergence, &[said])));
    }
    found.extend(derived::wrong(table).into_iter().map(|(divergence, parties)| finding(divergence, &parties)));
    found
}

/// The first party is the one whose number is wrong.
fn finding(divergence: f64, parties: &[&Said<Claim>]) -> Finding {
    let first = parties.first().map(|said| said.item);
    let topic = first.map(|claim| claim.metric.as_deref().unwrap_or(&claim.topic)).unwrap_or_default();
    let impact = registry::metric(topic).map_or(UNKNOWN, |metric| metric.weight);
    let confidence = parties.iter().map(|said| said.confidence).min_by(f64::total_cmp).unwrap_or(0.0);
    let finding =
        Finding::new(Kind::ArithmeticError, topic, score(divergence, confidence, impact, Reversibility::TwoWay));
    parties.iter().fold(finding, |finding, said| finding.with(said))
}
