//! Do agents give numbers of the same metric and time that cannot all be right, or that nobody can compare?

use super::{Finding, Table};
use crate::{
    conflict::{
        measure::{Compared, by_metric},
        severity::score,
    },
    domain::{conflict::Kind, opinion::Reversibility, registry},
};

/// Numbers that nobody can compare are half a conflict: they may agree.
const UNKNOWN: f64 = 0.5;

/// One finding of each metric and time.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    let mut found = vec![];
    for ((key, _), group) in by_metric(table) {
        let weight = registry::metric(key).map_or(0.0, |metric| metric.weight);
        let members: Vec<_> = group.iter().map(|(said, _)| *said).collect();
        let measured = |id: &str| group.iter().find(|(said, _)| said.id == id).map(|(_, measure)| measure);
        let compare = |a: &str, b: &str| Some(measured(a)?.compare(measured(b)?));
        let graded = |divergence, a: f64, b: f64| score(divergence, a.min(b), weight, Reversibility::TwoWay);
        found.extend(Finding::of_all(Kind::MetricMismatch, key, &members, |a, b| match compare(&a.id, &b.id) {
            Some(Compared::Apart(divergence)) => Some(graded(divergence, a.confidence, b.confidence)),
            _ => None,
        }));
        found.extend(Finding::of_all(Kind::Incomparable, key, &members, |a, b| match compare(&a.id, &b.id) {
            Some(Compared::Incomparable) => Some(graded(UNKNOWN, a.confidence, b.confidence)),
            _ => None,
        }));
    }
    found
}
