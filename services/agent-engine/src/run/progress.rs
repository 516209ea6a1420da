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
    let elapsed = run.elapsed();
    let [median, most] = [run.estimate.seconds, run.estimate.seconds_p90].map(|all| left(all, elapsed, progress));
    done.events.push(Event::new(
        "execution.progress",
        json!({
            "progress": progress as f64 / 1_000.0,
            "stage": step.kind.stage(),
            "step": step.key,
            "elapsed_seconds": elapsed,
            "estimated_remaining_seconds": [median, most],
        }),
    ));
    done
}

/// How long it still takes: as long as was said, or longer where it is slower than that. Never nothing before the end.
fn left(all: i64, elapsed: i64, progress: i64) -> i64 {
    let progress = progress.clamp(1, 1_000);
    // What it takes at the speed so far; right at the beginning that says nothing.
    let at_this_speed = if progress < 100 { 0 } else { elapsed.saturating_mul(1_000) / progress };
    (all.max(at_this_speed).saturating_mul(1_000 - progress) / 1_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::left;

    #[test]
    fn what_is_slower_than_was_said_is_said_to_take_longer() {
        assert_eq!(left(30, 0, 0), 29);
        assert_eq!(left(30, 15, 500), 15, "as was said");
        assert_eq!(left(30, 600, 500), 600, "ten minutes for the first half");
        assert_eq!(left(30, 5, 20), 29, "one slow step at the beginning says nothing");
        assert_eq!((left(30, 29, 990), left(1, 0, 990)), (1, 1), "never nothing");
    }
}
