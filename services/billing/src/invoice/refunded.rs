//! A provider has given money back: it is written down as a credit note and a refund.

use super::{
    credit::parts,
    row,
    state::{Invoice, Status},
    tell,
};
use crate::{
    Billing, Error, credit,
    customer::lock,
    ledger::{Account, Posting, post, standing},
    payment::Received,
};
use proto::{
    Call, Role,
    id::{CreditGrantId, InvoiceId, RequestId},
};
use store::{WorkspaceTx, sql};

/// What is new of it; what was written down before stays. For money that became credits those are taken back, as far as they are
/// there. What did not arrive becomes credits: the customer was to have it.
pub(crate) async fn refunded(
    service: &Billing,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    provider: &str,
    money: &Received,
) -> Result<(), Error> {
    lock(service, tx).await?;
    let workspace = tx.workspace();
    let name = format!("{provider}:{}", money.id);
    // Both only grow, so that an answer which was long on its way says nothing new.
    let (known, known_failed): (i64, i64) =
        tx.fetch_one(sql!("ledger/refunded"), &[workspace.into(), name.as_str().into()]).await?;
    let amount = money.refunded + money.refund_failed - known;
    if amount > 0 {
        // The sum so far tells this refund from those before and after it.
        let source = format!("refunded:{name}:{}", known + amount);
        given_back(service, tx, id, provider, money, &source, amount).await?;
        let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
        tell::credited(service, &call, tx, id, (amount, "provider")).await?;
    }
    let failed = money.refund_failed - known_failed;
    if failed > 0 {
        tracing::error!(%workspace, invoice = %id, provider, money = money.id, failed, "a refund has not arrived: it is credits now");
        let source = format!("refund_failed:{name}:{}", money.refund_failed);
        came_back(service, tx, id, provider, money, source, failed).await?;
    }
    Ok(())
}

async fn came_back(
    service: &Billing,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    provider: &str,
    money: &Received,
    source: String,
    amount: i64,
) -> Result<(), Error> {
    let new = credit::New {
        category: credit::Category::Paid,
        currency: &money.currency,
        amount,
        note: "a refund has not arrived".to_owned(),
        invoice: Some(id),
        expires_at: None,
    };
    let posting = Posting::new("refund_failed", source, service.clock.now()).about(id);
    let (posting, _) = credit::grant(service, tx, posting, &Account::Cash(provider.to_owned()), new).await?;
    post(service, tx, posting).await.map(drop)
}

async fn given_back(
    service: &Billing,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    provider: &str,
    money: &Received,
    source: &str,
    amount: i64,
) -> Result<(), Error> {
    let (workspace, now) = (tx.workspace(), service.clock.now());
    let invoice = row::one(tx, workspace, id).await?;
    let cash = Account::Cash(provider.to_owned());
    let about = Posting::new("refund", source.to_owned(), now).about(id);
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
    let grants: Vec<(CreditGrantId,)> =
        tx.fetch_all(sql!("credit/of_invoice"), &[workspace.into(), invoice.id.into(), currency.into()]).await?;
    let mut rest = amount;
    for (grant,) in grants {
        let account = Account::Credits(grant);
        let part = standing::credits(tx, workspace, grant).await?.clamp(0, rest);
        posting = posting.transfer(&account, cash, currency, part);
        rest -= part;
    }
    Ok((posting, rest))
}
