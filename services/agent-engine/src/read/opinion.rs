//! An opinion out of the flat shape that a model fills in.

use super::{
    field::{days, fraction, grade, items, number, one_of, some_text, text},
    key::{lever_key, metric_key, slug},
    unit,
};
use crate::domain::{
    opinion::{
        Assumption, Claim, ClaimKind, Direction, Effect, Evidence, EvidenceKind, Interval, Opinion, Range,
        Recommendation, Risk, Stance, Trend,
    },
    registry,
    role::Role,
};
use serde_json::Value;

const CLAIMS: usize = 10;
const RECOMMENDATIONS: usize = 6;
const ASSUMPTIONS: usize = 6;
const RISKS: usize = 5;
const UNKNOWNS: usize = 5;
const PREREQUISITES: usize = 4;

/// The opinion of a role. What says nothing is left out. Errors, for people: it takes no stance, or it takes one and says
/// neither what is so nor what to do.
pub fn opinion(role: Role, value: &Value) -> Result<Opinion, String> {
    let stance = one_of(value, "stance").ok_or("it takes no stance")?;
    let claims = items(value, "claims").filter_map(claim).take(CLAIMS).enumerate();
    let recommended = items(value, "recommendations").filter_map(recommendation).take(RECOMMENDATIONS).enumerate();
    let opinion = Opinion {
        role,
        stance,
        headline: text(value, "headline"),
        claims: claims.map(|(n, claim)| Claim { id: format!("{role}.c{}", n + 1), ..claim }).collect(),
        recommendations: recommended
            .map(|(n, item)| Recommendation { id: format!("{role}.r{}", n + 1), ..item })
            .collect(),
        assumptions: items(value, "assumptions").filter_map(assumption).take(ASSUMPTIONS).collect(),
        risks: items(value, "risks").filter_map(risk).take(RISKS).collect(),
        unknowns: unknowns(value),
        confidence: fraction(value, "confidence"),
    };
    if opinion.stance != Stance::Abstain && opinion.claims.is_empty() && opinion.recommendations.is_empty() {
        return Err("it has neither claims nor recommendations".into());
    }
    Ok(opinion)
}

fn claim(item: &Value) -> Option<Claim> {
    let kind: ClaimKind = one_of(item, "kind")?;
    let statement = some_text(item, "statement")?;
    let metric = some_text(item, "metric").and_then(|name| metric_key(&name));
    // A number of nothing is no number.
    let value = interval(item, ["low", "point", "high"]).filter(|_| metric.is_some());
    let topic = Some(slug(&text(item, "topic"))).filter(|topic| !topic.is_empty());
    Some(Claim {
        id: String::new(),
        kind,
        topic: topic.or_else(|| metric.clone()).unwrap_or_else(|| "general".into()),
        unit: some_text(item, "unit").and_then(|name| unit::unit(&name)).filter(|_| value.is_some()),
        period: some_text(item, "period").and_then(|name| unit::period(&name)),
        trend: one_of::<Option<Trend>>(item, "trend").flatten(),
        metric,
        value,
        statement,
        evidence: evidence(item).into_iter().collect(),
        confidence: fraction(item, "confidence"),
    })
}

/// In order: the likeliest value stands, and the ends make room for it.
pub(super) fn interval(item: &Value, [low, point, high]: [&str; 3]) -> Option<Interval> {
    let (low, point, high) = (number(item, low), number(item, point), number(item, high));
    let given: Vec<f64> = [low, point, high].into_iter().flatten().collect();
    let least = given.iter().copied().reduce(f64::min)?;
    let most = given.iter().copied().reduce(f64::max)?;
    Some(Interval { low: least, point: point.unwrap_or_else(|| middle(least, most)), high: most })
}

fn middle(low: f64, high: f64) -> f64 {
    (low + (high - low) / 2.0).clamp(low, high)
}

/// None: no reason was given, or one that nobody can look up.
fn evidence(item: &Value) -> Option<Evidence> {
    let kind: EvidenceKind = one_of(item, "evidence_kind")?;
    let reference = text(item, "evidence_ref");
    let quote = some_text(item, "evidence_quote");
    let reference = match kind {
        EvidenceKind::Input | EvidenceKind::Assumption => metric_key(&reference).unwrap_or_default(),
        EvidenceKind::Tool => slug(&reference),
        EvidenceKind::General => reference,
    };
    let is_something = kind == EvidenceKind::General || !reference.is_empty() || quote.is_some();
    is_something.then_some(Evidence { kind, reference, quote })
}

fn recommendation(item: &Value) -> Option<Recommendation> {
    let lever = lever_key(&text(item, "lever"))?;
    let direction: Direction = one_of(item, "direction")?;
    let statement = some_text(item, "statement")?;
    let start_day = days(item, "start_day").unwrap_or_default();
    let end_day = days(item, "end_day").unwrap_or_default().max(start_day);
    let topic = Some(slug(&text(item, "topic"))).filter(|topic| !topic.is_empty());
    let owner = some_text(item, "owner").or_else(|| registry::lever(&lever).map(|lever| lever.owner.clone()));
    Some(Recommendation {
        id: String::new(),
        topic: topic.unwrap_or_else(|| lever.clone()),
        direction,
        cost: interval(item, ["cost_low", "", "cost_high"]).map(range),
        start_day,
        end_day,
        owner: owner.unwrap_or_else(|| "CEO".into()),
        depends_on: prerequisites(item, &lever),
        effects: effect(item, end_day).into_iter().collect(),
        reversibility: one_of(item, "reversibility")?,
        priority: one_of(item, "priority")?,
        lever,
        statement,
    })
}

fn range(interval: Interval) -> Range {
    Range { low: interval.low, high: interval.high }
}

fn prerequisites(item: &Value, lever: &str) -> Vec<String> {
    let mut needed: Vec<String> = Vec::new();
    for key in items(item, "depends_on").filter_map(Value::as_str).filter_map(lever_key) {
        if key != lever && !needed.contains(&key) && needed.len() < PREREQUISITES {
            needed.push(key);
        }
    }
    needed
}

fn effect(item: &Value, end_day: u32) -> Option<Effect> {
    let metric = metric_key(&text(item, "effect_metric"))?;
    let Range { low, high } = range(interval(item, ["effect_low", "", "effect_high"])?);
    Some(Effect { metric, low, high, horizon_days: days(item, "effect_days").unwrap_or(end_day) })
}

fn assumption(item: &Value) -> Option<Assumption> {
    Some(Assumption {
        key: metric_key(&text(item, "key"))?,
        value: number(item, "value")?,
        unit: unit::unit(&text(item, "unit")).unwrap_or_else(|| "count".into()),
        statement: some_text(item, "statement")?,
    })
}

fn risk(item: &Value) -> Option<Risk> {
    Some(Risk {
        statement: some_text(item, "statement")?,
        probability: grade(item, "probability"),
        impact: grade(item, "impact"),
        mitigation: text(item, "mitigation"),
        trigger: text(item, "trigger"),
        owner: text(item, "owner"),
    })
}

fn unknowns(value: &Value) -> Vec<String> {
    let lines = items(value, "unknowns").filter_map(Value::as_str);
    let lines = lines.map(|text| crate::prose::line(text, super::field::STATEMENT));
    lines.filter(|line| !line.is_empty()).take(UNKNOWNS).collect()
}

#[cfg(test)]
mod tests;
