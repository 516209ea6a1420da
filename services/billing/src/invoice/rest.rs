//! Where more was paid or given back for an invoice than is owed, what becomes of the rest?

use crate::{
    Billing, Error, credit,
    ledger::{Account, Posting, post, standing},
};
use proto::id::InvoiceId;
use store::WorkspaceTx;

/// It becomes credits, which the next invoice uses. Whoever calls it holds the lock of the customer.
pub(super) async fn rest_becomes_credits(
    service: &Billing,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    currency: &str,
    why: &str,
) -> Result<(), Error> {
    let workspace = tx.workspace();
    let rest = -standing::of(tx, workspace, id).await?.remaining;
    if rest <= 0 {
        return Ok(());
    }
    let new = credit::New {
        category: credit::Category::Paid,
        currency,
        amount: rest,
        note: why.to_owned(),
        invoice: Some(id),
        expires_at: None,
    };
    let source = format!("credit_balance:{id}:{}", service.ids.uuid());
    let posting = Posting::new("credit_balance", source, service.clock.now()).of(id).noted(why);
    let (posting, _) = credit::grant(service, tx, posting, &Account::Receivable, new).await?;
    post(service, tx, posting).await.map(drop)
}
