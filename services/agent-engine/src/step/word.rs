//! Puts one document into words: the chair is given every decision and every number, and changes none.

use super::{asked, decide::Decided, done, skipped};
use crate::{
    ask::Stop,
    compose,
    domain::{
        locale::Locale,
        meeting::{Decision, Meeting, Outcome},
        registry,
    },
    finance,
    journal::{Done, Event},
    plan::Step,
    read,
    run::{Results, Run},
};
use serde_json::{Value, json};

/// Numbers that a document is given at most.
const CELLS: usize = 40;

pub(super) async fn word(run: &Run, results: &Results, step: &Step) -> Result<Done, Stop> {
    let Some(decided) = results.get::<Decided>("decide")? else { return Ok(skipped(step, "nothing_decided")) };
    let opinions = results.opinions(&run.plan)?;
    let brief = finance::assumed(&results.brief()?, &opinions);
    let Decided { meeting, scenarios, .. } = &decided;
    let cells = compose::cells(&brief, &opinions, meeting, scenarios.as_ref());
    let mut shown: Vec<_> = cells.iter().collect();
    shown.sort_by_key(|(id, _)| std::cmp::Reverse(weight(id, meeting)));
    let shown: Vec<Value> = shown
        .into_iter()
        .take(CELLS)
        .map(|(id, cell)| json!({"id": id, "label": cell.label, "text": cell.text}))
        .collect();
    let document = step.key.rsplit('.').next().unwrap_or_default();
    let turns = meeting.rounds.iter().flat_map(|round| &round.turns);
    let more = json!({
        "document": document,
        "headline": compose::headline(&brief, meeting, scenarios.as_ref(), &cells),
        "decisions": decisions(&decided, brief.locale),
        "dissent": meeting.dissent.iter().map(|d| json!({
            "role": d.role.label(brief.locale), "topic": topic(&decided, &d.topic, brief.locale), "reason": d.reason,
            "would_change_if": d.would_change_if,
        })).collect::<Vec<_>>(),
        "risks": compose::risks(&opinions).iter().take(5).map(|risk| json!({"risk": risk.risk})).collect::<Vec<_>>(),
        "turns": turns.map(|t| json!({"role": t.role.label(brief.locale), "text": t.text})).collect::<Vec<_>>(),
        "cells": shown,
    });
    let (answer, _) = asked(run, step, &brief, more).await?;
    let event = Event::new("artifact.ready", json!({"artifact": document}));
    done(step, &read::paragraphs(&answer.value), vec![event])
}

/// What a document is more likely to need: results, then what was adopted, then what is known.
fn weight(id: &str, meeting: &Meeting) -> u8 {
    let is_adopted = |decision: &Decision| {
        decision.outcome == Outcome::Adopted
            && id.strip_prefix(decision.topic.as_str()).is_some_and(|rest| rest.starts_with('_'))
    };
    match id {
        id if id.starts_with("s_") => 3,
        _ if meeting.decisions.iter().any(is_adopted) => 2,
        id if id.starts_with("said_") => 0,
        _ => 1,
    }
}

fn decisions(decided: &Decided, locale: Locale) -> Vec<Value> {
    let reason = |topic: &str| {
        let ballots = decided.meeting.ballots_after.iter().flat_map(|ballot| &ballot.votes);
        let best = ballots.filter(|vote| vote.choice == topic).max_by(|a, b| a.confidence.total_cmp(&b.confidence));
        best.map(|vote| vote.reason.clone()).unwrap_or_default()
    };
    // What matters most comes first: not every document has room for all.
    let mut decisions: Vec<&Decision> = decided.meeting.decisions.iter().collect();
    decisions.retain(|decision| decision.outcome != Outcome::Agreed);
    let choice = |decision: &Decision| decided.meeting.choices.iter().find(|choice| choice.id == decision.topic);
    decisions.sort_by_key(|decision| choice(decision).map(|choice| choice.priority));
    decisions
        .into_iter()
        .map(|decision| {
            json!({
                "label": topic(decided, &decision.topic, locale),
                "outcome": decision.outcome,
                "reason": reason(&decision.topic),
            })
        })
        .collect()
}

/// What a choice says; of a metric its name, without the day that it is about.
pub(super) fn topic(decided: &Decided, topic: &str, locale: Locale) -> String {
    let choice = decided.meeting.choices.iter().find(|choice| choice.id == topic);
    let metric = topic.split('@').next().unwrap_or(topic);
    choice.map_or_else(|| registry::label(metric, locale), |choice| choice.statement.clone())
}
