//! What operators report of a customer who pays elsewhere.

use super::{current, show, status::Event, write};
use crate::{Billing, Error, error::refused};
use proto::{
    Call,
    billing::{RecordSubscriptionEventRequest, RecordSubscriptionEventResponse},
    id::WorkspaceId,
};
use store::WorkspaceTx;

/// Errors: [`Error::NoSubscription`], [`Error::Illegal`], [`Error::Refused`].
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
    let before = current::lock(service, &mut tx, workspace).await?.ok_or(Error::NoSubscription)?;
    let mut after = before.clone();
    after.happens(event, service.clock.now())?;
    if after != before {
        write::write(service, call, &mut tx, Some(&before), &after).await?;
    }
    let subscription = show::show(service, &mut tx, Some(&after), None).await?;
    tx.commit().await?;
    Ok(RecordSubscriptionEventResponse { subscription: Some(subscription) })
}
