//! What nobody has said, and had to be assumed: it stands in the report as what it is.

use super::known::Known;
use crate::domain::{
    brief::{Brief, Fact, Source},
    opinion::Opinion,
    registry,
};

/// The problem with the numbers that agents had to assume for what nobody has said, each marked: the median of what they
/// say. What nobody could assume either stays unknown.
pub fn assumed(brief: &Brief, opinions: &[Opinion]) -> Brief {
    let known = Known::new(brief, opinions, &[]);
    let mut whole = Brief { unknown: vec![], ..brief.clone() };
    for unknown in &brief.unknown {
        match (registry::metric(&unknown.key), known.get(&unknown.key)) {
            (Some(metric), Some(found)) => whole.facts.push(Fact {
                key: metric.key.clone(),
                value: found.value,
                unit: metric.unit.clone(),
                period: metric.period.clone(),
                source: Source::Assumed,
                quote: None,
            }),
            _ => whole.unknown.push(unknown.clone()),
        }
    }
    whole
}
