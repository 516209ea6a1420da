//! Moves a workspace to another plan, as its own people may.

use super::{
    begin::begin,
    current,
    judge::Kind,
    preview::{self, Asked, Judged},
    show,
    state::{Collection, Scheduled, Subscription},
    status::Status,
    upgrade, write,
};
use crate::{Billing, Error, coupon, payment, peers};
use proto::{
    Call,
    billing::{ChangePlanRequest, ChangePlanResponse},
    id::{SubscriptionId, WorkspaceId},
};
use store::WorkspaceTx;

/// Errors: [`Error::InForce`], [`Error::Refused`], [`Error::NoPayments`], [`Error::Raced`].
pub(crate) async fn change(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
    request: ChangePlanRequest,
) -> Result<ChangePlanResponse, Error> {
    let found = peers::workspace(service, workspace).await?;
    if found.is_deleted {
        return Err(Error::NoWorkspace);
    }
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let before = current::lock(service, &mut tx).await?;
    if !waits_already(before.as_ref(), &request) {
        if let Some(pending) = before.as_ref().and_then(|before| before.pending.as_ref()) {
            // It is replaced, whatever comes instead: its promotion code can be entered again.
            coupon::release(service, &mut tx, pending.invoice).await?;
        }
        let ChangePlanRequest { plan, interval, quantity, promotion_code, .. } = &request;
        let asked = Asked { plan, interval, quantity: *quantity, promotion_code };
        let judged = preview::judged(service, &mut tx, before.as_ref(), &found, &asked).await?;
        if judged.change.kind == Kind::Upgrade {
            let currency = judged.change.price.currency.clone();
            Box::pin(upgrade::wait(service, call, &mut tx, before.as_ref(), judged, &found)).await?;
            // What discounts and credits have paid needs nobody to pay through; without a way to pay nothing has changed.
            if current::kept(&mut tx).await?.is_some_and(|now| now.pending.is_some()) {
                payment::possible(service, &currency, request.payment.as_ref())?;
            }
        } else {
            if let Some(entered) = &judged.entered {
                coupon::redeem(service, call, &mut tx, entered, None).await?;
            }
            let after = apply(service, before.as_ref(), judged)?;
            write::write(service, call, &mut tx, before.as_ref(), &after).await?;
        }
    }
    let after = current::lock(service, &mut tx).await?;
    let subscription = show::show(service, &mut tx, after.as_ref(), Some(&found)).await?;
    tx.commit().await?;
    Ok(ChangePlanResponse { subscription: Some(subscription) })
}

/// Whether the invoice for it is there already.
fn waits_already(before: Option<&Subscription>, request: &ChangePlanRequest) -> bool {
    before.and_then(|before| before.pending.as_ref()).is_some_and(|pending| {
        let interval = pending.next.interval.as_str();
        pending.next.plan == request.plan
            && (request.interval.is_empty() || request.interval == interval)
            && (request.quantity == 0 || request.quantity == pending.next.quantity)
            && (request.promotion_code.is_empty() || request.promotion_code.trim().eq_ignore_ascii_case(&pending.code))
    })
}

fn apply(service: &Billing, before: Option<&Subscription>, judged: Judged) -> Result<Subscription, Error> {
    let Judged { plan, anchor, change, .. } = judged;
    let live = before.filter(|before| !before.is_over() && before.status != Status::Incomplete);
    let begun = |trial_days| {
        let id = SubscriptionId::from_uuid(service.ids.uuid());
        let begun = begin(live.map_or(id, |live| live.id), &plan, Some(change.price.clone()), anchor, trial_days);
        Subscription { quantity: change.quantity, discount: change.discount.clone(), ..begun }
    };
    match (change.kind, live) {
        (Kind::Free, _) if plan.usage.is_some() => {
            // What is used will have to be paid.
            payment::required(service, &change.price.currency)?;
            Ok(Subscription { collection: Collection::Invoice, ..begun(0) })
        }
        (Kind::Free, _) => Ok(begun(0)),
        // Nobody has agreed to pay for what comes after it.
        (Kind::Trial, _) => {
            let begun = begun(plan.trial_days);
            Ok(Subscription { cancel_at_period_end: true, collection: Collection::Invoice, ..begun })
        }
        (Kind::Tried, Some(live)) => {
            let (quantity, discount) = (change.quantity, change.discount);
            Ok(Subscription { quantity, discount, scheduled: None, pending: None, ..live.clone() })
        }
        (Kind::Downgrade, Some(live)) => {
            let next = Scheduled {
                plan: plan.name,
                version: change.version,
                interval: anchor.interval,
                amount: change.price.amount,
                quantity: change.quantity,
            };
            let (scheduled, pending, discount) = (Some(next), None, change.discount);
            Ok(Subscription { scheduled, pending, discount, cancel_at_period_end: false, ..live.clone() })
        }
        (Kind::Cancel, Some(live)) => {
            Ok(Subscription { scheduled: None, pending: None, cancel_at_period_end: true, ..live.clone() })
        }
        (Kind::Tried | Kind::Downgrade | Kind::Cancel | Kind::Upgrade, _) => Err(Error::NoSubscription),
    }
}
