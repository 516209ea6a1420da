//! What cannot be done?

use super::Ground;
use crate::provider::simulator::business::{names, number, phrases::phrase};
use serde_json::{Value, json};

/// What limits this role most: money for some, time or what is forbidden for others.
pub fn limit(ground: &Ground<'_>) -> Option<Value> {
    let order: &[&str] = match ground.case.mandate() {
        "financial" | "analyst" => &["cap", "floor", "deadline"],
        "risk_legal" | "commercial" => &["forbidden", "cap", "floor", "deadline"],
        _ => &["deadline", "cap", "forbidden"],
    };
    order.iter().find_map(|kind| statement(ground, kind)).map(|(topic, text, reference)| {
        json!({
            "kind": "constraint", "topic": topic, "metric": null, "low": null, "point": null, "high": null,
            "unit": null, "period": null, "trend": null, "statement": text, "evidence_kind": "input",
            "evidence_ref": reference, "evidence_quote": null, "confidence": 0.9,
        })
    })
}

/// Topic, text, and what it refers to.
fn statement(ground: &Ground<'_>, kind: &str) -> Option<(&'static str, String, String)> {
    let limits = &ground.case.limits;
    let locale = ground.case.locale;
    match kind {
        "cap" => {
            limits.cap?;
            let name = format!("limit_cap_{}", ground.case.mandate());
            Some(("budget", ground.slots().fill(phrase(&name))?, "budget_cap".to_owned()))
        }
        "deadline" => {
            limits.deadline?;
            Some(("deadline", ground.slots().fill(phrase("limit_deadline"))?, "deadline".to_owned()))
        }
        "floor" => {
            let (key, value) = limits.floors.first().or(limits.ceilings.first())?;
            let unit = names::metric(key).map_or("count", |metric| metric.unit.as_str());
            let slots = ground.slots().with("metric", names::label(key, locale));
            let slots = slots.with("value", number::show(*value, unit, &ground.case.currency, locale));
            Some(("floor", slots.fill(phrase("limit_floor"))?, key.clone()))
        }
        _ => {
            let lever = limits.forbidden.first()?;
            let slots = ground.slots().with("lever", names::lever_label(lever, locale).to_lowercase());
            Some(("forbidden", slots.fill(phrase("limit_forbidden"))?, lever.clone()))
        }
    }
}
