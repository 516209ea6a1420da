//! What has happened to the money of a workspace?

use super::super::{
    page::{Page, some},
    time,
};
use crate::{
    app::Shared,
    auth::Operator,
    error::{Error, Result},
    json::Json,
    path::Target,
    query::{Paging, Query},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::{
    billing::{AccountBalance, GetBooksRequest, GetBooksResponse, LedgerTransaction, LedgerTransfer},
    id::WorkspaceId,
};
use serde::Serialize;
use utoipa::ToSchema;

/// The books of a workspace: a page of its transactions, and what all of them come to. Amounts are in the smallest unit of the
/// currency.
#[derive(Serialize, ToSchema)]
#[schema(as = Books)]
pub(crate) struct BooksBody {
    /// By account and currency. They sum to zero in each currency.
    balances: Vec<AccountBalanceBody>,
    #[serde(flatten)]
    page: Page<TransactionBody>,
}

/// What an account stands at.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountBalance)]
struct AccountBalanceBody {
    #[schema(example = "receivable")]
    account: String,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    /// Debits less credits.
    balance: i64,
}

/// What happened at once.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerTransaction)]
struct TransactionBody {
    id: String,
    #[schema(example = "payment")]
    kind: String,
    /// What it was made for, once.
    source: String,
    /// `inv_…`
    invoice_id: Option<String>,
    note: Option<String>,
    at: DateTime<Utc>,
    transfers: Vec<TransferBody>,
}

/// From which account to which.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerTransfer)]
struct TransferBody {
    debit: String,
    credit: String,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    amount: i64,
}

/// Get what has happened to the money of a workspace, newest first, and what its accounts stand at. For operators.
#[utoipa::path(get, path = "/admin/workspaces/{workspace_id}/books", tag = "Operators",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Paging),
    responses((status = 200, description = "The balances, and a page of the transactions", body = BooksBody),
        (status = 403, description = "The caller has no platform role"),
        (status = 404, description = "There is no such workspace")))]
pub(crate) async fn get_books(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<WorkspaceId>,
    Query(paging): Query<Paging>,
) -> Result<Json<BooksBody>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = GetBooksRequest { workspace_id: id.to_string(), page_size, page_token };
    BooksBody::try_from(app.services.billing.get_books(&call, request).await?).map(Json)
}

impl TryFrom<GetBooksResponse> for BooksBody {
    type Error = Error;

    fn try_from(books: GetBooksResponse) -> Result<Self> {
        let balance = |AccountBalance { account, currency, balance }| AccountBalanceBody { account, currency, balance };
        Ok(Self {
            balances: books.balances.into_iter().map(balance).collect(),
            page: Page::new(books.transactions, books.next_page_token, TransactionBody::try_from)?,
        })
    }
}

impl TryFrom<LedgerTransaction> for TransactionBody {
    type Error = Error;

    fn try_from(transaction: LedgerTransaction) -> Result<Self> {
        let LedgerTransaction { id, kind, source, invoice_id, note, at, transfers } = transaction;
        let transfer =
            |LedgerTransfer { debit, credit, currency, amount }| TransferBody { debit, credit, currency, amount };
        let (invoice_id, note, at) = (some(invoice_id), some(note), time::always(at)?);
        Ok(Self { id, kind, source, invoice_id, note, at, transfers: transfers.into_iter().map(transfer).collect() })
    }
}
