//! An invoice of a subscription is not owed any more: because it was paid, or because it was taken back.

use super::{
    current,
    state::Subscription,
    status::{Event, Status},
    write,
};
use crate::{
    Billing, Error, coupon,
    invoice::state::{Invoice, Status as Owed},
};
use chrono::{DateTime, Utc};
use proto::{Call, id::InvoiceId};
use store::{WorkspaceTx, sql};

/// What was paid for comes into force, and what was late is late no more. Whoever calls it holds the lock of the customer.
pub(crate) async fn settled(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    invoice: &Invoice,
) -> Result<(), Error> {
    let Some(before) = current::lock(service, tx).await?.filter(|before| Some(before.id) == invoice.subscription)
    else {
        return Ok(());
    };
    let mut after = before.clone();
    let now = service.clock.now();
    let waiting = before.pending.as_ref().filter(|pending| pending.invoice == invoice.id);
    match (waiting, status(tx, invoice.id).await?) {
        (Some(pending), Owed::Paid) => {
            coupon::settle(service, tx, invoice.id).await?;
            if let Err(error) = after.take(pending.clone(), now) {
                // Money that has come stays written down, whatever became of what it was for.
                tracing::error!(error = %error, invoice = %invoice.id, "what was paid for cannot come into force");
                after = Subscription { pending: None, ..before.clone() };
            }
            await_others(tx, &mut after, now).await?;
        }
        (Some(_), Owed::Void) => {
            after.pending = None;
            if before.status == Status::Incomplete {
                after.happens(Event::Cancelled, now)?;
            }
        }
        (Some(_), Owed::Draft | Owed::Open) => {}
        (None, _) if invoice.change.is_some() => {}
        (None, _) => await_others(tx, &mut after, now).await?,
    }
    if after != before {
        write::write(service, call, tx, Some(&before), &after).await?;
    }
    Ok(())
}

/// An invoice for a period was closed and is not paid: its payment is awaited, also where only usage is charged.
pub(crate) async fn awaits(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    invoice: &Invoice,
) -> Result<(), Error> {
    let Some(before) = current::lock(service, tx).await?.filter(|before| Some(before.id) == invoice.subscription)
    else {
        return Ok(());
    };
    let mut after = before.clone();
    if !after.is_over() && after.past_due_at.is_none() {
        await_others(tx, &mut after, service.clock.now()).await?;
    }
    if after != before {
        write::write(service, call, tx, Some(&before), &after).await?;
    }
    Ok(())
}

/// What it is now: the caller may have read it before it changed.
async fn status(tx: &mut WorkspaceTx, id: InvoiceId) -> Result<Owed, Error> {
    let values = [tx.workspace().into(), id.into()];
    let (status, _): (String, Option<DateTime<Utc>>) = tx.fetch_one(sql!("invoice/status"), &values).await?;
    Owed::parse(&status).ok_or(Error::Kept("the status of an invoice"))
}

/// Others for the same subscription may be late as well, or not yet.
async fn await_others(tx: &mut WorkspaceTx, after: &mut Subscription, now: DateTime<Utc>) -> Result<(), Error> {
    let values = [tx.workspace().into(), after.id.uuid().into()];
    let (due,): (Option<DateTime<Utc>>,) = tx.fetch_one(sql!("invoice/awaited"), &values).await?;
    let is_late = due.is_some_and(|due| due <= now);
    if after.is_over() {
        return Ok(());
    }
    after.payment_due = due.filter(|_| !is_late || after.status == Status::Active);
    if !is_late && matches!(after.status, Status::PastDue | Status::Unpaid) {
        after.happens(Event::Paid, now)?;
    }
    Ok(())
}
