//! Who else hears of an invoice?

use super::row;
use crate::{Billing, Error};
use proto::{
    Call,
    id::{EventId, InvoiceId},
};
use serde_json::json;
use store::{WorkspaceTx, outbox};

/// Tells on the feed, from where it comes into the audit trail, what has happened to one as it is now.
pub(super) async fn tell(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    kind: &'static str,
    id: InvoiceId,
) -> Result<(), Error> {
    let (workspace, event) = (tx.workspace(), EventId::from_uuid(service.ids.uuid()));
    let invoice = row::one(tx, workspace, id).await?;
    let payload = json!({
        "invoice_id": id.to_string(),
        "number": invoice.number,
        "total": invoice.total,
        "currency": invoice.currency,
    });
    let event = outbox::Event::of(call, event, service.clock.now(), kind, id);
    tx.emit(&outbox::Event { workspace: Some(workspace), payload, ..event });
    Ok(())
}
