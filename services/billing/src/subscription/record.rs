//! What operators report of a customer who pays elsewhere.

use super::{current, show, state::Collection, status::Event, write};
use crate::{
    Billing, Error,
    error::refused,
    invoice::{draft, state::Reason},
};
use proto::{
    Call,
    billing::{RecordSubscriptionEventRequest, RecordSubscriptionEventResponse},
    id::WorkspaceId,
};
use store::WorkspaceTx;

/// Errors: [`Error::NoSubscription`], [`Error::Illegal`], [`Error::Conflict`], [`Error::Refused`].
pub(crate) async fn record(
    service: &Billing,
    call: &Call,
    request: RecordSubscriptionEventRequest,
) -> Result<RecordSubscriptionEventResponse, Error> {
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NoWorkspace)?;
    let event = Event::REPORTED.into_iter().find(|event| event.as_str() == request.event).ok_or_else(|| {
        let known = Event::REPORTED.map(Event::as_str).join(", ");
        refused("event", format!("must be one of {known}"))
    })?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let before = current::lock(service, &mut tx).await?.ok_or(Error::NoSubscription)?;
    let mut after = before.clone();
    let is_of_money = !matches!(event, Event::Paused | Event::Unpaused);
    if before.collection == Collection::Invoice && is_of_money {
        return Err(Error::Conflict("its invoices say what was paid: write down a payment of one of those"));
    }
    after.happens(event, service.clock.now())?;
    if event == Event::Unpaused
        && let Some(renewal) = after.renewal(&service.terms())
    {
        draft::renew(service, &mut tx, renewal, Reason::Cycle).await?;
    }
    if after != before {
        write::write(service, call, &mut tx, Some(&before), &after).await?;
    }
    let subscription = show::show(service, &mut tx, Some(&after), None).await?;
    tx.commit().await?;
    Ok(RecordSubscriptionEventResponse { subscription: Some(subscription) })
}
