//! Where opinions cannot all be right, and what there is to vote on.

use super::done;
use crate::{
    ask::Stop,
    choice, conflict,
    domain::{ballot::Choice, conflict::Conflict},
    journal::{Done, Event},
    plan::{Kind, Step},
    run::{Results, Run},
    vote,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What rules have found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Detected {
    pub conflicts: Vec<Conflict>,
    pub choices: Vec<Choice>,
    /// What rules cannot decide.
    pub pairs: Vec<conflict::Pair>,
}

/// All conflicts, and those that are talked about.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tabled {
    pub conflicts: Vec<Conflict>,
    pub topics: Vec<String>,
}

pub(super) fn detect(run: &Run, results: &Results, step: &Step) -> Result<Done, Stop> {
    let (brief, opinions) = (results.brief()?, results.opinions(&run.plan)?);
    let conflicts = conflict::detect(&brief, &opinions);
    let pairs = conflict::pairs(&opinions, &conflicts);
    let detected = Detected { choices: choice::pool(&opinions), conflicts, pairs };
    done(step, &detected, vec![])
}

pub(super) fn table(run: &Run, results: &Results, step: &Step) -> Result<Done, Stop> {
    let detected: Detected = results.get("detect")?.unwrap_or_default();
    let opinions = results.opinions(&run.plan)?;
    let mut judged = vec![];
    for number in
        run.plan.steps.iter().filter(|s| s.kind == Kind::Judge).filter_map(|s| s.ask.as_ref()).map(|a| a.number)
    {
        let of = |order: &str| results.get::<Vec<conflict::Verdict>>(&format!("judge.{number}.{order}"));
        if let (Some(forward), Some(backward)) = (of("forward")?, of("backward")?) {
            judged.extend(conflict::judged(
                &opinions,
                super::judge::batch(&detected.pairs, number),
                &forward,
                &backward,
            ));
        }
    }
    judged.dedup_by(|a, b| a.parties == b.parties);
    let conflicts = conflict::merge(detected.conflicts, judged);
    let topics = vote::table(&conflicts, run.plan.limits.topics);
    let events = conflicts.iter().map(event).collect();
    done(step, &Tabled { conflicts, topics }, events)
}

fn event(conflict: &Conflict) -> Event {
    let Conflict { id, kind, topic, parties, severity, .. } = conflict;
    let data = json!({"id": id, "kind": kind, "topic": topic, "parties": parties, "severity": severity});
    Event::new("conflict.detected", data)
}
