//! Pays an invoice with credits, as far as they go.

use super::list;
use crate::{
    Billing, Error,
    ledger::{Account, Posting, post},
};
use proto::id::{CreditGrantId, InvoiceId};
use store::{WorkspaceTx, sql};

/// How much of `due` they have paid. Whoever calls it holds the lock of the customer. For an invoice it happens once.
pub(crate) async fn spend(
    service: &Billing,
    tx: &mut WorkspaceTx,
    invoice: InvoiceId,
    currency: &str,
    due: i64,
) -> Result<i64, Error> {
    let (workspace, now) = (tx.workspace(), service.clock.now());
    let mut posting = Posting::new("credits_applied", format!("credits:{invoice}"), now).of(invoice);
    let mut used = 0;
    for grant in list::live(tx, workspace, now).await?.into_iter().filter(|grant| grant.currency == currency) {
        let part = grant.remaining.min(due - used);
        if part <= 0 {
            break;
        }
        let id: CreditGrantId = grant.id.parse().map_err(|_| Error::Kept("the id of credits"))?;
        posting = posting.transfer(&Account::Credits(id), &Account::Receivable, currency, part);
        used += part;
        if part == grant.remaining {
            // Nobody folds it again, unless an invoice gives it back.
            tx.execute(sql!("credit/over"), &[workspace.into(), id.into()]).await?;
        }
    }
    post(service, tx, posting).await?;
    Ok(used)
}
