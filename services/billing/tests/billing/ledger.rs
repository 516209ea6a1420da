//! The ledger, whatever is done to the money of a workspace.

use crate::house::{House, on_both_databases};
use chrono::TimeDelta;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use proto::{
    Call,
    billing::{
        BuyCreditsRequest, CancelSubscriptionRequest, CreditInvoiceRequest, GrantCreditsRequest, VoidInvoiceRequest,
    },
};
use store::{Sql, WorkspaceTx};

on_both_databases!(whatever_is_done_the_books_balance_and_say_what_the_invoices_say, nobody_changes_what_is_written,);

/// What people and operators do, at random; much of it is refused.
async fn step(h: &House, call: &Call, what: u32, n: i64) {
    let operator = h.operator(call);
    let workspace_id = call.workspace.expect("a workspace").to_string();
    let invoices = h.invoices(call).await;
    let some = |n: i64| invoices.get(usize::try_from(n).unwrap_or(0) % invoices.len().max(1)).map(|one| one.id.clone());
    let invoice_id = some(n).unwrap_or_default();
    match what {
        0 => drop(h.change(call, ["basic", "pro", "free"][usize::try_from(n % 3).unwrap_or(0)]).await),
        1 => drop(h.pay(call, &invoice_id, n % 120_000, &format!("reference {}", n % 50)).await),
        2 => {
            let credit = CreditInvoiceRequest {
                invoice_id,
                amount: n % 40_000,
                refund_to: ["credits", "outside"][usize::try_from(n % 2).unwrap_or(0)].to_owned(),
                reason: "why not".to_owned(),
            };
            drop(h.billing.credit_invoice(&operator, credit).await);
        }
        3 => drop(h.billing.void_invoice(&operator, VoidInvoiceRequest { invoice_id }).await),
        4 => {
            let expires_at = Some(proto::time::to_proto(h.now() + TimeDelta::days(1 + n % 60)));
            let amount = 1 + n % 50_000;
            let grant = GrantCreditsRequest { workspace_id, amount, expires_at, ..GrantCreditsRequest::default() };
            drop(h.billing.grant_credits(&operator, grant).await);
        }
        5 => drop(
            h.billing.buy_credits(call, BuyCreditsRequest { amount: n % 60_000, ..BuyCreditsRequest::default() }).await,
        ),
        6 => {
            let cancel = CancelSubscriptionRequest { at_once: n % 2 == 0 };
            drop(h.billing.cancel_subscription(call, cancel).await);
        }
        _ => h.at(h.now() + TimeDelta::hours(n % 500)).await,
    }
}

async fn whatever_is_done_the_books_balance_and_say_what_the_invoices_say(h: &House) {
    let mut runner = TestRunner::new(ProptestConfig::default());
    for _ in 0..6 {
        let steps = proptest::collection::vec((0u32..9, 0i64..1_000_000), 40);
        let steps = steps.new_tree(&mut runner).expect("steps").current();
        let call = h.workspace().await;
        for (what, n) in &steps {
            step(h, &call, *what, *n).await;
        }
        // What is due is written down first, and not between two of the reads.
        h.at(h.now()).await;
        h.at(h.now()).await;
        // It sums to zero: `books` checks it.
        let books = h.books(&call).await;
        let invoices = h.invoices(&call).await;
        let owed: i64 = invoices.iter().map(|one| one.amount_remaining).sum();
        assert_eq!(books.get("receivable").copied().unwrap_or(0), owed, "{steps:?}\n{}", h.told(&call).await);
        assert_eq!(-books.get("credits").copied().unwrap_or(0), h.credits(&call).await, "{steps:?}");
        for one in &invoices {
            assert!(
                one.status == "void" || one.total == one.credited + one.amount_paid + one.amount_remaining,
                "{one:?}"
            );
            assert_eq!(one.status == "open", one.amount_remaining > 0, "{one:?}");
        }
        // What is in force was paid for, or is being tried, or is late by less than the days of grace.
        let subscription = h.get(&call).await;
        let is_paid = subscription.status != "active"
            || subscription.price.as_ref().is_none_or(|price| price.unit_amount == 0)
            || invoices.iter().any(|one| one.status == "paid" && one.subscription_id == subscription.id);
        assert!(is_paid, "{subscription:?} {invoices:?}");
    }
}

async fn nobody_changes_what_is_written(h: &House) {
    let call = h.workspace().await;
    h.invoiced(&call, "basic").await;
    let workspace = call.workspace.expect("a workspace");
    for text in [
        "update ledger_transfers set amount = 1 where workspace_id = $1",
        "delete from ledger_transfers where workspace_id = $1",
        "update ledger_transactions set note = 'x' where workspace_id = $1",
        "delete from ledger_transactions where workspace_id = $1",
        "update invoices set document = 'x' where workspace_id = $1",
        "update invoices set total = 1 where workspace_id = $1",
        "delete from invoices where workspace_id = $1",
    ] {
        let mut tx = WorkspaceTx::begin(&h.database, workspace).await.expect("a transaction");
        let statement = Sql { name: "a change", postgres: text, sqlite: text };
        let refused = tx.execute(statement, &[workspace.into()]).await;
        assert!(refused.is_err(), "{refused:?}");
    }
    assert_eq!(h.books(&call).await["receivable"], 29_700);
}
