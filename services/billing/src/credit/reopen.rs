//! Credits that have paid an invoice which is void can be used again.

use crate::{Error, ledger::Account};
use proto::id::{CreditGrantId, InvoiceId};
use store::{WorkspaceTx, sql};

/// They are not over any more, whether they were used up or have expired meanwhile. Whoever calls it holds the lock of the customer.
pub(crate) async fn reopen(tx: &mut WorkspaceTx, invoice: InvoiceId) -> Result<(), Error> {
    let workspace = tx.workspace();
    let accounts: Vec<(String,)> = tx.fetch_all(sql!("ledger/credits_of"), &[workspace.into(), invoice.into()]).await?;
    for (account,) in accounts {
        let id = account.strip_prefix(Account::CREDITS).and_then(|id| id.parse::<CreditGrantId>().ok());
        let id = id.ok_or(Error::Kept("an account of credits"))?;
        tx.execute(sql!("credit/reopen"), &[workspace.into(), id.into()]).await?;
    }
    Ok(())
}
