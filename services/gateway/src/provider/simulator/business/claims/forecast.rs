//! Where does a role see the number go that matters most?

use super::Ground;
use crate::provider::simulator::business::{names, number, plays::Move, tables::tables};
use serde_json::{Value, json};

/// Numbers that are forecast where that of the kind of problem is not known.
const OTHERS: &[&str] = &["revenue", "gross_margin", "churn", "customers", "cash", "operating_costs", "conversion"];

/// The number at the end of the horizon. Roles differ, as some count on their measures and others do not.
pub fn forecast(ground: &Ground<'_>, moves: &[Move]) -> Option<Value> {
    let figures = ground.figures;
    let role = ground.case.mandate();
    let own = ground.family.metric.as_str();
    let known = |name: &str| names::metric(name).is_some() && figures.sure(name).is_some_and(|v| v != 0.0);
    let metric = if known(own) { own } else { OTHERS.iter().find(|name| known(name)).copied().unwrap_or("revenue") };
    let now = figures.get(metric)?;
    let named = names::metric(metric)?;
    let hope = tables().roles.optimism.get(role).copied().unwrap_or(0.0);
    let way = if named.good == "up" { 1.0 } else { -1.0 };
    let months = (f64::from(ground.case.horizon) / 30.0).min(6.0);
    let paid = if moves.iter().any(|m| m.cost.1 > 0.0) { 1.0 } else { 0.6 };
    let drift = if metric == "revenue" { drift(ground, months) } else { 0.0 };
    // Who is cautious believes the trend, who acts expects to turn it.
    let trend = if hope > 0.08 { drift * 0.4 } else { drift };
    let change = (way * hope * paid * (months / 3.0).sqrt() + trend).clamp(-0.6, 0.6);
    let then = bound(now.value + now.value.abs() * change, named.unit.as_str());
    let (low, point, high) = ground.around(then, 0.05);
    let locale = ground.case.locale;
    let show = |value: f64| number::show(value, &named.unit, &ground.case.currency, locale);
    let days = number::show(f64::from(ground.case.horizon), "days", "", locale);
    let play = moves.first().map(|m| locale.pick(&m.play.short).to_owned()).unwrap_or_default();
    let slots = ground.slots().with("metric", names::label(metric, locale)).with("now", show(now.value));
    let slots = slots.with("then", show(point)).with("days", days).with("play1", play);
    let statement = slots.fill(tables().roles.forecasts.get(role)?)?;
    let (kind, reference, quote) = super::evidence(ground, now, metric);
    Some(json!({
        "kind": "forecast", "topic": metric, "metric": metric, "low": bound(low, &named.unit), "point": point,
        "high": bound(high, &named.unit), "unit": named.unit, "period": format!("d{}", ground.case.horizon),
        "trend": if point > now.value { "up" } else if point < now.value { "down" } else { "flat" },
        "statement": statement, "evidence_kind": kind, "evidence_ref": reference, "evidence_quote": quote,
        "confidence": if now.assumed.is_empty() { 0.6 } else { 0.4 },
    }))
}

/// The change until the horizon if revenue moves on as it did, more slowly.
fn drift(ground: &Ground<'_>, months: f64) -> f64 {
    let growth = ground.figures.sure("revenue_growth").unwrap_or(0.0).clamp(-80.0, 80.0);
    growth / 100.0 * (months / 3.0).min(1.5) * 0.25
}

fn bound(value: f64, unit: &str) -> f64 {
    match unit {
        "percent" => value.clamp(-100.0, 100.0),
        _ => value,
    }
}
