//! Whoever counts is asked twice: where both name the same number, what they say together is what they think.

use crate::domain::opinion::{Claim, Interval, Opinion};

/// One opinion of each role, in the order in which they first speak.
pub(crate) fn merged(opinions: Vec<Opinion>) -> Vec<Opinion> {
    let mut merged: Vec<Opinion> = vec![];
    for opinion in opinions {
        match merged.iter_mut().find(|known| known.role == opinion.role) {
            Some(first) => join(first, &opinion),
            None => merged.push(opinion),
        }
    }
    merged
}

/// Intervals become those that hold both; who does not agree with itself is less sure.
fn join(first: &mut Opinion, second: &Opinion) {
    for claim in &mut first.claims {
        let Some(other) = second.claims.iter().find(|other| is_same(claim, other)) else { continue };
        if let (Some(a), Some(b)) = (claim.value, other.value) {
            let is_apart = a.high < b.low || b.high < a.low;
            claim.value = Some(Interval {
                low: a.low.min(b.low),
                point: f64::midpoint(a.point, b.point),
                high: a.high.max(b.high),
            });
            let sure = claim.confidence.min(other.confidence);
            claim.confidence = if is_apart { sure / 2.0 } else { sure };
        }
    }
    first.confidence = f64::midpoint(first.confidence, second.confidence);
}

fn is_same(a: &Claim, b: &Claim) -> bool {
    a.metric.is_some() && a.metric == b.metric && a.period == b.period && a.unit == b.unit && a.kind == b.kind
}
