//! Which facts and limits has a brief?

use super::{
    case::{Fact, Limits},
    frame, names,
};
use serde_json::Value;

const MOST: f64 = 1e13;

/// Each key once, flows per month.
pub fn facts(list: &Value, problem: &str) -> Vec<Fact> {
    let mut facts: Vec<Fact> = vec![];
    let mut read: Option<Vec<frame::Found>> = None;
    for item in list.as_array().into_iter().flatten().take(80) {
        let (Some(key), Some(value)) = (item["key"].as_str(), item["value"].as_f64()) else { continue };
        if key.is_empty() || key.len() > 60 || !value.is_finite() || value.abs() > MOST || has(&facts, key) {
            continue;
        }
        let known = names::metric(key);
        let unit = known.map(|metric| metric.unit.as_str()).or(item["unit"].as_str()).unwrap_or("count");
        let given = item["quote"].as_str().filter(|quote| !quote.is_empty() && problem.contains(quote));
        let quote = given.map(str::to_owned).or_else(|| {
            let read = read.get_or_insert_with(|| frame::read(problem));
            let same = |found: &&frame::Found| found.key == key && near(found.value, value);
            read.iter().find(same).map(|found| found.quote.clone())
        });
        let value = value * per_month(known, unit, item["period"].as_str());
        facts.push(Fact { key: key.to_owned(), value, unit: unit.to_owned(), quote });
    }
    facts
}

/// What no answer may break.
pub fn limits(list: &Value) -> Limits {
    let mut limits = Limits::default();
    for item in list.as_array().into_iter().flatten().take(40) {
        let value = item["value"].as_f64().filter(|value| value.is_finite() && value.abs() <= MOST);
        let key = item["key"].as_str().unwrap_or_default().to_owned();
        match (item["kind"].as_str().unwrap_or_default(), value) {
            ("budget_cap", Some(value)) => limits.cap = Some(limits.cap.unwrap_or(MOST).min(value.max(0.0))),
            ("deadline", Some(value)) => limits.deadline = Some(limits.deadline.unwrap_or(MOST).min(value.max(1.0))),
            ("metric_min", Some(value)) => limits.floors.push((key, value)),
            ("metric_max", Some(value)) => limits.ceilings.push((key, value)),
            ("forbidden", _) if !key.is_empty() => limits.forbidden.push(key),
            _ => (),
        }
    }
    limits
}

fn has(facts: &[Fact], key: &str) -> bool {
    facts.iter().any(|fact| fact.key == key)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(1.0)
}

/// What a flow is multiplied with to be one of a month. Rates are no sums, and stay.
fn per_month(known: Option<&names::Metric>, unit: &str, period: Option<&str>) -> f64 {
    if unit == "percent" || known.is_none_or(|metric| metric.period.as_deref() != Some("month")) {
        return 1.0;
    }
    match period {
        Some("year") => 1.0 / 12.0,
        Some("quarter") => 1.0 / 3.0,
        Some("week") => 52.0 / 12.0,
        Some("day") => 365.0 / 12.0,
        _ => 1.0,
    }
}
