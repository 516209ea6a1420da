//! What does a role state, and on what does it rest?

mod forecast;
mod limits;

use super::{
    case::Case,
    condition,
    figures::{Figure, Figures},
    focus::Focus,
    names, number,
    plays::Move,
    slots::Slots,
    tables::{ClaimRow, Family, tables},
};
use serde_json::{Value, json};

/// The most statements about numbers.
const NUMBERS: usize = 3;

/// What statements are made from.
pub struct Ground<'a> {
    /// See [`Case`].
    pub case: &'a Case,
    /// See [`Figures`].
    pub figures: &'a Figures,
    /// The kind of problem.
    pub family: &'static Family,
    /// What the problem is called.
    pub focus: &'a Focus,
}

impl<'a> Ground<'a> {
    /// To fill templates with.
    pub const fn slots(&self) -> Slots<'a> {
        Slots::new(self.case, self.figures, self.focus)
    }

    /// Low and high around a point: wider for a second estimate.
    pub fn around(&self, point: f64, width: f64) -> (f64, f64, f64) {
        let second = self.case.sample == 2;
        let width = width * if second { 1.25 } else { 1.0 };
        let point = if second { point * 1.01 } else { point };
        let (low, high) = (point - point.abs() * width, point + point.abs() * width);
        (number::round(low), number::round(point), number::round(high))
    }
}

/// The claims of a role, from numbers to causes to what will be.
pub fn claims(ground: &Ground<'_>, moves: &[Move]) -> Vec<Value> {
    let mut all = numbers(ground);
    let few = all.len() < 2;
    all.extend(thesis(ground));
    if few {
        all.extend(second(ground));
    }
    all.extend(forecast::forecast(ground, moves));
    all.extend(limits::limit(ground));
    all.truncate(7);
    all
}

fn numbers(ground: &Ground<'_>) -> Vec<Value> {
    let role = ground.case.mandate();
    let fits = |row: &&ClaimRow| {
        row.roles.iter().any(|own| own == role)
            && condition::holds(&row.when, ground.figures)
            && ground.figures.get(&row.fig).is_some()
    };
    let mut rows: Vec<&ClaimRow> = tables().claims.iter().filter(fits).collect();
    // What is certain comes before what is assumed, and what the problem is measured by before the rest.
    rows.sort_by_key(|row| {
        let figure = ground.figures.get(&row.fig);
        let assumed = figure.is_some_and(|figure| !figure.assumed.is_empty());
        (assumed, row.metric != ground.family.metric)
    });
    let mut used: Vec<&str> = vec![];
    let mut all = vec![];
    for row in rows {
        if all.len() >= NUMBERS || used.contains(&row.metric.as_str()) {
            continue;
        }
        let Some(claim) = metric(ground, row) else { continue };
        used.push(&row.metric);
        all.push(claim);
    }
    all
}

fn metric(ground: &Ground<'_>, row: &ClaimRow) -> Option<Value> {
    let figure = ground.figures.get(&row.fig)?;
    let mut text = ground.slots().fill(&row.text)?;
    let evident = evidence(ground, figure, &row.fig);
    if !figure.assumed.is_empty() && !row.when.starts_with('~') {
        let names: Vec<String> = figure.assumed.iter().map(|key| names::label(key, ground.case.locale)).collect();
        let word = ground.case.locale.choose("assumed", "premissa");
        text = super::text::clip(&format!("{text} ({word}: {})", names.join(", ").to_lowercase()), 240);
    }
    let stated = figure.facts.contains(&row.fig);
    let (low, point, high) = if stated {
        let (low, _, high) = ground.around(figure.value, 0.02);
        (low, figure.value, high)
    } else {
        ground.around(figure.value, if figure.assumed.is_empty() { 0.04 } else { 0.15 })
    };
    let unit = if figure.unit == "points" { "percent" } else { figure.unit.as_str() };
    let period = match row.period.as_deref() {
        Some("end") => Some(format!("d{}", ground.case.horizon)),
        other => other.map(str::to_owned),
    };
    Some(json!({
        "kind": "metric", "topic": row.fig, "metric": row.metric, "low": low.min(point), "point": point,
        "high": high.max(point), "unit": unit, "period": period, "trend": row.trend, "statement": text,
        "evidence_kind": evident.0, "evidence_ref": evident.1, "evidence_quote": evident.2,
        "confidence": if figure.assumed.is_empty() { 0.85 } else { 0.45 },
    }))
}

/// Kind, reference and quote: an assumption, if there is one in it, else the fact that it is most about.
fn evidence(ground: &Ground<'_>, figure: &Figure, name: &str) -> (&'static str, String, Option<String>) {
    if let Some(key) = figure.assumed.first() {
        return ("assumption", key.clone(), None);
    }
    let own = figure.facts.iter().find(|key| *key == name);
    let measured = figure.facts.iter().find(|key| **key == ground.family.metric);
    match own.or(measured).or(figure.facts.first()) {
        Some(key) => {
            let quote = ground.case.fact(key).and_then(|fact| fact.quote.clone());
            ("input", key.clone(), quote)
        }
        None => ("general", "budget_cap".to_owned(), None),
    }
}

fn thesis(ground: &Ground<'_>) -> Option<Value> {
    let pair = tables().theses.get(&ground.family.key)?.get(ground.case.mandate())?;
    causal(ground, &ground.family.key, pair, 0.65)
}

fn second(ground: &Ground<'_>) -> Option<Value> {
    causal(ground, "method", tables().roles.seconds.get(ground.case.mandate())?, 0.55)
}

fn causal(ground: &Ground<'_>, topic: &str, pair: &[String; 2], confidence: f64) -> Option<Value> {
    let text = ground.slots().fill(pair)?;
    let known = ground.case.fact(&ground.family.metric);
    let (kind, reference) = match known {
        Some(fact) => ("input", fact.key.clone()),
        None => ("general", topic.to_owned()),
    };
    Some(json!({
        "kind": "causal", "topic": topic, "metric": null, "low": null, "point": null, "high": null, "unit": null,
        "period": null, "trend": null, "statement": text, "evidence_kind": kind, "evidence_ref": reference,
        "evidence_quote": known.and_then(|fact| fact.quote.clone()), "confidence": confidence,
    }))
}
