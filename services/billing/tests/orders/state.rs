//! What is there: exactly, so that what is equal goes on equally; and as it looks from outside.

use crate::house::House;
use billing::Billing;
use proto::{
    Call,
    billing::{
        GetBooksRequest, GetCreditsRequest, GetMandateRequest, GetSubscriptionRequest, ListDisputesRequest,
        ListInvoicesRequest, Service as _,
    },
};
use std::collections::BTreeMap;
use store::{Db, Sql, SystemTx};

/// All that a later step could depend on, a statement for each table. What is left out: the notifications themselves (which of them came
/// the explorer knows), what was emitted, and ids that were made meanwhile.
const TABLES: [&str; 9] = [
    "select hex(invoice_id) || status || coalesce(paid_at, '') || coalesce(voided_at, '') || coalesce(remind_at, '') from invoices",
    "select plan || status || period_start || coalesce(pending, '') || coalesce(payment_due_at, '') || coalesce(ended_at, '') \
     from subscriptions",
    "select hex(payment_id) || status || coalesce(look_at, '') from payments",
    "select t.source || ' ' || t.kind || t.at || coalesce((select group_concat(line, ';') from (select f.n || \
     case when f.debit like 'credits:%' then 'credits' else f.debit end || '<' || \
     case when f.credit like 'credits:%' then 'credits' else f.credit end || f.amount as line from ledger_transfers as f \
     where f.transaction_id = t.transaction_id order by f.n)), '') \
     from ledger_transactions as t where t.source not like 'credit_balance:%'",
    "select note || amount || is_over from credit_grants",
    "select reference || status || amount from disputes",
    "select source || received || amount from refunds",
    "select hex(invoice_id) || kind || status from letters",
    "select hex(mandate_id) || status || coalesce(look_at, '') from mandates",
];

/// Of a database on SQLite.
pub async fn exactly(db: &Db) -> String {
    let mut tx = SystemTx::read(db, "compare what is there").await.unwrap();
    let mut all = vec![];
    for text in TABLES {
        let sql = Sql { name: "orders/state", postgres: text, sqlite: text };
        let mut rows: Vec<(String,)> = tx.fetch_all(sql, &[]).await.unwrap();
        rows.sort();
        all.extend(rows.into_iter().map(|(row,)| row));
        all.push("--".to_owned());
    }
    all.join("\n")
}

/// What a workspace has, owes and has paid, as it can be asked for.
pub async fn seen(house: &House, service: &Billing, call: &Call) -> BTreeMap<String, String> {
    let operator = house.operator(call);
    let workspace_id = call.workspace.unwrap().to_string();
    let books = GetBooksRequest { workspace_id: workspace_id.clone(), page_size: 200, page_token: String::new() };
    let books = service.get_books(&operator, books).await.unwrap();
    let mut accounts = BTreeMap::<String, i64>::new();
    for balance in books.balances {
        let kind = balance.account.split(":crgr_").next().unwrap().to_owned();
        *accounts.entry(format!("{kind} {}", balance.currency)).or_default() += balance.balance;
    }
    assert_eq!(accounts.values().sum::<i64>(), 0, "the books do not balance: {accounts:?}");
    accounts.retain(|_, balance| *balance != 0);
    let mut seen: BTreeMap<String, String> =
        accounts.into_iter().map(|(account, balance)| (account, balance.to_string())).collect();
    let subscription = service.get_subscription(call, GetSubscriptionRequest {}).await.unwrap().subscription.unwrap();
    seen.insert("subscription".to_owned(), format!("{} {}", subscription.status, subscription.effective_plan));
    let invoices = service.list_invoices(call, ListInvoicesRequest::default()).await.unwrap().invoices;
    for (n, one) in invoices.iter().enumerate() {
        let told =
            format!("{} paid {} credited {} left {}", one.status, one.amount_paid, one.credited, one.amount_remaining);
        seen.insert(format!("invoice {n}"), told);
    }
    let credits = service.get_credits(call, GetCreditsRequest {}).await.unwrap().balances;
    for balance in credits.iter().filter(|balance| balance.amount != 0) {
        seen.insert(format!("to use {}", balance.currency), balance.amount.to_string());
    }
    if let Ok(found) = service.get_mandate(call, GetMandateRequest {}).await {
        seen.insert("mandate".to_owned(), found.mandate.unwrap().status);
    }
    let disputes = ListDisputesRequest { workspace_id, ..ListDisputesRequest::default() };
    for (n, one) in service.list_disputes(&operator, disputes).await.unwrap().disputes.iter().enumerate() {
        seen.insert(format!("dispute {n}"), format!("{} {}", one.status, one.amount));
    }
    seen
}
