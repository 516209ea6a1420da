//! How does a role vote?

use super::{
    case::{Case, Locale},
    choice::{Choice, View, view},
    figures::Figures,
    focus::{Focus, focus},
    names, number,
    phrases::{exists, phrase},
    slots::Slots,
    text,
};
use serde_json::{Value, json};

/// A vote on one choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// The choice.
    pub choice: String,
    /// For it.
    pub approve: bool,
    /// 0 to 1.
    pub confidence: f64,
    /// Why.
    pub reason: String,
    /// What would change its mind.
    pub would_change_if: String,
}

impl Vote {
    /// As the schema has it.
    pub fn json(&self) -> Value {
        json!({
            "choice": self.choice, "approve": self.approve, "confidence": self.confidence, "reason": self.reason,
            "would_change_if": self.would_change_if,
        })
    }
}

/// A vote on each choice.
pub fn answer(case: &Case, data: &Value) -> Value {
    let figures = Figures::of(case);
    let votes: Vec<Value> = votes(case, &figures, &Choice::list(data)).iter().map(Vote::json).collect();
    json!({"votes": votes})
}

/// See [`answer`].
pub fn votes(case: &Case, figures: &Figures, choices: &[Choice]) -> Vec<Vote> {
    let families = super::family::families(case, figures);
    let Some(family) = families.first() else { return vec![] };
    let focus = focus(case, family);
    let views: Vec<View> = choices.iter().map(|choice| view(case, figures, &family.metric, choice)).collect();
    let vote = |(at, choice): (usize, &Choice)| vote(case, figures, &focus, choice, &settled(at, choices, &views));
    choices.iter().enumerate().map(vote).collect()
}

/// One's view on a choice; who would move the same lever both ways approves of the better one only.
fn settled(at: usize, choices: &[Choice], views: &[View]) -> View {
    let (Some(own), Some(seen)) = (choices.get(at), views.get(at)) else { return View::default() };
    let better = |other: usize, choice: &Choice, view: &View| {
        let against = choice.lever == own.lever && choice.way() * own.way() < 0.0;
        against && (view.score > seen.score || view.score.total_cmp(&seen.score).is_eq() && other < at)
    };
    let beaten = choices.iter().zip(views).enumerate().any(|(other, (choice, view))| better(other, choice, view));
    if seen.score > 0.0 && beaten {
        return View { score: -0.3, reason: "opposite", ..View::default() };
    }
    seen.clone()
}

fn vote(case: &Case, figures: &Figures, focus: &Focus, choice: &Choice, seen: &View) -> Vote {
    let approve = seen.score > 0.0;
    let confidence = (0.5 + 0.13 * seen.score.abs()).clamp(0.5, 0.93);
    let slots = slots(case, figures, focus, choice, seen);
    let side = if approve { "for" } else { "against" };
    let own = format!("vote_{}_{side}_{}", seen.reason, case.mandate());
    let plain = format!("vote_{}_{side}", seen.reason);
    let name = if exists(&own) { own } else { plain };
    let fallback = || slots.fill(phrase(&format!("vote_mandate_{side}_{}", case.mandate())));
    let moves = approve && seen.reason != "mandate" && !choice.effects.is_empty();
    let change = if moves { "change_effect_for".to_owned() } else { format!("change_{}_{side}", seen.reason) };
    let change = if exists(&change) { change } else { format!("change_{side}_{}", case.mandate()) };
    let reason = slots.fill(phrase(&name)).filter(|text| !text.is_empty()).or_else(fallback).unwrap_or_default();
    Vote {
        choice: choice.id.clone(),
        approve,
        confidence: (confidence * 100.0).round() / 100.0,
        reason: priced(&slots, reason),
        would_change_if: slots.fill(phrase(&change)).unwrap_or_default(),
    }
}

/// A reason with a number in it: at least what it costs.
fn priced(slots: &Slots<'_>, reason: String) -> String {
    if reason.chars().any(|c| c.is_ascii_digit()) {
        return reason;
    }
    let priced = slots.fill(phrase("vote_priced")).filter(|text| !text.is_empty());
    priced.map_or_else(
        || reason.clone(),
        |cost| text::clip(&format!("{reason} ({})", text::small(&cost)), text::STATEMENT),
    )
}

/// What is done with the lever.
fn action(choice: &Choice, locale: Locale) -> String {
    let label = text::small(&names::lever_label(&choice.lever, locale));
    let verb = match choice.direction.as_str() {
        "increase" => locale.choose("more on", "aumentar"),
        "decrease" => locale.choose("less on", "reduzir"),
        "stop" => locale.choose("stop", "interromper"),
        "keep" => locale.choose("keep", "manter"),
        _ => return label,
    };
    format!("{verb} {label}")
}

fn slots<'a>(case: &'a Case, figures: &'a Figures, focus: &'a Focus, choice: &Choice, seen: &View) -> Slots<'a> {
    let locale = case.locale;
    let money = |value: f64| number::show(value, "money", &case.currency, locale);
    let mut slots = Slots::new(case, figures, focus)
        .with("lever", action(choice, locale))
        .with("end_day", number::show(choice.end_day.clamp(0.0, 1e6), "count", "", locale));
    if let Some(cost) = choice.cost {
        slots = slots.with("cost", money(cost)).with("half_cost", money(number::round_cost(cost / 2.0)));
        if let Some(cash) = figures.sure("cash").filter(|cash| *cash > 0.0) {
            slots = slots.with("cost_share", number::show(cost / cash * 100.0, "percent", "", locale));
        }
    }
    if let Some(metric) = seen.metric.as_ref().or(choice.effects.first().map(|(metric, _)| metric)) {
        let unit = names::metric(metric).map_or("count", |known| known.unit.as_str());
        let change = choice.effects.iter().find(|(key, _)| key == metric).map_or(0.0, |(_, change)| *change);
        let unit = if unit == "percent" { "points" } else { unit };
        slots = slots.with("metric", text::small(&names::label(metric, locale)));
        slots = slots.with("change", number::show(number::round(change.abs()), unit, &case.currency, locale));
    }
    slots
}
