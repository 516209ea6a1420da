//! Where does an invoice stand?

use crate::Error;
use proto::id::{InvoiceId, WorkspaceId};
use std::collections::BTreeMap;
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

/// What is left of each of a workspace's credits, by the text of its account.
pub(crate) async fn credits(tx: &mut Tx, workspace: WorkspaceId) -> Result<BTreeMap<String, i64>, Error> {
    let rows: Vec<(String, i64)> = tx.fetch_all(sql!("ledger/credits"), &[workspace.into()]).await?;
    Ok(rows.into_iter().collect())
}
