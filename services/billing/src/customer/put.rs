//! Replaces what is known of who pays.

use super::{Details, lock, validate::check};
use crate::{Billing, Error};
use proto::{
    Call,
    billing::BillingDetails,
    id::{EventId, WorkspaceId},
};
use serde_json::json;
use store::{WorkspaceTx, outbox, sql};

/// Errors: [`Error::Refused`].
pub(crate) async fn put(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
    details: BillingDetails,
) -> Result<BillingDetails, Error> {
    let details: Details = check(details)?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let values = [workspace.into(), json!(details).into(), service.clock.now().into()];
    tx.execute(sql!("customer/update"), &values).await?;
    // Not what they are: a trail is kept for long, and who pays may be a person.
    let (id, now) = (EventId::from_uuid(service.ids.uuid()), service.clock.now());
    let event = outbox::Event::of(call, id, now, "billing_details.updated", workspace);
    tx.emit(&outbox::Event { workspace: Some(workspace), ..event });
    tx.commit().await?;
    Ok(details.into())
}
