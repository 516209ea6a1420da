//! Writes down what came of an attempt, and decides whether there is another.

use super::{
    attempt::{Due, Outcome},
    schedule,
    work::{Step, Turn},
};
use crate::{
    Workspace,
    audit::{append, record::Record},
    error::Error,
};
use chrono::{DateTime, Utc};
use proto::{Call, Role, id::RequestId};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// What is kept of the attempts of one delivery: nine, and those that somebody has asked for.
const ATTEMPTS_KEPT: i64 = 20;

store::row! {
    /// The webhook as it is now, locked.
    struct Held {
        claimed_until: DateTime<Utc>,
        updated_at: DateTime<Utc>,
    }
}

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
pub(super) async fn settle(service: &Workspace, turn: &mut Turn, due: &Due, outcome: &Outcome) -> Result<Step, Error> {
    count(outcome);
    let (workspace, webhook, why) = (turn.workspace_id, turn.webhook_id, why(turn, outcome, service));
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    // In the order in which everybody locks: the chain, the webhook, its deliveries.
    if why.is_some() {
        append::hold(service, &mut tx).await?;
    }
    let Some(held): Option<Held> = tx.fetch_optional(sql!("webhook/hold"), &[workspace.into(), webhook.into()]).await?
    else {
        return Ok(Step::Over);
    };
    // Whoever has mended it does not want to hear of what it was before.
    let is_stale = held.updated_at != turn.updated_at;
    let is_ours = held.claimed_until == turn.claimed_until;
    if is_stale {
        turn.begin_anew(held.updated_at);
    }
    let wish = outcome.wish.filter(|_| !is_stale);
    let now = service.clock.now();
    let again = match outcome {
        outcome if outcome.is_success() || (outcome.is_gone() && !is_stale) => None,
        _ => schedule::next(due.attempts + 1, now, wish),
    };
    note(service, &mut tx, turn, due, outcome, again).await?;
    if let Some(why) = why.filter(|_| is_ours && !is_stale) {
        disable(service, &mut tx, turn, why).await?;
    }
    tx.commit().await?;
    Ok(match outcome {
        _ if !is_ours => Step::Over,
        outcome if outcome.is_success() => Step::Arrived,
        _ => Step::Failed(schedule::peace(turn.failures, wish)),
    })
}

/// `again`: when it is tried again.
async fn note(
    service: &Workspace,
    tx: &mut WorkspaceTx,
    turn: &Turn,
    due: &Due,
    outcome: &Outcome,
    again: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    let (workspace, webhook, delivery) = (turn.workspace_id, turn.webhook_id, due.delivery_id);
    let status = match again {
        _ if outcome.is_success() => "delivered",
        Some(_) => "pending",
        None => "failed",
    };
    let values = [workspace.into(), webhook.into(), delivery.into(), status.into(), again.into(), due.attempts.into()];
    tx.execute(sql!("delivery/settle"), &values).await?;
    let values = [
        service.ids.uuid().into(),
        workspace.into(),
        webhook.into(),
        delivery.into(),
        outcome.at.into(),
        outcome.status.map(|status| i64::from(status.as_u16())).into(),
        outcome.error.as_str().into(),
        i64::try_from(outcome.duration.as_millis()).unwrap_or(i64::MAX).into(),
        outcome.answer.as_str().into(),
    ];
    tx.execute(sql!("delivery/note"), &values).await?;
    if due.attempts >= ATTEMPTS_KEPT {
        let values = [workspace.into(), webhook.into(), delivery.into(), ATTEMPTS_KEPT.into()];
        tx.execute(sql!("delivery/forget_attempts"), &values).await?;
    }
    Ok(())
}

fn why(turn: &Turn, outcome: &Outcome, service: &Workspace) -> Option<Why> {
    if outcome.is_gone() {
        return Some(Why::Gone);
    }
    let since = turn.failing_since?;
    schedule::is_given_up(turn.failures, since, service.clock.now()).then_some(Why::Failing)
}

/// What waits, waits on: its owners may enable it again. The transaction holds the chain and the webhook.
async fn disable(service: &Workspace, tx: &mut WorkspaceTx, turn: &Turn, why: Why) -> Result<(), Error> {
    let (now, reason) = (service.clock.now(), why.as_str());
    let values = [turn.workspace_id.into(), turn.webhook_id.into(), reason.into(), now.into(), turn.updated_at.into()];
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
