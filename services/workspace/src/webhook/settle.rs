//! Writes down what came of an attempt, and decides whether there is another.

use super::{
    attempt::{Due, Outcome},
    schedule,
    work::Turn,
};
use crate::{
    Workspace,
    audit::{append, record::Record},
    error::Error,
};
use proto::{Call, Role, id::RequestId};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Why a webhook is disabled that nobody has disabled.
#[derive(Clone, Copy)]
enum Why {
    /// It has said that it wants nothing any more.
    Gone,
    /// Nothing has arrived for days.
    Failing,
}

impl Why {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

/// `turn` has counted the outcome already. Errors: of the database; then it is sent again.
pub(super) async fn settle(service: &Workspace, turn: &Turn, due: &Due, outcome: &Outcome) -> Result<(), Error> {
    count(outcome);
    let now = service.clock.now();
    let again = if outcome.is_success() || outcome.is_gone() {
        None
    } else {
        schedule::next(due.attempts + 1, now, outcome.wish)
    };
    let status = match again {
        _ if outcome.is_success() => "delivered",
        Some(_) => "pending",
        None => "failed",
    };
    let (workspace, webhook) = (turn.workspace_id, turn.webhook_id);
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let values =
        [workspace.into(), webhook.into(), due.delivery_id.into(), status.into(), again.into(), due.attempts.into()];
    tx.execute(sql!("delivery/settle"), &values).await?;
    let values = [
        service.ids.uuid().into(),
        workspace.into(),
        webhook.into(),
        due.delivery_id.into(),
        outcome.at.into(),
        outcome.status.map(|status| i64::from(status.as_u16())).into(),
        outcome.error.as_str().into(),
        i64::try_from(outcome.duration.as_millis()).unwrap_or(i64::MAX).into(),
        outcome.answer.as_str().into(),
    ];
    tx.execute(sql!("delivery/note"), &values).await?;
    if let Some(why) = why(turn, outcome, service) {
        disable(service, &mut tx, turn, why).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn why(turn: &Turn, outcome: &Outcome, service: &Workspace) -> Option<Why> {
    if outcome.is_gone() {
        return Some(Why::Gone);
    }
    let since = turn.failing_since?;
    schedule::is_given_up(turn.failures, since, service.clock.now()).then_some(Why::Failing)
}

/// What waits, waits on: its owners may enable it again.
async fn disable(service: &Workspace, tx: &mut WorkspaceTx, turn: &Turn, why: Why) -> Result<(), Error> {
    append::hold(service, tx).await?;
    let (now, reason) = (service.clock.now(), why.as_str());
    let values = [turn.workspace_id.into(), turn.webhook_id.into(), reason.into(), now.into()];
    if tx.execute(sql!("webhook/disable"), &values).await? == 0 {
        return Ok(());
    }
    let call = Call::service(Role::Workspace, RequestId::from_uuid(service.ids.uuid()));
    let payload = json!({ "reason": reason, "failing_since": turn.failing_since });
    let event = Record { kind: "webhook.disabled", subject: turn.webhook_id.to_string(), payload };
    event.emit(service, tx, &call, &call.actor()).await
}

fn count(outcome: &Outcome) {
    let attempts = host::metrics::counter_vec(
        "perpetuo_webhook_attempts_total",
        "Attempts to deliver events to webhooks: `delivered`, `refused` by an answer that is no 2xx, or `unreachable`.",
        &["outcome"],
    );
    let outcome = match outcome.status {
        _ if outcome.is_success() => "delivered",
        Some(_) => "refused",
        None => "unreachable",
    };
    attempts.with_label_values(&[outcome]).inc();
}
