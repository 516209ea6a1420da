//! How good were the forecasts of each agent?

use super::Actual;
use crate::domain::{
    opinion::{Claim, Opinion},
    registry,
    report::Report,
};
use serde::Serialize;

/// A forecast for a day counts for what was measured so many days around it.
const AROUND: i64 = 15;

/// How one agent has done.
#[derive(Debug, Serialize)]
pub(super) struct Calibration {
    role: &'static str,
    /// How sure it said that it was: the mean of what is compared.
    stated_confidence: f64,
    /// In how many of the comparisons the truth was within its interval, 0 to 1.
    coverage: f64,
    /// How far its most likely values were off, as parts of the truth: the mean.
    mean_relative_error: f64,
    comparisons: Vec<Comparison>,
}

#[derive(Debug, Serialize)]
struct Comparison {
    claim: String,
    metric: String,
    day: i64,
    actual: f64,
    low: f64,
    point: f64,
    high: f64,
    confidence: f64,
    is_within: bool,
    relative_error: f64,
}

/// One entry of each agent that has forecast something that was measured.
pub(super) fn calibration(report: &Report, actuals: &[Actual]) -> Vec<Calibration> {
    report.opinions.iter().filter_map(|opinion| of(opinion, report, actuals)).collect()
}

fn of(opinion: &Opinion, report: &Report, actuals: &[Actual]) -> Option<Calibration> {
    let comparisons: Vec<Comparison> = opinion
        .claims
        .iter()
        .flat_map(|claim| actuals.iter().filter_map(|actual| compare(claim, actual, &report.brief.currency)))
        .collect();
    if comparisons.is_empty() {
        return None;
    }
    let mean = |of: fn(&Comparison) -> f64| comparisons.iter().map(of).sum::<f64>() / comparisons.len() as f64;
    Some(Calibration {
        role: opinion.role.as_str(),
        stated_confidence: mean(|c| c.confidence),
        coverage: mean(|c| if c.is_within { 1.0 } else { 0.0 }),
        mean_relative_error: mean(|c| c.relative_error),
        comparisons,
    })
}

fn compare(claim: &Claim, actual: &Actual, currency: &str) -> Option<Comparison> {
    let metric = registry::metric(claim.metric.as_deref()?).filter(|metric| metric.key == actual.metric)?;
    let day = day(claim.period.as_deref())?;
    if (day - actual.day).abs() > AROUND {
        return None;
    }
    let unit = claim.unit.as_deref().unwrap_or(&metric.unit);
    let value = metric.normalise(claim.value?, unit, claim.period.as_deref(), currency)?;
    let scale = actual.value.abs().max(f64::EPSILON);
    Some(Comparison {
        claim: claim.id.clone(),
        metric: metric.key.clone(),
        day: actual.day,
        actual: actual.value,
        low: value.low,
        point: value.point,
        high: value.high,
        confidence: claim.confidence,
        is_within: (value.low..=value.high).contains(&actual.value),
        relative_error: (value.point - actual.value).abs() / scale,
    })
}

/// The day that a claim is about: `d90`, or now.
fn day(period: Option<&str>) -> Option<i64> {
    match period {
        None | Some("now" | "month") => Some(0),
        Some(period) => period.strip_prefix('d')?.parse().ok(),
    }
}
