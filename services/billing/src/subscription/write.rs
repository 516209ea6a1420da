//! A subscription that has changed, and the event that tells of it.

use super::{advance, row, state::Subscription};
use crate::{
    Billing, Error,
    credit::tell::{self, Tell},
    invoice::cancel,
};
use proto::{Call, id::EventId};
use serde_json::json;
use store::{WorkspaceTx, outbox, sql};

/// Writes it in the place of `before`, which was locked. What waited for a payment and does so no more is not owed any more.
/// Errors: [`Error::Raced`] where somebody else was the first.
pub(crate) async fn write(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    before: Option<&Subscription>,
    subscription: &Subscription,
) -> Result<(), Error> {
    let (workspace, now) = (tx.workspace(), service.clock.now());
    let due = advance::due(subscription, &service.terms());
    let values = row::values(workspace, subscription, due, now);
    let statement = match before {
        None => sql!("subscription/insert"),
        Some(_) => sql!("subscription/update"),
    };
    if tx.execute(statement, &values).await? == 0 {
        return Err(Error::Raced);
    }
    let waited = before.and_then(|before| before.pending.as_ref()).map(|pending| pending.invoice);
    let waits = subscription.pending.as_ref().map(|pending| pending.invoice);
    if let Some(invoice) = waited.filter(|invoice| waits != Some(*invoice)) {
        cancel::void_by_id(service, call, tx, invoice).await?;
    }
    let id = EventId::from_uuid(service.ids.uuid());
    let payload = json!({
        // What is in force; `subscribed` is what it belongs to.
        "plan": subscription.effective(&service.config.default_plan),
        "subscribed": subscription.plan,
        "plan_version": subscription.version,
        "status": subscription.status.as_str(),
        "cancel_at_period_end": subscription.cancel_at_period_end,
        "scheduled_plan": subscription.scheduled.as_ref().map(|next| next.plan.as_str()),
        // Of the plan in force.
        "quantity": subscription.effective_quantity(),
        "scheduled_quantity": subscription.scheduled.as_ref().map(|next| next.quantity),
        "coupon": subscription.discount.as_ref().map(|discount| discount.coupon.as_str()),
    });
    let event = outbox::Event::of(call, id, now, "subscription.changed", subscription.id);
    tx.emit(&outbox::Event { workspace: Some(workspace), payload, ..event });
    tell::tell(service, tx, Tell::IfAny).await
}
