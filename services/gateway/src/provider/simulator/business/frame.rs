//! Which numbers and limits stand in the words of a problem, and what is missing?

mod amounts;
mod cues;
mod limits;
mod link;
mod period;
#[cfg(test)]
mod tests;

use super::{case::Case, family::families, figures::Figures, names, text};
use serde_json::{Value, json};

/// One number that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its metric.
    pub key: String,
    /// In `unit`.
    pub value: f64,
    /// Such as `money`.
    pub unit: String,
    /// Of flows and rates.
    pub period: Option<String>,
    /// Words of the text.
    pub quote: String,
}

/// One limit that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// Such as `budget_cap`.
    pub kind: &'static str,
    /// A metric or lever.
    pub key: Option<String>,
    /// Money, days or a value of the metric.
    pub value: Option<f64>,
    /// Words of the text.
    pub quote: String,
}

/// The numbers of a text that say something about a metric.
pub fn read(problem: &str) -> Vec<Found> {
    all(problem).0
}

/// Numbers and limits: what is a limit is no fact.
fn all(problem: &str) -> (Vec<Found>, Vec<Limit>) {
    let chars: Vec<char> = problem.chars().take(12_000).collect();
    let plain: Vec<char> = chars.iter().map(|c| text::plain(*c)).collect();
    let mut page = amounts::Page { chars, plain };
    let mut amounts = amounts::amounts(&page);
    page.hide_marks();
    let mut limits = limits::take(&page, &mut amounts);
    let mut facts = link::link(&page, &amounts);
    facts.truncate(24);
    limits.truncate(8);
    (facts, limits)
}

/// What was read, what the problem is about, and what to ask for.
pub fn answer(case: &Case, _data: &Value) -> Value {
    let (facts, limits) = all(&case.problem);
    let figures = Figures::of(case);
    let families = families(case, &figures);
    let topics: Vec<&str> = families.iter().take(4).map(|family| family.key.as_str()).collect();
    let known = |key: &str| facts.iter().any(|fact| fact.key == key) || figures.sure(key).is_some();
    let mut keys: Vec<&str> = vec![];
    for key in families.iter().take(2).flat_map(|family| &family.missing) {
        if !known(key) && !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }
    let ask = |metric: &names::Metric| json!({"key": metric.key, "question": case.locale.pick(&metric.question)});
    let missing: Vec<Value> = keys.iter().filter_map(|key| names::metric(key)).take(5).map(ask).collect();
    let fact =
        |f: &Found| json!({"key": f.key, "value": f.value, "unit": f.unit, "period": f.period, "quote": f.quote});
    let limit = |l: &Limit| json!({"kind": l.kind, "key": l.key, "value": l.value, "quote": l.quote});
    json!({
        "facts": facts.iter().map(fact).collect::<Vec<_>>(),
        "constraints": limits.iter().map(limit).collect::<Vec<_>>(),
        "topics": topics,
        "missing": missing,
    })
}
