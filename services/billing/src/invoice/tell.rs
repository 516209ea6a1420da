//! Who else hears of an invoice?

use super::{row, settle::Receipt};
use crate::{Billing, Error};
use chrono::NaiveDate;
use proto::{
    Call,
    id::{EventId, InvoiceId},
};
use serde_json::{Value, json};
use store::{WorkspaceTx, outbox};

/// Tells on the feed, from where it comes into the audit trail, what has happened to one as it is now.
pub(super) async fn tell(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    kind: &'static str,
    id: InvoiceId,
) -> Result<(), Error> {
    let payload = shown(tx, id).await?;
    emit(service, call, tx, (kind, id), payload);
    Ok(())
}

/// That a mandate did not pay it: `next_attempt` is the day on which it is tried again; null: its payer has to pay.
pub(crate) async fn not_taken(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    again: Option<NaiveDate>,
) -> Result<(), Error> {
    let mut payload = shown(tx, id).await?;
    payload["next_attempt"] = json!(again);
    emit(service, call, tx, ("invoice.payment_failed", id), payload);
    Ok(())
}

/// That so much of it is not owed any more or given back, and to where.
pub(super) async fn credited(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    (amount, refund_to): (i64, &str),
) -> Result<(), Error> {
    let mut payload = shown(tx, id).await?;
    payload["amount"] = amount.into();
    payload["refund_to"] = refund_to.into();
    emit(service, call, tx, ("invoice.credited", id), payload);
    Ok(())
}

/// That a provider is asked to give so much of it back. That it has, its answer tells ([`credited`]).
pub(super) async fn refund_requested(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    amount: i64,
) -> Result<(), Error> {
    let mut payload = shown(tx, id).await?;
    payload["amount"] = amount.into();
    emit(service, call, tx, ("invoice.refund_requested", id), payload);
    Ok(())
}

/// That an operator wrote down what was paid outside of Perpetuo. Under which reference is in the books alone: it may name a person.
pub(super) async fn recorded(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    receipt: &Receipt,
) -> Result<(), Error> {
    let mut payload = shown(tx, id).await?;
    payload["amount"] = receipt.amount.into();
    emit(service, call, tx, ("invoice.payment_recorded", id), payload);
    Ok(())
}

async fn shown(tx: &mut WorkspaceTx, id: InvoiceId) -> Result<Value, Error> {
    let workspace = tx.workspace();
    let invoice = row::one(tx, workspace, id).await?;
    Ok(json!({
        "invoice_id": id.to_string(),
        "number": invoice.number,
        "total": invoice.total,
        "currency": invoice.currency,
    }))
}

fn emit(service: &Billing, call: &Call, tx: &mut WorkspaceTx, (kind, id): (&'static str, InvoiceId), payload: Value) {
    let (workspace, event) = (tx.workspace(), EventId::from_uuid(service.ids.uuid()));
    let event = outbox::Event::of(call, event, service.clock.now(), kind, id);
    tx.emit(&outbox::Event { workspace: Some(workspace), payload, ..event });
}
