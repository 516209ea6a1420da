//! Which rules are there? One file each.

mod arithmetic;
mod assumption;
mod constraint;
mod direction;
mod evidence;
mod metric;
mod priority;
mod resource;
mod timeline;
mod veto;

use super::{finding::Finding, severity, severity::weight, table::Said, table::Table};
use crate::domain::opinion::{Recommendation, Reversibility};

/// A rule looks at everything and says what it found.
pub(super) type Rule = fn(&Table) -> Vec<Finding>;

/// All of them.
pub(super) const ALL: [Rule; 10] = [
    metric::find,
    direction::find,
    resource::find,
    timeline::find,
    constraint::find,
    assumption::find,
    priority::find,
    veto::find,
    evidence::find,
    arithmetic::find,
];

/// How grave something is that these recommendations are party to: the least sure author, the highest priority, and one way if
/// any is.
fn score_of(divergence: f64, parties: &[&Said<Recommendation>]) -> f64 {
    let confidence = parties.iter().map(|said| said.confidence).min_by(f64::total_cmp).unwrap_or(0.0);
    let impact = parties.iter().map(|said| weight(said.item.priority)).max_by(f64::total_cmp).unwrap_or(0.0);
    let one_way = parties.iter().any(|said| said.item.reversibility == Reversibility::OneWay);
    let reversibility = if one_way { Reversibility::OneWay } else { Reversibility::TwoWay };
    severity::score(divergence, confidence, impact, reversibility)
}
