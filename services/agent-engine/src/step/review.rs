//! Somebody without a vote looks for holes.

use super::{asked, decide::Decided, done, skipped, word::topic};
use crate::{
    ask::Stop,
    domain::brief::Source,
    journal::Done,
    plan::Step,
    read,
    run::{Results, Run},
};
use serde_json::json;

pub(super) async fn review(run: &Run, results: &Results, step: &Step) -> Result<Done, Stop> {
    let Some(decided) = results.get::<Decided>("decide")? else { return Ok(skipped(step, "nothing_decided")) };
    let brief = results.brief()?;
    let decisions: Vec<_> = decided
        .meeting
        .decisions
        .iter()
        .map(|d| {
            // By what it says: whoever reads the finding knows no numbers of choices.
            let topic = topic(&decided, &d.topic, brief.locale);
            json!({"topic": topic, "outcome": d.outcome, "margin": d.margin, "conditions": d.conditions})
        })
        .collect();
    let assumed: Vec<&str> = match &decided.scenarios {
        Some(scenarios) => {
            scenarios.inputs.iter().filter(|input| input.source != "fact").map(|input| input.key.as_str()).collect()
        }
        None => brief.facts.iter().filter(|fact| fact.source == Source::Assumed).map(|f| f.key.as_str()).collect(),
    };
    let more = json!({
        "decisions": decisions,
        "facts_assumed": assumed,
        "dissent": decided.meeting.dissent,
        "focus": step.ask.as_ref().map_or(1, |ask| ask.number),
    });
    let (answer, _) = asked(run, step, &brief, more).await?;
    done(step, &read::findings(&answer.value), vec![])
}
