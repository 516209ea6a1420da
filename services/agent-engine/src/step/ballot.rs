//! One agent's vote on every choice: sealed, before anybody has talked.

use super::{asked, detect::Detected, done, skipped};
use crate::{
    ask::Stop,
    domain::ballot::Choice,
    journal::Done,
    plan::Step,
    read,
    run::{Results, Run},
};
use serde_json::{Value, json};

pub(super) async fn ballot(run: &Run, results: &Results, step: &Step) -> Result<Done, Stop> {
    let detected: Detected = results.get("detect")?.unwrap_or_default();
    if detected.choices.is_empty() {
        return Ok(skipped(step, "nothing_to_vote_on"));
    }
    let role = step.ask.as_ref().map(|ask| ask.role);
    if !results.opinions(&run.plan)?.iter().any(|opinion| Some(opinion.role) == role) {
        // Who has not thought about it does not vote on it.
        return Ok(skipped(step, "absent"));
    }
    let more = json!({"choices": shown(&detected.choices)});
    let (answer, ask) = asked(run, step, &results.brief()?, more).await?;
    done(step, &read::ballot(ask.role, &answer.value, &detected.choices), vec![])
}

/// Choices as agents see them: without who proposes them.
pub(super) fn shown(choices: &[Choice]) -> Vec<Value> {
    let effect = |choice: &Choice| -> Vec<Value> {
        choice.effects.iter().map(|e| json!({"metric": e.metric, "low": e.low, "high": e.high})).collect()
    };
    choices
        .iter()
        .map(|choice| {
            json!({
                "id": choice.id,
                "statement": choice.statement,
                "lever": choice.lever,
                "direction": choice.direction,
                "cost_low": choice.cost.map(|cost| cost.low),
                "cost_high": choice.cost.map(|cost| cost.high),
                "start_day": choice.start_day,
                "end_day": choice.end_day,
                "reversibility": choice.reversibility,
                "effects": effect(choice),
            })
        })
        .collect()
}
