//! Nothing is left to pay of an invoice: what it was for comes into force.

use super::{
    document::{Document, Kind},
    letter::{self, queue},
    row,
    state::{Invoice, Status},
    tell::tell,
};
use crate::{
    Billing, Error, credit,
    ledger::{Account, Posting, post},
    payment,
    subscription::settled,
};
use chrono::Days;
use proto::{Call, id::InvoiceId};
use store::{WorkspaceTx, sql};

/// Whoever calls it holds the lock of the customer. One that is not open stays as it is.
pub(super) async fn paid(service: &Billing, call: &Call, tx: &mut WorkspaceTx, id: InvoiceId) -> Result<(), Error> {
    let (workspace, now) = (tx.workspace(), service.clock.now());
    let invoice = row::one(tx, workspace, id).await?;
    if invoice.status != Status::Open {
        return Ok(());
    }
    tx.execute(sql!("invoice/paid"), &[workspace.into(), id.into(), now.into()]).await?;
    let document = invoice.document()?;
    bought(service, tx, &invoice, &document).await?;
    payment::close(service, tx, id).await?;
    tell(service, call, tx, "invoice.paid", id).await?;
    queue(service, tx, id, letter::Kind::Receipt).await?;
    match invoice.subscription {
        Some(_) => settled::settled(service, call, tx, &invoice).await,
        None => Ok(()),
    }
}

/// Credits that were sold are there now.
async fn bought(service: &Billing, tx: &mut WorkspaceTx, invoice: &Invoice, document: &Document) -> Result<(), Error> {
    let amount: i64 = document.lines.iter().filter(|line| line.kind == Kind::Credits).map(|line| line.amount).sum();
    if amount == 0 {
        return Ok(());
    }
    let now = service.clock.now();
    let days = service.config.credits.expire_after_days;
    let new = credit::New {
        category: credit::Category::Paid,
        currency: &document.currency,
        amount,
        note: document.number.clone(),
        invoice: Some(invoice.id),
        expires_at: days.and_then(|days| now.checked_add_days(Days::new(days.into()))),
    };
    // It is no part of the invoice's balance: what was owed is paid.
    let posting =
        Posting::new("credits_bought", format!("bought:{}", invoice.id), now).about(invoice.id).noted(&document.number);
    let (posting, _) = credit::grant(service, tx, posting, &Account::DeferredCredits, new).await?;
    post(service, tx, posting).await.map(drop)
}
