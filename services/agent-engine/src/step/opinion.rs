//! One agent's view, without having seen any other.

use super::{asked, done};
use crate::{
    ask::Stop,
    domain::registry,
    journal::{Done, Event},
    plan::Step,
    read,
    run::{Results, Run},
};
use serde_json::json;

pub(super) async fn opinion(run: &Run, results: &Results, step: &Step) -> Result<Done, Stop> {
    let brief = results.brief()?;
    let known = registry::registry();
    let more = json!({
        "sample": step.ask.as_ref().map_or(1, |ask| ask.number),
        "metrics": known.metrics.iter().map(|m| json!({"key": m.key, "unit": m.unit})).collect::<Vec<_>>(),
        "levers": known.levers.iter().map(|l| &l.key).collect::<Vec<_>>(),
    });
    let (answer, ask) = asked(run, step, &brief, more).await?;
    let opinion = read::opinion(ask.role, &answer.value).map_err(|_| Stop::Invalid)?;
    let said = json!({
        "role": opinion.role,
        "sample": ask.number,
        "stance": opinion.stance,
        "headline": opinion.headline,
        "confidence": opinion.confidence,
        "is_foreign": answer.is_foreign,
    });
    done(step, &opinion, vec![Event::new("agent.finished", said)])
}
