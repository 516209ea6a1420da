//! Does a claim call on the brief, and say something else than the brief?

use crate::{
    conflict::{
        gap::{Tolerance, exact},
        measure::{Bucket, measure},
    },
    domain::{
        brief::{Brief, Source},
        opinion::{Claim, ClaimKind, EvidenceKind},
        registry,
    },
};

/// How far a claim is from the fact that it calls on; 0 to 1. What was only assumed is no fact.
pub(super) fn wrong(claim: &Claim, brief: &Brief) -> Option<f64> {
    let called = claim.evidence.iter().any(|evidence| evidence.kind == EvidenceKind::Input);
    let (bucket, measure) = measure(claim, &brief.currency)?;
    if !called || bucket != Bucket::Now || claim.kind != ClaimKind::Metric {
        return None;
    }
    let metric = registry::metric(claim.metric.as_deref()?)?;
    let fact = brief.fact(&metric.key).filter(|fact| fact.source != Source::Assumed)?;
    let known = metric.normalise(exact(fact.value), &fact.unit, fact.period.as_deref(), &brief.currency)?;
    Tolerance::of(metric).apart(measure.base?, known)
}
