//! What may go wrong, how probable is it and how bad?

use super::{
    claims::Ground,
    condition,
    tables::{RiskRow, tables},
    text,
};
use serde_json::{Value, json};

/// Those of the kind of problem and of the role.
pub fn risks(ground: &Ground<'_>, moves: &[super::plays::Move]) -> Vec<Value> {
    let role = ground.case.role.as_str();
    let family = tables().risks.family.get(&ground.family.key).into_iter();
    let own = tables().risks.role.iter().filter(|row| row.roles.iter().any(|name| name == role));
    let next = tables().risks.role.iter().filter(|row| row.roles.iter().all(|name| name != role)).skip(next(role));
    let mut all: Vec<Value> =
        family.chain(own).chain(next.take(1)).filter_map(|row| risk(ground, row, moves)).collect();
    all.truncate(4);
    all
}

/// Which of the other roles' risks it sees too.
fn next(role: &str) -> usize {
    match role {
        "commercial" => 2,
        "market" => 1,
        "operations" | "financial" => 0,
        _ => 3,
    }
}

fn risk(ground: &Ground<'_>, row: &RiskRow, moves: &[super::plays::Move]) -> Option<Value> {
    let slots = ground.slots();
    let locale = ground.case.locale;
    let more = i64::from(condition::holds(&row.up, ground.figures));
    let less = i64::from(condition::holds(&row.down, ground.figures));
    let cash = ground.figures.sure("cash").filter(|cash| *cash > 0.0);
    let spent: f64 = moves.iter().map(|m| m.cost.1).sum();
    let heavy = i64::from(cash.is_some_and(|cash| spent > cash * 0.25));
    Some(json!({
        "statement": slots.fill(&row.text)?,
        "probability": (row.p + more - less).clamp(1, 5),
        "impact": (row.i + heavy).clamp(1, 5),
        "mitigation": text::clip(locale.pick(&row.fix), text::STATEMENT),
        "trigger": text::clip(locale.pick(&row.sign), text::STATEMENT),
        "owner": row.owner,
    }))
}
