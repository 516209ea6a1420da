//! Takes back what has not come into force yet.

use super::{
    current, show,
    state::{Collection, Subscription},
    status::Status,
    write,
};
use crate::{Billing, Error, payment};
use proto::{Call, billing::ResumeSubscriptionResponse, id::WorkspaceId};
use store::WorkspaceTx;

/// A cancellation or a change that waits for the end of the period; of a trial, whoever does so agrees to pay for what
/// follows it. Errors: [`Error::NoSubscription`], [`Error::Conflict`]; [`Error::NoPayments`] where nobody could pay.
pub(crate) async fn resume(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
) -> Result<ResumeSubscriptionResponse, Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let before = current::lock(service, &mut tx).await?;
    let before = before.filter(|before| !before.is_over()).ok_or(Error::NoSubscription)?;
    if before.status == Status::Incomplete {
        return Err(Error::Conflict("it waits for its first payment: pay its invoice"));
    }
    let after = Subscription { cancel_at_period_end: false, scheduled: None, ..before.clone() };
    if after != before {
        let is_trial = before.trial_end == Some(before.end);
        let price = before.price.as_ref().filter(|price| is_trial && price.amount > 0);
        // What an operator has agreed on is paid as it was agreed on.
        if let Some(price) = price.filter(|_| before.collection == Collection::Invoice) {
            payment::required(service, &price.currency)?;
        }
        write::write(service, call, &mut tx, Some(&before), &after).await?;
    }
    let subscription = show::show(service, &mut tx, Some(&after), None).await?;
    tx.commit().await?;
    Ok(ResumeSubscriptionResponse { subscription: Some(subscription) })
}
