//! Pairs of statements that rules cannot decide, in one order and in the other: a judge who sees only two short texts.

use super::{asked, detect::Detected, done, skipped};
use crate::{
    ask::Stop,
    conflict::Pair,
    journal::Done,
    plan::Step,
    read,
    run::{Results, Run},
};
use serde_json::json;

/// Pairs of one batch.
const BATCH: usize = 10;

/// Those of a batch, which is numbered from 1.
pub(super) fn batch(pairs: &[Pair], number: u32) -> &[Pair] {
    let at = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    pairs.chunks(BATCH).nth(at).unwrap_or_default()
}

pub(super) async fn judge(run: &Run, results: &Results, step: &Step) -> Result<Done, Stop> {
    let detected: Detected = results.get("detect")?.unwrap_or_default();
    let pairs = batch(&detected.pairs, step.ask.as_ref().map_or(1, |ask| ask.number));
    if pairs.is_empty() {
        return Ok(skipped(step, "nothing_to_judge"));
    }
    let is_forward = step.key.ends_with(".forward");
    let shown: Vec<_> = pairs
        .iter()
        .map(|pair| {
            let (a, b) = if is_forward { (&pair.a, &pair.b) } else { (&pair.b, &pair.a) };
            json!({"id": pair.id, "a": a.statement, "b": b.statement})
        })
        .collect();
    let (answer, _) = asked(run, step, &results.brief()?, json!({"pairs": shown})).await?;
    done(step, &read::verdicts(&answer.value), vec![])
}
