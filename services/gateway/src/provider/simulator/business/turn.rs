//! What does a role say about what is contested, and does it change its mind?

use super::{
    ballot::{Vote, votes},
    case::Case,
    choice::{Choice, view},
    claims::Ground,
    family::families,
    figures::Figures,
    focus::focus,
    names, number,
    phrases::phrase,
    text,
};
use serde_json::{Value, json};

/// What it does about one conflict.
struct Turn {
    conflict: String,
    action: &'static str,
    evidence: Option<String>,
    revised: Option<(f64, f64, f64)>,
    text: String,
    /// The lever that it gives up.
    dropped: Option<String>,
}

/// One turn for each conflict, and the votes after them.
pub fn answer(case: &Case, data: &Value) -> Value {
    let figures = Figures::of(case);
    let families = families(case, &figures);
    let Some(family) = families.first().copied() else { return json!({"turns": [], "votes": []}) };
    let focus = focus(case, family);
    let ground = Ground { case, figures: &figures, family, focus: &focus };
    let choices = Choice::list(data);
    let contested = data["contested"].as_array().into_iter().flatten().take(6);
    let turns: Vec<Turn> = contested.enumerate().map(|(at, item)| turn(&ground, at, item, &choices)).collect();
    let votes = after(case, &figures, data, &choices, &turns);
    json!({
        "turns": turns.iter().map(shown).collect::<Vec<_>>(),
        "votes": votes.iter().map(Vote::json).collect::<Vec<_>>(),
    })
}

fn shown(turn: &Turn) -> Value {
    let part = |at: fn((f64, f64, f64)) -> f64| turn.revised.map(at);
    json!({
        "conflict": turn.conflict, "action": turn.action, "new_evidence": turn.evidence,
        "revised_low": part(|r| r.0), "revised_point": part(|r| r.1), "revised_high": part(|r| r.2),
        "text": turn.text,
    })
}

fn turn(ground: &Ground<'_>, at: usize, item: &Value, choices: &[Choice]) -> Turn {
    let conflict = item["conflict"].as_str().unwrap_or_default().to_owned();
    let topic = item["topic"].as_str().unwrap_or_default();
    let kind = item["kind"].as_str().unwrap_or_default();
    let is_number = matches!(kind, "metric_mismatch" | "assumption_conflict" | "arithmetic_error" | "incomparable");
    if is_number && let Some((evidence, revised)) = revise(ground, topic) {
        return revision(ground, conflict, topic, evidence, revised);
    }
    if !is_number && let Some((lever, evidence)) = concede(ground, item, topic, choices) {
        return concession(ground, conflict, lever, evidence);
    }
    let words = maintain(ground, at, item, topic);
    Turn { conflict, action: "maintain", evidence: None, revised: None, text: words, dropped: None }
}

/// The fact that a number should be near to. Who computed from it in the first place stays.
fn revise(ground: &Ground<'_>, topic: &str) -> Option<(String, (f64, f64, f64))> {
    if matches!(ground.case.mandate(), "analyst" | "financial") {
        return None;
    }
    let fact = ground.case.fact(topic)?;
    let known = names::metric(topic)?;
    let way = if known.good == "up" { 1.0 } else { -1.0 };
    let hope = super::tables::tables().roles.optimism.get(ground.case.mandate()).copied().unwrap_or(0.0);
    // Half of what it hoped for: the measure is not proved yet.
    let point = fact.value * (1.0 + way * hope * 0.5);
    Some((fact.key.clone(), ground.around(point, 0.06)))
}

fn revision(ground: &Ground<'_>, conflict: String, topic: &str, evidence: String, revised: (f64, f64, f64)) -> Turn {
    let case = ground.case;
    let unit = names::metric(topic).map_or("count", |metric| metric.unit.as_str());
    let show = |value: f64| number::show(value, unit, &case.currency, case.locale);
    let now = case.fact(topic).map_or(0.0, |fact| fact.value);
    let slots = ground.slots().with("metric", text::small(&names::label(topic, case.locale)));
    let slots = slots.with("now", show(now)).with("point", show(revised.1));
    let words = slots.fill(phrase("turn_revise")).unwrap_or_default();
    Turn { conflict, action: "revise", evidence: Some(evidence), revised: Some(revised), text: words, dropped: None }
}

/// The lever to give up and the fact that speaks against it: only where facts are clear, and not where the role's own
/// mandate is at stake.
fn concede(ground: &Ground<'_>, item: &Value, topic: &str, choices: &[Choice]) -> Option<(String, String)> {
    let own = item["own"].as_array().into_iter().flatten().filter_map(|own| own["statement"].as_str());
    let own = text::fold(&own.collect::<Vec<_>>().join(" "));
    let seen = |choice: &Choice| view(ground.case, ground.figures, &ground.family.metric, choice);
    let mine = choices.iter().filter(|choice| choice.lever == topic);
    let choice =
        mine.filter(|choice| backs(&own, choice, ground)).min_by(|a, b| seen(a).score.total_cmp(&seen(b).score))?;
    let seen = seen(choice);
    let fact = seen.fact?;
    let from_facts = ground.figures.get(fact)?.facts.first().cloned();
    (seen.by_facts < -0.85).then_some((choice.lever.clone(), from_facts?))
}

/// Whether one's own statement is about moving the lever this way.
fn backs(own: &str, choice: &Choice, ground: &Ground<'_>) -> bool {
    let plays = super::tables::tables().plays.iter();
    let play = plays.filter(|play| play.lever == choice.lever && play.direction == choice.direction);
    let mut openings = play.map(|play| text::fold(ground.case.locale.pick(&play.text)));
    let opening = |play: String| play.chars().take(12).collect::<String>();
    openings.any(|play| own.contains(&opening(play))) || own.contains(&choice.direction)
}

fn concession(ground: &Ground<'_>, conflict: String, lever: String, evidence: String) -> Turn {
    let case = ground.case;
    let figure = ground.figures.get(&evidence);
    let value = figure.map(|f| number::show(f.value, &f.unit, &case.currency, case.locale)).unwrap_or_default();
    let slots = ground.slots().with("lever", text::small(&names::lever_label(&lever, case.locale)));
    let slots = slots.with("metric", text::small(&names::label(&evidence, case.locale))).with("value", value);
    let words = slots.fill(phrase("turn_concede")).unwrap_or_default();
    Turn { conflict, action: "concede", evidence: Some(evidence), revised: None, text: words, dropped: Some(lever) }
}

/// Why it stays: by the number that its mandate looks at, if there is one.
fn maintain(ground: &Ground<'_>, at: usize, item: &Value, topic: &str) -> String {
    let case = ground.case;
    let lever = names::lever(topic).map(|_| names::lever_label(topic, case.locale));
    let label = lever.or_else(|| names::metric(topic).map(|metric| case.locale.pick(&metric.label).to_owned()));
    // Other topics are slugs, which are not in the language of the talk.
    let label = label.map_or_else(|| ground.focus.plain.clone(), |label| text::small(&label));
    let other = item["opposing"][0]["statement"].as_str().unwrap_or_default();
    let other = text::clip(other.trim_end_matches('.'), 70);
    let slots = ground.slots().with("label", label);
    let own = format!("turn_maintain_{}", case.mandate());
    let plain = format!("{own}_plain");
    // Nobody says the same twice.
    let order = if at.is_multiple_of(2) { [&own, &plain] } else { [&plain, &own] };
    let mut texts = order.iter().filter_map(|name| slots.fill(phrase(name)).filter(|text| !text.is_empty()));
    let text = texts.next().unwrap_or_default();
    let heard = slots.with("other", other.clone()).fill(phrase("turn_heard")).filter(|_| !other.is_empty() && at == 0);
    let more = heard.filter(|heard| heard.chars().count() + text.chars().count() < text::STATEMENT);
    text::clip(&format!("{text} {}", more.unwrap_or_default()), text::STATEMENT)
}

/// The sealed votes, changed where a turn gave something up.
fn after(case: &Case, figures: &Figures, data: &Value, choices: &[Choice], turns: &[Turn]) -> Vec<Vote> {
    let own = |id: &str| data["own_votes"].as_array().into_iter().flatten().find(|vote| vote["choice"] == *id);
    let mut votes = votes(case, figures, choices);
    for (vote, choice) in votes.iter_mut().zip(choices) {
        let sealed = own(&choice.id);
        let dropped = turns.iter().find(|turn| turn.dropped.as_deref() == Some(choice.lever.as_str()));
        if let Some(sealed) = sealed {
            let confidence = sealed["confidence"].as_f64().filter(|c| c.is_finite()).unwrap_or(vote.confidence);
            let approve = sealed["approve"].as_bool().unwrap_or(vote.approve);
            if approve != vote.approve && dropped.is_none() {
                vote.reason = case.locale.pick(phrase("turn_vote_kept")).to_owned();
                vote.would_change_if = case.locale.pick(phrase("turn_vote_kept_if")).to_owned();
            }
            // Who gave in votes as the facts say, and not as it had sealed.
            if dropped.is_none() {
                vote.approve = approve;
                vote.confidence = (confidence.clamp(0.0, 1.0) * 100.0).round() / 100.0;
            }
        }
        if let Some(turn) = dropped.filter(|_| choice.way() > 0.0) {
            vote.approve = false;
            vote.confidence = (vote.confidence * 0.9 * 100.0).round() / 100.0;
            vote.reason.clone_from(&turn.text);
        }
    }
    votes
}
