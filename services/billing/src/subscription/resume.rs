//! Takes back what has not come into force yet.

use super::{current, show, state::Subscription, write};
use crate::{Billing, Error};
use proto::{Call, billing::ResumeSubscriptionResponse, id::WorkspaceId};
use store::WorkspaceTx;

/// A cancellation or a change that waits for the end of the period. Errors: [`Error::NoSubscription`];
/// [`Error::NoPayments`] for a trial, whose end is what was agreed on.
pub(crate) async fn resume(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
) -> Result<ResumeSubscriptionResponse, Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let before = current::lock(service, &mut tx, workspace).await?;
    let before = before.filter(|before| !before.is_over()).ok_or(Error::NoSubscription)?;
    let after = Subscription { cancel_at_period_end: false, scheduled: None, ..before.clone() };
    if after != before {
        let is_trial = before.trial_end == Some(before.end);
        if is_trial && before.price.as_ref().is_some_and(|price| price.amount > 0) {
            return Err(Error::NoPayments);
        }
        write::write(service, call, &mut tx, Some(&before), &after).await?;
    }
    let subscription = show::show(service, &mut tx, Some(&after), None).await?;
    tx.commit().await?;
    Ok(ResumeSubscriptionResponse { subscription: Some(subscription) })
}
