//! Does a grave claim come without a reason?

use super::{Finding, Table};
use crate::{
    conflict::severity::score,
    domain::{
        conflict::Kind,
        opinion::{Claim, ClaimKind, EvidenceKind, Reversibility},
        registry,
    },
};

/// From this weight of its metric on a claim is grave.
const WEIGHT: f64 = 0.8;
/// From this confidence on it is put forward as if it were known.
const CONFIDENCE: f64 = 0.5;
/// No reason at all; what one knows is a little more. Neither is a dispute, so neither counts as a whole one.
const NONE: f64 = 0.6;
const GENERAL: f64 = 0.4;

/// One finding of each claim.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    let found = table.claims.iter().filter_map(|said| {
        let (weight, divergence) = gap(said.item)?;
        let score = score(divergence, said.confidence, weight, Reversibility::TwoWay);
        Some(Finding::new(Kind::EvidenceGap, said.item.metric.as_deref()?, score).with(said))
    });
    found.collect()
}

fn gap(claim: &Claim) -> Option<(f64, f64)> {
    let weight = registry::metric(claim.metric.as_deref()?)?.weight;
    let numeric = matches!(claim.kind, ClaimKind::Metric | ClaimKind::Forecast);
    let grave = numeric && weight >= WEIGHT && claim.confidence >= CONFIDENCE;
    let founded = claim.evidence.iter().any(|evidence| evidence.kind != EvidenceKind::General);
    (grave && !founded).then_some((weight, if claim.evidence.is_empty() { NONE } else { GENERAL }))
}
