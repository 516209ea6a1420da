//! Does an agent give a whole that its own parts do not come to?

use super::Said;
use crate::{
    conflict::{
        gap::{Tolerance, sound},
        measure::{Bucket, by_metric},
        table::Table,
    },
    domain::{
        opinion::{Claim, Interval},
        registry,
        role::Role,
    },
};
use std::collections::BTreeMap;

/// A whole, its two parts, and how it is reckoned.
type Identity = (&'static str, [&'static str; 2], fn(Interval, Interval) -> Option<Interval>);

const IDENTITIES: [Identity; 4] = [
    ("ltv_cac", ["ltv", "cac"], quotient),
    ("runway", ["cash", "burn"], quotient),
    ("net_income", ["revenue", "operating_costs"], difference),
    ("retention", ["churn", "churn"], rest_of_whole),
];

type Own<'t, 'a> = BTreeMap<(Role, Bucket, &'static str), (&'t Said<'a, Claim>, Interval)>;

/// What is wrong, how far, and who says so: the claim of the whole and those of its parts, all of one agent and one time.
pub(super) fn wrong<'t, 'a>(table: &'t Table<'a>) -> Vec<(f64, Vec<&'t Said<'a, Claim>>)> {
    let mut own: Own = BTreeMap::new();
    for ((key, bucket), group) in by_metric(table) {
        // Of several claims of one agent the first is taken.
        for (said, base) in group.into_iter().rev().filter_map(|(said, measure)| Some((said, measure.base?))) {
            own.insert((said.role, bucket, key), (said, base));
        }
    }
    let each = own.iter().flat_map(|(at, whole)| IDENTITIES.iter().map(move |identity| (at, whole, identity)));
    each.filter_map(|((role, bucket, key), (said, claimed), (name, parts, reckon))| {
        let metric = registry::metric(name).filter(|_| name == key)?;
        let [(first, a), (second, b)] = [own.get(&(*role, *bucket, parts[0]))?, own.get(&(*role, *bucket, parts[1]))?];
        let divergence = Tolerance::of(metric).apart(*claimed, sound(reckon(*a, *b)?)?)?;
        Some((divergence, vec![*said, *first, *second]))
    })
    .collect()
}

/// None where the divisor may be nothing: then the whole may be anything.
fn quotient(a: Interval, b: Interval) -> Option<Interval> {
    (b.low > 0.0).then(|| Interval { low: a.low / b.high, point: a.point / b.point, high: a.high / b.low })
}

fn difference(a: Interval, b: Interval) -> Option<Interval> {
    Some(Interval { low: a.low - b.high, point: a.point - b.point, high: a.high - b.low })
}

fn rest_of_whole(lost: Interval, _: Interval) -> Option<Interval> {
    Some(Interval { low: 100.0 - lost.high, point: 100.0 - lost.point, high: 100.0 - lost.low })
}
