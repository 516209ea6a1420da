//! The same request for another model, whose answer is counted and thrown away.

use crate::{
    aside::{self, Source},
    run::Run,
    wire::splice::{Changes, splice},
};
use proto::gateway::{CompleteRequest, Operation};
use std::sync::Arc;

/// Sends a copy of the request, if the workspace wants that and this is one of those requests. Nobody waits for it; when too
/// many are under way, there is none.
pub(crate) fn cast(run: &Arc<Run>, operation: Operation) {
    // Of what clients ask only: an execution asks a hundred times, and its budget is for its own answers.
    let Some(shadow) = run.policy.shadow.as_ref().filter(|_| run.ticket.source == Source::Client) else { return };
    // A form has sound, which is large; the other bits of the id draw the plan and the pauses.
    if operation == Operation::Transcriptions || !is_drawn(run.ticket.request.uuid().as_u64_pair().1, shadow.percent) {
        return;
    }
    let gateway = run.gateway();
    let Ok(permit) = gateway.shadows.clone().try_acquire_owned() else {
        gateway.metrics.shadow("skipped");
        return;
    };
    let body = splice(&run.asked.body, &run.asked.peek, Changes { model: Some(&shadow.model), include_usage: false });
    let request = CompleteRequest {
        operation: operation.into(),
        body,
        headers: run.asked.headers.clone(),
        no_store: true,
        ..CompleteRequest::default()
    };
    let (run, total) = (run.clone(), run.policy.timers.total);
    gateway.tasks.tracker().spawn(async move {
        let _permit = permit;
        let answer = aside::ask(&run.ticket, Source::Shadow, request, total).await;
        if let Err(status) = &answer {
            tracing::debug!(source = status.message(), "a shadow failed");
        }
        run.gateway().metrics.shadow(if answer.is_ok() { "completed" } else { "failed" });
    });
}

/// So many of 100, told by bits that are random.
fn is_drawn(bits: u64, percent: f64) -> bool {
    let drawn = f64::from(u16::try_from((bits >> 16) & 0xffff).unwrap_or(0)) / f64::from(u16::MAX) * 100.0;
    percent >= 100.0 || drawn < percent
}

#[cfg(test)]
mod tests {
    use super::is_drawn;

    #[test]
    fn so_many_of_a_hundred_are_drawn() {
        let drawn =
            |percent| (0..10_000_u64).filter(|n| is_drawn(n.wrapping_mul(0x9e37_79b9_7f4a_7c15), percent)).count();
        assert_eq!((drawn(100.0), drawn(0.0)), (10_000, 0));
        assert!((150..350).contains(&drawn(2.5)), "{}", drawn(2.5));
    }
}
