//! A provider has given money back: it is written down as a credit note and a refund.

use super::{
    credit::parts,
    row,
    state::{Invoice, Status},
};
use crate::{
    Billing, Error,
    customer::lock,
    ledger::{Account, Posting, post},
    payment::Received,
};
use proto::id::InvoiceId;
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
    let refund = Posting::new("refund", source.clone(), now);
    match invoice.status {
        Status::Open | Status::Paid => {
            let note = Posting::new("credit_note", format!("note:{source}"), now).of(id).noted("refunded");
            post(service, tx, parts(note, &invoice.document()?, amount)).await?;
            let refund = refund.of(id).transfer(&Account::Receivable, &cash, &money.currency, amount);
            post(service, tx, refund).await?;
        }
        Status::Void | Status::Draft => {
            let refund = from_credits(tx, &invoice, refund.about(id), &cash, &money.currency, amount).await?;
            post(service, tx, refund).await?;
        }
    }
    Ok(())
}

/// Credits that were made of this invoice's money; what is used already is our loss.
async fn from_credits(
    tx: &mut WorkspaceTx,
    invoice: &Invoice,
    mut posting: Posting,
    cash: &Account,
    currency: &str,
    amount: i64,
) -> Result<Posting, Error> {
    let workspace = tx.workspace();
    let left = crate::ledger::standing::credits(tx, workspace).await?;
    let grants: Vec<(proto::id::CreditGrantId,)> =
        tx.fetch_all(sql!("credit/of_invoice"), &[workspace.into(), invoice.id.into(), currency.into()]).await?;
    let mut rest = amount;
    for (grant,) in grants {
        let account = Account::Credits(grant);
        let part = left.get(&account.to_string()).copied().unwrap_or(0).clamp(0, rest);
        posting = posting.transfer(&account, cash, currency, part);
        rest -= part;
    }
    Ok(posting.transfer(&Account::Revenue("credit_notes"), cash, currency, rest))
}
