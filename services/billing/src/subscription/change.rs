//! Moves a workspace to another plan, as its own people may.

use super::{
    begin::begin,
    current,
    judge::Kind,
    preview::{self, Judged},
    show,
    state::{Scheduled, Subscription},
    write,
};
use crate::{Billing, Error, peers};
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
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let before = current::lock(service, &mut tx, workspace).await?;
    let judged = preview::judged(service, &mut tx, before.as_ref(), &found, &request.plan, &request.interval).await?;
    let after = apply(service, before.as_ref(), judged)?;
    write::write(service, call, &mut tx, before.as_ref(), &after).await?;
    let subscription = show::show(service, &mut tx, Some(&after), None).await?;
    tx.commit().await?;
    Ok(ChangePlanResponse { subscription: Some(subscription) })
}

fn apply(service: &Billing, before: Option<&Subscription>, judged: Judged) -> Result<Subscription, Error> {
    let Judged { plan, anchor, change } = judged;
    let live = before.filter(|before| !before.is_over());
    let begun = |trial_days| {
        let id = SubscriptionId::from_uuid(service.ids.uuid());
        begin(live.map_or(id, |live| live.id), &plan, Some(change.price.clone()), anchor, trial_days)
    };
    match (change.kind, live) {
        (Kind::Upgrade, _) => Err(Error::NoPayments),
        (Kind::Free, _) => Ok(begun(0)),
        // Nobody has agreed to pay for what comes after it.
        (Kind::Trial, _) => Ok(Subscription { cancel_at_period_end: true, ..begun(plan.trial_days) }),
        (Kind::Downgrade, Some(live)) => {
            let next = Scheduled {
                plan: plan.name,
                version: plan.version,
                interval: anchor.interval,
                amount: change.price.amount,
            };
            Ok(Subscription { scheduled: Some(next), cancel_at_period_end: false, ..live.clone() })
        }
        (Kind::Cancel, Some(live)) => Ok(Subscription { scheduled: None, cancel_at_period_end: true, ..live.clone() }),
        (Kind::Downgrade | Kind::Cancel, None) => Err(Error::NoSubscription),
    }
}
