//! Ends a subscription.

use super::{
    current, show,
    state::Subscription,
    status::{Event, Status},
    write,
};
use crate::{
    Billing, Error,
    invoice::{draft, state::Reason},
};
use proto::{
    Call,
    billing::{CancelSubscriptionRequest, CancelSubscriptionResponse},
    id::WorkspaceId,
};
use store::WorkspaceTx;

/// With its period, or at once. Errors: [`Error::NoSubscription`].
pub(crate) async fn cancel(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
    request: CancelSubscriptionRequest,
) -> Result<CancelSubscriptionResponse, Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let before = current::lock(service, &mut tx).await?.ok_or(Error::NoSubscription)?;
    let mut after = before.clone();
    if before.is_over() {
        // Whoever asks again, because the answer was lost, has what they asked for.
    } else if request.at_once || matches!(before.status, Status::Paused | Status::Incomplete) {
        // The period of one that rests never ends, and what was not paid for has not begun.
        let closing = after.closing(service.clock.now(), &service.terms());
        after.happens(Event::Cancelled, service.clock.now())?;
        if let Some(closing) = closing {
            draft::renew(service, &mut tx, closing, Reason::Cycle).await?;
        }
    } else {
        after = Subscription { cancel_at_period_end: true, scheduled: None, pending: None, ..after };
    }
    if after != before {
        write::write(service, call, &mut tx, Some(&before), &after).await?;
    }
    let subscription = show::show(service, &mut tx, Some(&after), None).await?;
    tx.commit().await?;
    Ok(CancelSubscriptionResponse { subscription: Some(subscription) })
}
