//! Puts a workspace on a plan, as operators may.

use super::{
    begin::begin,
    current, judge, preview, show,
    state::{Collection, Money, Subscription},
    status::Status,
    write,
};
use crate::{
    Billing, Error,
    error::refused,
    invoice::{draft, state::Reason},
    money::{Anchor, MAX_AMOUNT},
    peers,
    plan::{self, cost},
};
use proto::{
    Call,
    billing::{SetSubscriptionRequest, SetSubscriptionResponse},
    id::{SubscriptionId, WorkspaceId},
};
use store::WorkspaceTx;

/// A new period of the plan, from now on. Errors: [`Error::NoWorkspace`], [`Error::Refused`], [`Error::Conflict`], [`Error::Raced`].
pub(crate) async fn set(
    service: &Billing,
    call: &Call,
    request: SetSubscriptionRequest,
) -> Result<SetSubscriptionResponse, Error> {
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NoWorkspace)?;
    let trial_days = request
        .trial_days
        .filter(|days| !(0..=730).contains(days))
        .map_or(Ok(request.trial_days), |_| Err(refused("trial_days", "must be 0 to 730")))?;
    let collection = match request.collection_method.as_str() {
        "" => Collection::External,
        text => {
            Collection::parse(text).ok_or_else(|| refused("collection_method", "must be external or send_invoice"))?
        }
    };
    if collection == Collection::Invoice && service.config.issuer.name.is_empty() {
        return Err(Error::Conflict("nobody issues invoices here: set billing.issuer"));
    }
    let found = peers::workspace(service, workspace).await?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let before = current::lock(service, &mut tx).await?;
    let plan = preview::named(&mut tx, &request.plan).await?;
    let interval = judge::interval(&request.interval, None)?;
    let currency = if request.currency.is_empty() { &found.currency } else { &request.currency };
    let price = cost::price(&plan, currency, interval);
    if price.is_none() && !plan.prices.is_empty() && !request.currency.is_empty() {
        return Err(refused("currency", "is none in which the plan has a price for this interval"));
    }
    let quantity = if request.quantity == 0 { 1 } else { request.quantity };
    // What an operator agrees on may be more than what is sold to everybody.
    if !(1..=plan::MAX_QUANTITY).contains(&quantity) || (quantity > 1 && plan.max_quantity < 2) {
        return Err(refused("quantity", "must be 1 to 100000, and 1 for a plan without a max_quantity"));
    }
    let price = price.map(|price| Money { currency: price.currency.clone(), amount: price.unit_amount });
    if price.as_ref().is_some_and(|price| price.amount.saturating_mul(quantity) > MAX_AMOUNT) {
        return Err(refused("quantity", "is more than an invoice can hold"));
    }
    if collection == Collection::Invoice && price.is_none() && plan.usage.is_none() {
        return Err(refused("plan", "has no price in this currency: there would be nothing to invoice"));
    }
    // Another agreement is another subscription: invoices of the one before say nothing of it.
    let id = SubscriptionId::from_uuid(service.ids.uuid());
    let anchor = Anchor { at: service.clock.now(), zone: found.zone, interval };
    let begun = begin(id, &plan, price, anchor, trial_days.unwrap_or(plan.trial_days));
    let mut after = Subscription { collection, quantity, ..begun };
    if after.status == Status::Active
        && let Some(renewal) = after.renewal(&service.terms())
    {
        draft::renew(service, &mut tx, renewal, Reason::Create).await?;
    }
    write::write(service, call, &mut tx, before.as_ref(), &after).await?;
    let subscription = show::show(service, &mut tx, Some(&after), None).await?;
    tx.commit().await?;
    Ok(SetSubscriptionResponse { subscription: Some(subscription) })
}
