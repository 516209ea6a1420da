//! Where does an invoice stand?

use super::Account;
use crate::Error;
use proto::id::{CreditGrantId, InvoiceId, WorkspaceId};
use store::{Tx, sql};

store::row! {
    /// Sums of its transfers, in the smallest unit of its currency.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Standing {
        /// What is left to pay.
        pub remaining: i64,
        /// The money that was paid, less what was given back.
        pub paid: i64,
    }
}

/// Of one invoice.
pub(crate) async fn of(tx: &mut Tx, workspace: WorkspaceId, invoice: InvoiceId) -> Result<Standing, Error> {
    Ok(tx.fetch_one(sql!("ledger/standing"), &[workspace.into(), invoice.into()]).await?)
}

/// What is left of some credits: the fold of their own transfers, however many others there were.
pub(crate) async fn credits(tx: &mut Tx, workspace: WorkspaceId, id: CreditGrantId) -> Result<i64, Error> {
    let values = [workspace.into(), Account::Credits(id).to_string().into()];
    let (left,): (i64,) = tx.fetch_one(sql!("ledger/credits"), &values).await?;
    Ok(left)
}
