//! How far is it?

use super::{Results, Run};
use crate::{
    journal::{Done, Event},
    plan::{Plan, Step},
};
use serde_json::json;

/// In thousandths, once the step of this key has ended as well. 1,000 is for the end itself.
pub(super) fn after(plan: &Plan, results: &Results, key: &str) -> i64 {
    let ended = plan.steps.iter().filter(|step| step.key == key || results.has(&step.key));
    let weight: u32 = ended.map(|step| step.weight).sum();
    (i64::from(weight) * 1_000 / i64::from(plan.weight())).min(990)
}

/// The end of a step, and what is said of it.
pub(super) fn told(run: &Run, mut done: Done, step: &Step, progress: i64) -> Done {
    let elapsed = (run.inner.clock.now() - run.created_at).num_seconds();
    done.events.push(Event::new(
        "execution.progress",
        json!({
            "progress": progress as f64 / 1_000.0,
            "stage": step.kind.stage(),
            "step": step.key,
            "elapsed_seconds": elapsed,
        }),
    ));
    done
}
