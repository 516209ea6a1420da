//! A subscription as clients see it.

use super::state::Subscription;
use crate::{
    Billing, Error,
    peers::Workspace,
    plan::{self, current},
};
use proto::{billing, entitlement::Table, id::WorkspaceId, time::to_proto};
use store::{Tx, WorkspaceTx};

/// With what is allowed now. `found` is asked where there is no subscription that says what is in force.
pub(super) async fn show(
    service: &Billing,
    tx: &mut WorkspaceTx,
    subscription: Option<&Subscription>,
    found: Option<&Workspace>,
) -> Result<billing::Subscription, Error> {
    let workspace = tx.workspace();
    let default = service.config.default_plan.as_str();
    let Some(subscription) = subscription else {
        let plan = found.map_or(default, |found| found.plan.as_str());
        let entitlements = allowed(tx, plan, 1).await?;
        return Ok(nothing(workspace, plan, entitlements));
    };
    let effective = subscription.effective(default);
    let entitlements = allowed(tx, effective, subscription.effective_quantity()).await?;
    Ok(billing::Subscription {
        id: subscription.id.to_string(),
        workspace_id: workspace.to_string(),
        plan: subscription.plan.clone(),
        plan_version: subscription.version,
        status: subscription.status.as_str().to_owned(),
        price: subscription.shown_price(),
        current_period_start: Some(to_proto(subscription.start)),
        current_period_end: Some(to_proto(subscription.end)),
        trial_end: subscription.trial_end.map(to_proto),
        cancel_at_period_end: subscription.cancel_at_period_end,
        scheduled_plan: subscription.scheduled.as_ref().map(|next| next.plan.clone()).unwrap_or_default(),
        created_at: Some(to_proto(subscription.created_at)),
        ended_at: subscription.ended_at.map(to_proto),
        effective_plan: effective.to_owned(),
        entitlements,
        collection_method: subscription.collection.as_str().to_owned(),
        pending_update: subscription.pending.as_ref().map(|pending| billing::PendingUpdate {
            plan: pending.next.plan.clone(),
            interval: pending.next.interval.as_str().to_owned(),
            invoice_id: pending.invoice.to_string(),
            expires_at: Some(to_proto(pending.expires_at)),
            quantity: pending.next.quantity,
            promotion_code: pending.code.clone(),
        }),
        payment_due_at: subscription.payment_due.map(to_proto),
        quantity: subscription.quantity,
        scheduled_quantity: subscription.scheduled.as_ref().map_or(0, |next| next.quantity),
        discount: discount(subscription),
    })
}

/// Who never had one is on a plan for nothing, without an end.
fn nothing(workspace: WorkspaceId, plan: &str, entitlements: Table) -> billing::Subscription {
    billing::Subscription {
        workspace_id: workspace.to_string(),
        status: "active".to_owned(),
        effective_plan: plan.to_owned(),
        entitlements,
        quantity: 1,
        ..billing::Subscription::default()
    }
}

/// What the newest version of a plan allows to who has so many of it.
async fn allowed(tx: &mut Tx, plan: &str, quantity: i64) -> Result<Table, Error> {
    Ok(current::newest(tx, plan).await?.map(|kept| plan::scaled(kept.plan, quantity)).unwrap_or_default())
}

/// What is taken off its price, and of this period.
fn discount(subscription: &Subscription) -> Option<billing::Discount> {
    let discount = subscription.discount.as_ref()?;
    let shown = discount.shown(subscription.anchor.zone);
    let period_amount = subscription.taken.map_or(0, |taken| taken.amount);
    Some(billing::Discount { period_amount, ..shown })
}
