//! Where are the holes in what was decided?

use super::{
    case::Case, claims::Ground, family::families, figures::Figures, focus::focus, names, number, phrases::phrase,
    slots::Slots, text,
};
use serde_json::{Value, json};

const MOST: usize = 6;
/// A decision that is closer than this could have gone the other way.
const THIN: f64 = 0.2;

/// The gravest first.
pub fn answer(case: &Case, data: &Value) -> Value {
    let figures = Figures::of(case);
    let families = families(case, &figures);
    let Some(family) = families.first().copied() else { return json!({"findings": []}) };
    let focus = focus(case, family);
    let ground = Ground { case, figures: &figures, family, focus: &focus };
    let mut found: Vec<(u8, String)> = vec![];
    found.extend(assumed(&ground, data));
    found.extend(thin(&ground, data));
    found.extend(missing(&ground));
    found.extend(one_lever(&ground, data));
    found.extend(money(&ground));
    found.extend(conditions(&ground, data));
    if found.is_empty() {
        found.extend(ground.slots().fill(phrase("review_none")).map(|text| (1, text)));
    }
    found.sort_by_key(|(grave, _)| u8::MAX - grave);
    let level = |grave: u8| match grave {
        3 => "serious",
        2 => "warning",
        _ => "info",
    };
    let shown = found.iter().take(MOST).map(|(grave, text)| json!({"severity": level(*grave), "text": text}));
    json!({"findings": shown.collect::<Vec<_>>()})
}

fn decisions(data: &Value) -> impl Iterator<Item = &Value> {
    data["decisions"].as_array().into_iter().flatten().take(40)
}

fn topic(ground: &Ground<'_>, decision: &Value) -> String {
    let topic = text::clip(decision["topic"].as_str().unwrap_or_default(), 60);
    let known = names::lever(&topic).is_some() || names::metric(&topic).is_some();
    if known { text::small(&names::lever_label(&topic, ground.case.locale)) } else { topic }
}

fn assumed(ground: &Ground<'_>, data: &Value) -> Option<(u8, String)> {
    let locale = ground.case.locale;
    let keys: Vec<&str> = data["facts_assumed"].as_array()?.iter().filter_map(Value::as_str).take(4).collect();
    let matters =
        |key: &&str| ["revenue", "cash", "gross_margin", "burn"].contains(key) || **key == ground.family.metric;
    let grave = if keys.iter().any(matters) { 3 } else { 2 };
    let labels: Vec<String> = keys.iter().map(|key| text::small(&names::label(key, locale))).collect();
    let list = list(&labels, locale.choose("and", "e"))?;
    let name = if labels.len() == 1 { "review_assumed_one" } else { "review_assumed" };
    ground.slots().with("list", list).fill(phrase(name)).map(|text| (grave, text))
}

fn thin(ground: &Ground<'_>, data: &Value) -> Vec<(u8, String)> {
    let close = decisions(data).filter(|d| {
        d["outcome"] != "agreed" && d["margin"].as_f64().is_some_and(|margin| margin.is_finite() && margin.abs() < THIN)
    });
    close
        .take(2)
        .filter_map(|decision| {
            let margin = decision["margin"].as_f64().unwrap_or(0.0).abs() * 100.0;
            let shown = number::show(margin, "percent", "", ground.case.locale);
            let slots = ground.slots().with("subject", topic(ground, decision)).with("margin", shown);
            slots.fill(phrase("review_thin")).map(|text| (2, text))
        })
        .collect()
}

fn missing(ground: &Ground<'_>) -> Option<(u8, String)> {
    let unknown = |key: &&String| ground.figures.sure(key).is_none();
    let keys = ground.family.missing.iter().filter(unknown).take(3);
    let labels: Vec<String> = keys.map(|key| text::small(&names::label(key, ground.case.locale))).collect();
    let list = list(&labels, ground.case.locale.choose("and", "e"))?;
    let grave = if labels.len() > 2 { 2 } else { 1 };
    ground.slots().with("list", list).fill(phrase("review_missing")).map(|text| (grave, text))
}

fn one_lever(ground: &Ground<'_>, data: &Value) -> Option<(u8, String)> {
    let adopted: Vec<&Value> = decisions(data).filter(|d| d["outcome"] == "adopted").collect();
    match adopted.as_slice() {
        [] if decisions(data).next().is_some() => ground.slots().fill(phrase("review_nothing")).map(|text| (3, text)),
        [only] => {
            let slots: Slots<'_> = ground.slots().with("subject", topic(ground, only));
            slots.fill(phrase("review_one")).map(|text| (2, text))
        }
        _ => None,
    }
}

fn money(ground: &Ground<'_>) -> Option<(u8, String)> {
    let holds = |condition: &str| super::condition::holds(condition, ground.figures);
    let name = match () {
        () if holds("runway<3") => ("review_runway", 3),
        () if holds("cap_cash>50") => ("review_cap", 2),
        () if holds("x_client_share>30") => ("review_client", 2),
        () if !holds("cash") => ("review_no_cash", 1),
        () => return None,
    };
    ground.slots().fill(phrase(name.0)).map(|text| (name.1, text))
}

fn conditions(ground: &Ground<'_>, data: &Value) -> Option<(u8, String)> {
    let bound = decisions(data).find(|d| d["conditions"].as_array().is_some_and(|list| list.len() > 1))?;
    ground.slots().with("subject", topic(ground, bound)).fill(phrase("review_conditions")).map(|text| (1, text))
}

fn list(labels: &[String], and: &str) -> Option<String> {
    match labels {
        [] => None,
        [one] => Some(one.clone()),
        [most @ .., last] => Some(format!("{} {and} {last}", most.join(", "))),
    }
}
