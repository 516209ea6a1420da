//! Takes an invoice back.

use super::{
    item,
    rest::rest_becomes_credits,
    row, show,
    state::{Invoice, Status},
    tell::tell,
};
use crate::{
    Billing, Error, coupon, credit,
    customer::lock,
    ledger::{reverse, standing},
    payment,
    subscription::settled,
};
use proto::{
    Call,
    billing::{VoidInvoiceRequest, VoidInvoiceResponse},
    id::InvoiceId,
};
use store::{WorkspaceTx, sql};

/// For operators. Errors: [`Error::NoInvoice`], [`Error::Conflict`].
pub(crate) async fn cancel(
    service: &Billing,
    call: &Call,
    request: VoidInvoiceRequest,
) -> Result<VoidInvoiceResponse, Error> {
    let (workspace, id) = super::get::find(service, &request.invoice_id).await?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    match invoice.status {
        Status::Void => {}
        Status::Paid => return Err(Error::Conflict("the invoice is paid: credit it instead")),
        Status::Draft | Status::Open if standing::of(&mut tx, workspace, id).await?.paid > 0 => {
            return Err(Error::Conflict("a part of the invoice is paid: credit it instead"));
        }
        Status::Draft | Status::Open => {
            void(service, call, &mut tx, &invoice).await?;
            settled::settled(service, call, &mut tx, &invoice).await?;
        }
    }
    let invoice = Some(show::show(service, &mut tx, id).await?);
    tx.commit().await?;
    Ok(VoidInvoiceResponse { invoice })
}

/// What credits have paid of it is there again, and so is, as credits, what money was paid for it. The subscription that it
/// was for is the caller's to look after, and so is the lock of the customer.
pub(crate) async fn void(service: &Billing, call: &Call, tx: &mut WorkspaceTx, invoice: &Invoice) -> Result<(), Error> {
    let (workspace, id, now) = (tx.workspace(), invoice.id, service.clock.now());
    if tx.execute(sql!("invoice/void"), &[workspace.into(), id.into(), now.into()]).await? == 0 {
        return Ok(());
    }
    // Before they are there again: what is told of them is what can be used.
    credit::reopen(tx, id).await?;
    for kind in ["invoice", "credits_applied", "credit_note"] {
        reverse(service, tx, id, kind, now).await?;
    }
    rest_becomes_credits(service, tx, id, &invoice.currency, "it was paid for an invoice that is void").await?;
    coupon::release(service, tx, id).await?;
    item::leave(tx, invoice).await?;
    payment::close(service, tx, id).await?;
    match invoice.number {
        // Nobody has heard of a draft.
        None => Ok(()),
        Some(_) => tell(service, call, tx, "invoice.voided", id).await,
    }
}

/// The same for whoever knows its id only.
pub(crate) async fn void_by_id(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
) -> Result<(), Error> {
    let workspace = tx.workspace();
    let invoice = row::one(tx, workspace, id).await?;
    void(service, call, tx, &invoice).await
}
