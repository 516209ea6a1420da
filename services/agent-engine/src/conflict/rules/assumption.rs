//! Do agents assume other values of the same thing?

use super::{Finding, Said, Table};
use crate::{
    conflict::{
        gap::{Tolerance, exact},
        severity::score,
    },
    domain::{
        conflict::Kind,
        opinion::{Assumption, Reversibility},
        registry::{self, Metric},
    },
};

/// Of what the registry does not know: how far apart values may be, and how much it matters.
const OTHER: (Tolerance, f64) = (Tolerance { abs: 0.0, rel: 0.1 }, 0.5);

/// One finding of each key.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    let mut keys: Vec<&str> = table.assumptions.iter().map(|said| said.item.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let of_key = |key: &str| {
        let metric = registry::metric(key);
        let impact = metric.map_or(OTHER.1, |metric| metric.weight);
        let members: Vec<_> = table.assumptions.iter().filter(|said| said.item.key == key).collect();
        Finding::of_all(Kind::AssumptionConflict, key, &members, |a: &Said<_>, b: &Said<_>| {
            let divergence = apart(metric, a.item, b.item, &table.brief.currency)?;
            Some(score(divergence, a.confidence.min(b.confidence), impact, Reversibility::TwoWay))
        })
    };
    keys.into_iter().filter_map(of_key).collect()
}

fn apart(metric: Option<&Metric>, a: &Assumption, b: &Assumption, currency: &str) -> Option<f64> {
    if let Some(metric) = metric {
        let base = |of: &Assumption| Some(of.value * metric.factor(&of.unit, None, currency)?);
        if let (Some(a), Some(b)) = (base(a), base(b)) {
            return Tolerance::of(metric).apart(exact(a), exact(b));
        }
    }
    // In units that nobody converts only what is told in the same one can be compared.
    (a.unit == b.unit).then(|| OTHER.0.apart(exact(a.value), exact(b.value)))?
}
