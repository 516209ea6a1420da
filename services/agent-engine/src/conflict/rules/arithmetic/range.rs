//! Is a number outside of what it can be?

use crate::domain::{
    opinion::{Claim, Interval},
    registry,
};

/// Parts of a whole: 0 to 100 per cent.
const SHARES: [&str; 8] =
    ["churn", "retention", "conversion", "market_share", "discount", "tax_rate", "defect_rate", "on_time_delivery"];
/// These as well, but they may be less than nothing.
const AT_MOST_WHOLE: [&str; 2] = ["gross_margin", "uptime"];
/// What conversions may be off by.
const SLACK: f64 = 1e-6;

/// 1 where the number cannot be: its ends are not in order, it is none, or a part is more than the whole.
pub(super) fn wrong(claim: &Claim, currency: &str) -> Option<f64> {
    let value = claim.value?;
    // Anything that is no number fails as well.
    let ordered = value.low <= value.point && value.point <= value.high;
    let finite = value.low.is_finite() && value.high.is_finite();
    (!ordered || !finite || outside(claim, value, currency)).then_some(1.0)
}

fn outside(claim: &Claim, value: Interval, currency: &str) -> bool {
    let Some(metric) = claim.metric.as_deref().and_then(registry::metric) else { return false };
    let (share, capped) = (SHARES.contains(&metric.key.as_str()), AT_MOST_WHOLE.contains(&metric.key.as_str()));
    let unit = claim.unit.as_deref().unwrap_or(&metric.unit);
    // The time does not matter: a part of a year is a part as well.
    let percent = metric.normalise(value, unit, None, currency);
    percent.is_some_and(|v| (share || capped) && v.high > 100.0 + SLACK || share && v.low < -SLACK)
}
