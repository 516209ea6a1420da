//! The books of a workspace, as operators read them.

use crate::{Billing, Error, peers};
use chrono::{DateTime, Utc};
use proto::{
    Page,
    billing::{AccountBalance, GetBooksRequest, GetBooksResponse, LedgerTransaction, LedgerTransfer},
    id::{InvoiceId, WorkspaceId},
    time::to_proto,
};
use store::{WorkspaceTx, sql};
use uuid::Uuid;

store::row! {
    struct Head {
        transaction_id: Uuid,
        source: String,
        kind: String,
        invoice_id: Option<InvoiceId>,
        note: String,
        at: DateTime<Utc>,
    }
}

store::row! { struct Transfer { debit: String, credit: String, currency: String, amount: i64 } }

/// Errors: [`Error::NoWorkspace`].
pub(crate) async fn get(service: &Billing, request: GetBooksRequest) -> Result<GetBooksResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token).map_err(Error::Refused)?;
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NoWorkspace)?;
    peers::workspace(service, workspace).await?;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let balances: Vec<(String, String, i64)> = tx.fetch_all(sql!("ledger/balances"), &[workspace.into()]).await?;
    let values = [workspace.into(), page.after.into(), page.fetch().into()];
    let mut heads: Vec<Head> = tx.fetch_all(sql!("ledger/list"), &values).await?;
    let next_page_token = page.cut(&mut heads, |head| head.transaction_id);
    let mut transactions = vec![];
    for head in heads {
        transactions.push(one(&mut tx, head).await?);
    }
    tx.commit().await?;
    let balance = |(account, currency, balance)| AccountBalance { account, currency, balance };
    Ok(GetBooksResponse { balances: balances.into_iter().map(balance).collect(), transactions, next_page_token })
}

async fn one(tx: &mut WorkspaceTx, head: Head) -> Result<LedgerTransaction, Error> {
    let values = [tx.workspace().into(), head.transaction_id.into()];
    let rows: Vec<Transfer> = tx.fetch_all(sql!("ledger/transfers"), &values).await?;
    let transfer = |Transfer { debit, credit, currency, amount }| LedgerTransfer { debit, credit, currency, amount };
    Ok(LedgerTransaction {
        id: head.transaction_id.to_string(),
        kind: head.kind,
        source: head.source,
        invoice_id: head.invoice_id.map(String::from).unwrap_or_default(),
        note: head.note,
        at: Some(to_proto(head.at)),
        transfers: rows.into_iter().map(transfer).collect(),
    })
}
