//! What is known? Facts are read out of the problem, and what is missing is asked for, or marked.

use super::{asked, done};
use crate::{
    ask::Stop,
    domain::{
        brief::{Brief, Constraint, Fact, Source, Unknown},
        registry,
    },
    journal::{Done, Event},
    plan::Step,
    read,
    run::{Next, Results, Run},
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What was read out of the problem.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Framed {
    pub facts: Vec<Fact>,
    pub constraints: Vec<Constraint>,
    pub topics: Vec<String>,
    pub missing: Vec<Unknown>,
}

/// Reads the problem.
pub(super) async fn frame(run: &Run, step: &Step) -> Result<Done, Stop> {
    let metrics: Vec<_> = registry::registry().metrics.iter().map(|m| json!({"key": m.key, "unit": m.unit})).collect();
    let (answer, _) = asked(run, step, &run.given, json!({"metrics": metrics})).await?;
    let read = read::frame(&answer.value, &run.given);
    let framed = Framed {
        facts: read.facts,
        constraints: read.constraints,
        topics: read.topics,
        missing: read.missing.into_iter().map(|(key, question)| Unknown { key, question }).collect(),
    };
    let found = json!({"facts": framed.facts, "constraints": framed.constraints, "topics": framed.topics});
    done(step, &framed, vec![Event::new("facts.found", found)])
}

/// Puts together what was given, answered and read; asks for what is missing if it may.
pub(super) fn intake(run: &Run, results: &Results, step: &Step) -> Result<Next, Stop> {
    let framed: Framed = results.get("frame")?.unwrap_or_default();
    let now = run.inner.clock.now();
    let is_over = run.asked_until.is_some_and(|until| until <= now);
    if run.is_interactive && run.answers.is_none() && !is_over && !framed.missing.is_empty() {
        let until = run.asked_until.unwrap_or(now + TimeDelta::hours(run.inner.config.answers_hours.into()));
        return Ok(Next::Ask(json!(framed.missing), until));
    }
    let brief = together(&run.given, framed, run.answers.as_deref().unwrap_or_default());
    let assumed: Vec<_> = brief.unknown.iter().map(|unknown| &unknown.key).collect();
    let event = Event::new("brief.ready", json!({"facts": brief.facts.len(), "assumed": assumed}));
    done(step, &brief, vec![event]).map(Next::Done)
}

/// Who was there first is believed: what was given, then what was answered, then what was read.
fn together(given: &Brief, framed: Framed, answers: &[Fact]) -> Brief {
    let mut brief = given.clone();
    let answered = answers.iter().map(|fact| Fact { source: Source::Answered, ..fact.clone() });
    for fact in answered.chain(framed.facts) {
        if brief.fact(&fact.key).is_none() {
            brief.facts.push(fact);
        }
    }
    for constraint in framed.constraints {
        let is_known =
            brief.constraints.iter().any(|known| known.kind == constraint.kind && known.key == constraint.key);
        if !is_known {
            brief.constraints.push(constraint);
        }
    }
    brief.unknown = framed.missing.into_iter().filter(|unknown| brief.fact(&unknown.key).is_none()).collect();
    brief
}
