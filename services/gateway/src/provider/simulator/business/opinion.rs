//! What does a role think about a problem?

use super::{
    case::Case,
    claims::{self, Ground},
    condition,
    family::families,
    figures::Figures,
    focus::focus,
    names, number,
    phrases::phrase,
    plays::{self, Move},
    risks,
    slots::Slots,
    stance::stance,
    tables::{Line, tables},
    text,
};
use serde_json::{Value, json};

/// The opinion of the role of the case.
pub fn answer(case: &Case) -> Value {
    let figures = Figures::of(case);
    let families = families(case, &figures);
    let Some(family) = families.first().copied() else { return empty() };
    let focus = focus(case, family);
    let ground = Ground { case, figures: &figures, family, focus: &focus };
    let moves = plays::moves(case, &figures, &families);
    let claims = claims::claims(&ground, &moves);
    let recommendations: Vec<Value> = moves.iter().enumerate().map(|(rank, m)| recommend(&ground, rank, m)).collect();
    json!({
        "stance": stance(case, &figures, family, &moves),
        "headline": headline(&ground, &moves),
        "claims": claims,
        "recommendations": recommendations,
        "assumptions": assumptions(&ground, &claims),
        "risks": risks::risks(&ground, &moves),
        "unknowns": unknowns(&ground),
        "confidence": confidence(case),
    })
}

/// Only if the tables could not be read.
fn empty() -> Value {
    json!({
        "stance": "abstain", "headline": "", "claims": [], "recommendations": [], "assumptions": [], "risks": [],
        "unknowns": [], "confidence": 0.0,
    })
}

fn headline(ground: &Ground<'_>, moves: &[Move]) -> String {
    let locale = ground.case.locale;
    let short = |at: usize| {
        moves.get(at).map_or_else(|| locale.pick(phrase("watch")).to_owned(), |m| locale.pick(&m.play.short).to_owned())
    };
    let slots = ground.slots().with("play1", short(0)).with("play2", short(1));
    first(&tables().roles.headlines, &ground.case.role, ground.figures, &slots).unwrap_or_default()
}

/// The first line of a role that holds and can be filled in.
fn first(lines: &[Line], role: &str, figures: &Figures, slots: &Slots<'_>) -> Option<String> {
    let own = lines.iter().filter(|line| line.role == role || line.role.is_empty());
    own.filter(|line| condition::holds(&line.when, figures)).find_map(|line| slots.fill(&line.text))
}

fn recommend(ground: &Ground<'_>, rank: usize, m: &Move) -> Value {
    let metric = m.effect.as_ref().map(|effect| effect.0.clone());
    let range = |at: fn(&(String, f64, f64, u32)) -> f64| m.effect.as_ref().map(at);
    json!({
        "topic": m.play.id, "lever": m.play.lever, "direction": m.play.direction,
        "cost_low": m.cost.0, "cost_high": m.cost.1, "start_day": m.days.0, "end_day": m.days.1,
        "owner": names::lever(&m.play.lever).map_or("CEO", |lever| lever.owner.as_str()),
        "depends_on": m.after, "effect_metric": metric, "effect_low": range(|e| e.1), "effect_high": range(|e| e.2),
        "effect_days": m.effect.as_ref().map(|e| e.3),
        "reversibility": if m.play.one_way { "one_way" } else { "two_way" },
        "priority": m.priority, "statement": sentence(ground, rank, m),
    })
}

/// What is done, and in the words of the role how.
fn sentence(ground: &Ground<'_>, rank: usize, m: &Move) -> String {
    let case = ground.case;
    let money = number::show(m.cost.1, "money", &case.currency, case.locale);
    let metric = m.effect.as_ref().map_or_else(|| ground.family.metric.clone(), |effect| effect.0.clone());
    let slots = ground
        .slots()
        .with("cost_high", money)
        .with("end_day", m.days.1.to_string())
        .with("start_day", m.days.0.to_string())
        .with("owner", names::lever(&m.play.lever).map_or("CEO", |lever| lever.owner.as_str()).to_owned())
        .with("metric", text::small(&names::label(&metric, case.locale)));
    let Some(body) = slots.fill(&m.play.text) else { return String::new() };
    let own = |line: &&Line| line.role == case.role || line.role.is_empty();
    let here = |line: &&Line| line.when.split('&').all(|one| local(one, rank, m));
    let tail = tables().roles.tails.iter().filter(own).find(here);
    let tail = tail.and_then(|line| slots.part(case.locale.pick(&line.text))).unwrap_or_default();
    text::clip(&format!("{body}{tail}"), text::STATEMENT)
}

/// Conditions about the recommendation itself.
fn local(one: &str, rank: usize, m: &Move) -> bool {
    match one {
        "" => true,
        "rank<2" => rank < 2,
        "rank<3" => rank < 3,
        "cost_high>0" => m.cost.1 > 0.0,
        "oneway>0" => m.play.one_way,
        _ => false,
    }
}

/// All that claims rest on and nobody said.
fn assumptions(ground: &Ground<'_>, claims: &[Value]) -> Vec<Value> {
    let case = ground.case;
    let mut keys: Vec<String> = vec![];
    let cited = claims.iter().filter(|claim| claim["evidence_kind"] == "assumption");
    let names = cited.filter_map(|claim| claim["topic"].as_str().and_then(|name| ground.figures.get(name)));
    for key in names.flat_map(|figure| figure.assumed.clone()) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    // Costs are a part of revenue, whether or not a claim says so.
    if ground.figures.sure("revenue").is_none() && !keys.iter().any(|key| key == "revenue") {
        keys.push("revenue".to_owned());
    }
    let one = |key: &String| {
        let figure = ground.figures.get(key)?;
        let shown = number::show(figure.value, &figure.unit, &case.currency, case.locale);
        let slots = ground.slots().with("metric", text::small(&names::label(key, case.locale))).with("value", shown);
        let statement = slots.fill(phrase(&format!("assume_{key}")))?;
        Some(json!({"key": key, "value": figure.value, "unit": figure.unit, "statement": statement}))
    };
    keys.iter().filter_map(one).take(6).collect()
}

/// What this role would ask for first.
fn unknowns(ground: &Ground<'_>) -> Vec<String> {
    let own: &[&str] = match ground.case.role.as_str() {
        "commercial" => &["conversion", "customers", "cac"],
        "financial" => &["cash", "operating_costs", "receivables_days"],
        "market" => &["market_share", "price", "nps"],
        "operations" => &["capacity_use", "lead_time", "headcount"],
        "risk_legal" => &["legal_exposure", "debt", "headcount"],
        _ => &["gross_margin", "cash"],
    };
    let mut keys: Vec<&str> = own.to_vec();
    keys.extend(ground.family.missing.iter().map(String::as_str));
    let mut seen: Vec<&str> = vec![];
    for key in keys {
        if !seen.contains(&key) && ground.figures.sure(key).is_none() {
            seen.push(key);
        }
    }
    let asked = seen.iter().filter_map(|key| names::metric(key));
    asked.map(|metric| ground.case.locale.pick(&metric.question).to_owned()).take(4).collect()
}

fn confidence(case: &Case) -> f64 {
    let facts = case.facts.len().min(10);
    let base = 0.42 + 0.04 * f64::from(u32::try_from(facts).unwrap_or(0));
    let second = if case.sample == 2 { 0.02 } else { 0.0 };
    ((base - second) * 100.0).round() / 100.0
}
