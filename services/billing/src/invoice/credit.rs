//! Gives back a part of an invoice, or all of it: a credit note.

use super::{
    document::{Document, Kind},
    give_back,
    paid::paid,
    rest::rest_becomes_credits,
    row, show,
    state::{Invoice, Status},
    tell,
};
use crate::{
    Billing, Error, credit,
    customer::lock,
    error::refused,
    ledger::{Account, Posting, post, standing},
    money::{self, split},
    payment,
};
use proto::{
    Call,
    billing::{CreditInvoiceRequest, CreditInvoiceResponse},
    id::{InvoiceId, WorkspaceId},
};
use store::{WorkspaceTx, sql};

const MAX_REASON: usize = 500;

/// Errors: [`Error::NoInvoice`], [`Error::Refused`], [`Error::Conflict`].
pub(crate) async fn credit(
    service: &Billing,
    call: &Call,
    request: CreditInvoiceRequest,
) -> Result<CreditInvoiceResponse, Error> {
    let (workspace, id) = super::get::find(service, &request.invoice_id).await?;
    let (is_outside, is_provider) = match request.refund_to.as_str() {
        "" | "credits" => (false, false),
        "outside" => (true, false),
        "provider" => (false, true),
        _ => return Err(refused("refund_to", "must be credits, provider or outside")),
    };
    if !(1..=MAX_REASON).contains(&request.reason.trim().chars().count()) {
        return Err(refused("reason", "must be 1 to 500 characters"));
    }
    let source = format!("credit_note:{id}:{}", credit::buy::source(service, call));
    if is_provider {
        // Boxed: it is most of what this future would be.
        return Box::pin(through_provider(service, call, workspace, id, request.amount, &source)).await;
    }
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    let known: Option<(i64,)> =
        tx.fetch_optional(sql!("ledger/credit_note"), &[workspace.into(), source.as_str().into()]).await?;
    if let Some((amount,)) = known {
        if request.amount != 0 && request.amount != amount {
            return Err(Error::Conflict("another amount was credited under this idempotency key"));
        }
    } else {
        let document = creditable(&invoice)?;
        let amount = amount(&mut tx, &invoice, request.amount).await?;
        let posting = Posting::new("credit_note", source, service.clock.now()).of(id).noted(request.reason);
        post(service, &mut tx, parts(posting, &document, amount)).await?;
        let refund_to = if is_outside { "outside" } else { "credits" };
        tell::credited(service, call, &mut tx, id, (amount, refund_to)).await?;
        if is_outside {
            sent_back(service, &mut tx, &invoice).await?;
        }
        rest_becomes_credits(service, &mut tx, id, &invoice.currency, "credited").await?;
        match standing::of(&mut tx, workspace, id).await?.remaining {
            0 => paid(service, call, &mut tx, id).await?,
            _ => payment::hurry_taken(service, &mut tx, Some(id)).await?,
        }
    }
    let invoice = Some(show::show(service, &mut tx, id).await?);
    tx.commit().await?;
    Ok(CreditInvoiceResponse { invoice, replayed: known.is_some() })
}

/// What is given back is written down when the provider says so.
async fn through_provider(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
    id: InvoiceId,
    wished: i64,
    source: &str,
) -> Result<CreditInvoiceResponse, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    tx.commit().await?;
    creditable(&invoice)?;
    if wished != 0 {
        money::check(&invoice.currency, wished)?;
    }
    let replayed = give_back::give_back(service, call, workspace, id, wished, source).await?;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let invoice = Some(show::show(service, &mut tx, id).await?);
    Ok(CreditInvoiceResponse { invoice, replayed })
}

fn creditable(invoice: &Invoice) -> Result<Document, Error> {
    match invoice.status {
        Status::Draft => return Err(Error::Conflict("the invoice is a draft: void it")),
        Status::Void => return Err(Error::Conflict("the invoice is void: nothing is owed for it")),
        Status::Open | Status::Paid => {}
    }
    let document = invoice.document()?;
    if document.lines.iter().any(|line| line.kind == Kind::Credits) {
        return Err(Error::Conflict("credits that were bought are not credited: they may be used already"));
    }
    Ok(document)
}

/// How much: all that was not credited yet, or less. Errors: [`Error::Refused`], [`Error::Conflict`].
async fn amount(tx: &mut WorkspaceTx, invoice: &Invoice, wished: i64) -> Result<i64, Error> {
    let values = [tx.workspace().into(), invoice.id.into()];
    let (credited,): (i64,) = tx.fetch_one(sql!("ledger/credit_notes"), &values).await?;
    let left = invoice.total - credited;
    match wished {
        _ if left <= 0 => Err(Error::Conflict("all of the invoice is credited already")),
        0 => Ok(left),
        wished => {
            money::check(&invoice.currency, wished)?;
            if wished > left {
                return Err(refused("amount", format!("must be at most {left}: that is what was not credited yet")));
            }
            Ok(wished)
        }
    }
}

/// Taxes are given back in proportion.
pub(super) fn parts(mut posting: Posting, document: &Document, amount: i64) -> Posting {
    let (currency, on_top): (_, Vec<_>) =
        (&document.currency, document.taxes.iter().filter(|tax| !tax.is_inclusive && tax.amount > 0).collect());
    let weight = |amount: i64| u64::try_from(amount).unwrap_or(0);
    let mut weights = vec![weight(document.subtotal)];
    weights.extend(on_top.iter().map(|tax| weight(tax.amount)));
    let shares = split(amount, &weights);
    posting = posting.transfer(&Account::Revenue("credit_notes"), &Account::Receivable, currency, shares[0]);
    for (tax, share) in on_top.iter().zip(&shares[1..]) {
        posting = posting.transfer(&Account::Tax(tax.name.clone()), &Account::Receivable, currency, *share);
    }
    for tax in document.taxes.iter().filter(|tax| tax.is_inclusive && tax.amount > 0) {
        let rest = weight(document.subtotal - tax.amount);
        let share = split(shares[0], &[weight(tax.amount), rest])[0];
        posting = posting.transfer(&Account::Tax(tax.name.clone()), &Account::IncludedTax, currency, share);
    }
    posting
}

/// What an operator has sent back of what was paid; at most that.
async fn sent_back(service: &Billing, tx: &mut WorkspaceTx, invoice: &Invoice) -> Result<(), Error> {
    let workspace = tx.workspace();
    let standing = standing::of(tx, workspace, invoice.id).await?;
    let sent = (-standing.remaining).min(standing.paid);
    if sent <= 0 {
        return Err(Error::Conflict(
            "no money was paid for what is credited: it lowers what is owed, or becomes credits",
        ));
    }
    let source = format!("sent_back:{}:{}", invoice.id, service.ids.uuid());
    let posting = Posting::new("refund", source, service.clock.now()).of(invoice.id);
    let cash = Account::Cash("manual".to_owned());
    post(service, tx, posting.transfer(&Account::Receivable, &cash, &invoice.currency, sent)).await.map(drop)
}
