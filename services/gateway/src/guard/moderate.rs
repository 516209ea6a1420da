//! A model of a provider judges a text, as OpenAI's moderations do.

use super::{Blocked, Tally, document::judge as act, rule::Rule, stage_name};
use crate::{
    aside::{self, Source},
    ticket::Ticket,
};
use proto::{
    gateway::{CompleteRequest, Operation},
    guardrails::{DEADLINE_MS, Moderation, OnFailure, Stage},
};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

#[derive(Deserialize)]
struct Answer {
    results: Vec<Judgement>,
}

#[derive(Deserialize)]
struct Judgement {
    #[serde(default)]
    flagged: bool,
    #[serde(default)]
    category_scores: BTreeMap<String, f64>,
}

/// Has each rule with a model judge `text`. Errors: one of them stops it, or a model that has to judge does not answer.
pub(super) async fn judge(rules: &[Arc<Rule>], stage: Stage, text: &str, ticket: &Ticket) -> Result<(), Blocked> {
    if text.trim().is_empty() {
        return Ok(());
    }
    for rule in rules {
        let Some(moderation) = &rule.moderation else { continue };
        match ask(moderation, text, ticket).await {
            Ok(answer) => {
                if answer.results.iter().any(|judgement| counts(moderation, judgement)) {
                    ticket.tally.found(rule, stage, "moderation");
                    act(rule, stage)?;
                }
            }
            Err(why) => {
                failed(rule, stage, &why, &ticket.tally);
                if moderation.on_failure() != OnFailure::Pass {
                    return Err(Blocked { is_unjudged: true, ..Blocked::by(rule, stage) });
                }
            }
        }
    }
    Ok(())
}

fn failed(rule: &Rule, stage: Stage, why: &str, tally: &Tally) {
    tracing::warn!(guardrail = rule.name, stage = stage_name(stage), error = why, "a moderation did not answer");
    tally.failed(rule, stage);
}

/// Errors: why there is no answer, without anything of the text.
async fn ask(moderation: &Moderation, text: &str, ticket: &Ticket) -> Result<Answer, String> {
    let request = serde_json::json!({"model": moderation.model, "input": text});
    let deadline = match moderation.deadline_ms {
        0 => DEADLINE_MS,
        ms => ms,
    };
    let by = Duration::from_millis(u64::try_from(deadline).unwrap_or(0));
    let request = CompleteRequest {
        operation: Operation::Moderations.into(),
        body: request.to_string().into(),
        no_store: true,
        ..CompleteRequest::default()
    };
    let answer = aside::ask(ticket, Source::Guardrail, request, by).await;
    let answer = answer.map_err(|status| status.message().to_owned())?;
    let answer: Answer = serde_json::from_slice(&answer).map_err(|_| "its answer is no judgement".to_owned())?;
    if answer.results.is_empty() { Err("it judges nothing".to_owned()) } else { Ok(answer) }
}

/// What the model flags, or what reaches the rule's own scores.
fn counts(moderation: &Moderation, judgement: &Judgement) -> bool {
    if moderation.thresholds.is_empty() {
        return judgement.flagged;
    }
    let reaches = |(category, least): (&String, &f64)| {
        judgement.category_scores.get(category).is_some_and(|score| score >= least)
    };
    moderation.thresholds.iter().any(reaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_the_rule_go_before_what_the_model_flags() {
        let judgement = Judgement { flagged: true, category_scores: [("violence".to_owned(), 0.4)].into() };
        let with = |thresholds: &[(&str, f64)]| Moderation {
            thresholds: thresholds.iter().map(|(name, least)| ((*name).to_owned(), *least)).collect(),
            ..Moderation::default()
        };
        assert!(counts(&with(&[]), &judgement));
        assert!(counts(&with(&[("violence", 0.4)]), &judgement));
        assert!(!counts(&with(&[("violence", 0.5), ("hate", 0.0)]), &judgement));
    }
}
