//! Closes an invoice: it gets its number, its taxes, what credits pay of it, and its place in the ledger.

use super::{
    document::{Document, Kind, Tax},
    item,
    letter::{self, queue, remind},
    paid::paid,
    rest::rest_becomes_credits,
    row,
    state::{Invoice, Status},
    tell::tell,
    usage,
};
use crate::{
    Billing, Error,
    credit::{self, tell::Tell},
    customer::{details, lock},
    ledger::{Account, Posting, post, standing},
    peers::Workspace,
    subscription::settled,
};
use proto::{Call, id::InvoiceId};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::{WorkspaceTx, sql};

/// One that is closed already stays as it is. `found`: the workspace it is for; `used`: what its usage has cost.
pub(crate) async fn finalize(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    found: &Workspace,
    used: Option<&usage::Found>,
) -> Result<(), Error> {
    lock(service, tx).await?;
    let (workspace, now) = (tx.workspace(), service.clock.now());
    let mut invoice = row::one(tx, workspace, id).await?;
    if invoice.status != Status::Draft {
        return Ok(());
    }
    if let (Some(charged), Some(used)) = (&invoice.usage, used) {
        let (lines, kept) = usage::lines(charged, used, &invoice.currency);
        invoice.lines.extend(lines);
        tx.execute(sql!("invoice/charge"), &[workspace.into(), id.into(), json!(kept).into()]).await?;
    }
    item::join(tx, &mut invoice).await?;
    if invoice.lines.is_empty() {
        // Nothing is owed: there is no invoice, and no number is used up.
        tx.execute(sql!("invoice/void"), &[workspace.into(), id.into(), now.into()]).await?;
        return credit::tell::tell(service, tx, Tell::IfAny).await;
    }
    let mut document = written(service, tx, &invoice, found).await?;
    if document.total > 0 && !document.lines.iter().any(|line| line.kind == Kind::Credits) {
        document.credits = credit::spend(service, tx, id, &invoice.currency, document.total).await?;
    }
    document.amount_due = (document.total - document.credits).max(0);
    let text = serde_json::to_string(&document).map_err(|_| Error::Kept("an invoice"))?;
    let digest = hex::encode(Sha256::digest(&text));
    let values = [
        workspace.into(),
        id.into(),
        document.number.as_str().into(),
        text.into(),
        digest.into(),
        document.total.into(),
        now.into(),
        remind::next(&service.config.letters.days(), invoice.due_at, now).into(),
    ];
    tx.execute(sql!("invoice/close"), &values).await?;
    owed(service, tx, &invoice, &document).await?;
    if invoice.usage.is_some() {
        // What was used until then is charged now.
        credit::tell::tell(service, tx, Tell::IfAny).await?;
    }
    tell(service, call, tx, "invoice.finalized", id).await?;
    if standing::of(tx, workspace, id).await?.remaining == 0 {
        return paid(service, call, tx, id).await;
    }
    queue(service, tx, id, letter::Kind::Invoice).await?;
    if invoice.subscription.is_some() && invoice.change.is_none() {
        settled::awaits(service, call, tx, &invoice).await?;
    }
    Ok(())
}

async fn written(
    service: &Billing,
    tx: &mut WorkspaceTx,
    invoice: &Invoice,
    found: &Workspace,
) -> Result<Document, Error> {
    let config = &service.config;
    let subtotal: i64 = invoice.lines.iter().map(|line| line.amount).sum();
    let taxes: Vec<Tax> =
        config.taxes.iter().filter(|tax| tax.applies(&invoice.currency)).map(|tax| tax.on(subtotal)).collect();
    let on_top: i64 = taxes.iter().filter(|tax| !tax.is_inclusive).map(|tax| tax.amount).sum();
    let series = &config.issuer.number_prefix;
    let (number,): (i64,) = tx.fetch_one(sql!("invoice/numbered"), &[series.as_str().into()]).await?;
    let workspace = tx.workspace();
    Ok(Document {
        version: 1,
        id: invoice.id.to_string(),
        number: format!("{series}{number:06}"),
        issued_at: service.clock.now(),
        due_at: invoice.due_at,
        time_zone: found.zone.name().to_owned(),
        currency: invoice.currency.clone(),
        issuer: config.issuer.party(),
        customer: details::read(tx, workspace).await?.party(found),
        lines: invoice.lines.clone(),
        taxes,
        subtotal,
        total: subtotal + on_top,
        credits: 0,
        amount_due: 0,
        payment_instructions: config.payment_instructions.clone(),
        footer: config.issuer.footer.clone(),
    })
}

/// What it says, as transfers.
async fn owed(service: &Billing, tx: &mut WorkspaceTx, invoice: &Invoice, document: &Document) -> Result<(), Error> {
    let (id, currency, now) = (invoice.id, &document.currency, service.clock.now());
    let mut posting = Posting::new("invoice", format!("invoice:{id}"), now).of(id).noted(&document.number);
    for line in &document.lines {
        let earned = match line.kind {
            Kind::Credits => Account::DeferredCredits,
            Kind::Usage | Kind::LateUsage => Account::Revenue("usage"),
            Kind::Period | Kind::UnusedTime | Kind::RemainingTime => Account::Revenue("plans"),
            Kind::Discount => Account::Revenue("discounts"),
            Kind::Manual => Account::Revenue("other"),
        };
        posting = posting.transfer(&Account::Receivable, &earned, currency, line.amount);
    }
    for tax in &document.taxes {
        let from = if tax.is_inclusive { Account::IncludedTax } else { Account::Receivable };
        posting = posting.transfer(&from, &Account::Tax(tax.name.clone()), currency, tax.amount);
    }
    post(service, tx, posting).await?;
    rest_becomes_credits(service, tx, id, currency, "what was given back is more than what is owed").await
}
