//! Writes down what was paid outside of Perpetuo, as operators may.

use super::{
    row,
    settle::{Receipt, settle},
    show,
    state::Status,
    tell,
};
use crate::{Billing, Error, customer::lock, error::refused, ledger::standing, money};
use proto::{
    Call,
    billing::{RecordPaymentRequest, RecordPaymentResponse},
    id::InvoiceId,
    time::from_proto,
};
use store::{WorkspaceTx, sql};

const MAX_REFERENCE: usize = 100;

/// Errors: [`Error::NoInvoice`], [`Error::Refused`], [`Error::Conflict`].
pub(crate) async fn record(
    service: &Billing,
    call: &Call,
    request: RecordPaymentRequest,
) -> Result<RecordPaymentResponse, Error> {
    let (workspace, id) = super::get::find(service, &request.invoice_id).await?;
    let reference = request.reference.trim();
    if !(1..=MAX_REFERENCE).contains(&reference.chars().count()) || reference.chars().any(char::is_control) {
        return Err(refused("reference", "must be 1 to 100 characters"));
    }
    let now = service.clock.now();
    let at = request.paid_at.map_or(Some(now), from_proto).filter(|at| *at <= now);
    let at = at.ok_or_else(|| refused("paid_at", "must be a time that is not in the future"))?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    if invoice.status == Status::Draft {
        return Err(Error::Conflict("the invoice is a draft: it is not owed yet"));
    }
    let left = standing::of(&mut tx, workspace, id).await?.remaining;
    let mut receipt = Receipt {
        provider: "manual".to_owned(),
        reference: reference.to_owned(),
        amount: request.amount,
        surcharge: 0,
        currency: invoice.currency,
        at,
    };
    match known(&mut tx, &receipt).await? {
        Some((amount, of)) if of == Some(id) && (request.amount == 0 || request.amount == amount) => {}
        Some(_) => return Err(Error::Conflict("something else was written down under this reference")),
        None => {
            if receipt.amount == 0 && left == 0 {
                return Err(Error::Conflict("nothing is left to pay of this invoice: say how much was paid"));
            }
            receipt.amount = if request.amount == 0 { left } else { request.amount };
            money::check(&receipt.currency, receipt.amount)?;
            tell::recorded(service, call, &mut tx, id, &receipt).await?;
            settle(service, call, &mut tx, id, &receipt).await?;
        }
    }
    let invoice = Some(show::show(service, &mut tx, id).await?);
    tx.commit().await?;
    Ok(RecordPaymentResponse { invoice })
}

/// How much was written down under a reference, and for which invoice.
async fn known(tx: &mut WorkspaceTx, receipt: &Receipt) -> Result<Option<(i64, Option<InvoiceId>)>, Error> {
    let values = [tx.workspace().into(), receipt.source().into()];
    Ok(tx.fetch_optional(sql!("ledger/received"), &values).await?)
}
