//! A provider has given money back: it is written down as a credit note and a refund.

use super::{
    credit::parts,
    row,
    state::{Invoice, Status},
};
use crate::{
    Billing, Error,
    customer::lock,
    ledger::{Account, Posting, post, standing},
    payment::Received,
};
use proto::id::{CreditGrantId, InvoiceId};
use store::{WorkspaceTx, sql};

/// What is new of it; what was written down before stays. For money that became credits those are taken back, as far as they are there.
pub(crate) async fn refunded(
    service: &Billing,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    provider: &str,
    money: &Received,
) -> Result<(), Error> {
    lock(service, tx).await?;
    let (workspace, now) = (tx.workspace(), service.clock.now());
    let prefix = format!("refunded:{provider}:{}:", money.id);
    let (known,): (i64,) = tx.fetch_one(sql!("ledger/refunded"), &[workspace.into(), prefix.as_str().into()]).await?;
    let amount = money.refunded - known;
    if amount <= 0 {
        return Ok(());
    }
    let invoice = row::one(tx, workspace, id).await?;
    let cash = Account::Cash(provider.to_owned());
    // The sum so far tells this refund from those before and after it.
    let source = format!("{prefix}{}", money.refunded);
    let about = Posting::new("refund", source.clone(), now).about(id);
    let (mut refund, mut rest) = from_credits(tx, &invoice, about, &cash, &money.currency, amount).await?;
    let paid = standing::of(tx, workspace, id).await?.paid.clamp(0, rest);
    if paid > 0 && matches!(invoice.status, Status::Open | Status::Paid) {
        // Of one that is open still, it is owed again.
        if invoice.status == Status::Paid {
            let note = Posting::new("credit_note", format!("note:{source}"), now).of(id).noted("refunded");
            post(service, tx, parts(note, &invoice.document()?, paid)).await?;
        }
        let back = Posting::new("refund", format!("{source}:paid"), now).of(id);
        post(service, tx, back.transfer(&Account::Receivable, &cash, &money.currency, paid)).await?;
        rest -= paid;
    }
    // What is used already, or was never asked for, is our loss.
    refund = refund.transfer(&Account::Revenue("credit_notes"), &cash, &money.currency, rest);
    post(service, tx, refund).await.map(drop)
}

/// Credits that were made of this invoice's money, as far as they are there, and what is left of the amount.
async fn from_credits(
    tx: &mut WorkspaceTx,
    invoice: &Invoice,
    mut posting: Posting,
    cash: &Account,
    currency: &str,
    amount: i64,
) -> Result<(Posting, i64), Error> {
    let workspace = tx.workspace();
    let left = standing::credits(tx, workspace).await?;
    let grants: Vec<(CreditGrantId,)> =
        tx.fetch_all(sql!("credit/of_invoice"), &[workspace.into(), invoice.id.into(), currency.into()]).await?;
    let mut rest = amount;
    for (grant,) in grants {
        let account = Account::Credits(grant);
        let part = left.get(&account.to_string()).copied().unwrap_or(0).clamp(0, rest);
        posting = posting.transfer(&account, cash, currency, part);
        rest -= part;
    }
    Ok((posting, rest))
}
