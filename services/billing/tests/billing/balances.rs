//! What is left of credits is what the whole ledger says, whatever has happened to them, although only those are folded that something is
//! left of.

use crate::house::{House, on_both_databases};
use chrono::TimeDelta;
use futures::future::join_all;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use proto::{
    Call,
    billing::{AddInvoiceItemRequest, GrantCreditsRequest, VoidInvoiceRequest},
};
use std::sync::Arc;
use store::{Sql, SystemTx};

on_both_databases!(what_is_left_is_what_the_whole_ledger_says, sixty_four_at_once_use_credits_once);

#[derive(Clone, Debug)]
enum Step {
    Given {
        amount: i64,
        days: Option<i64>,
    },
    Charged(i64),
    /// The newest invoice that is open.
    Void,
    Days(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let days = prop::option::of(1i64..20);
    let step = prop_oneof![
        3 => (1i64..500, days).prop_map(|(amount, days)| Step::Given { amount, days }),
        4 => (1i64..700).prop_map(Step::Charged),
        2 => Just(Step::Void),
        1 => (1i64..8).prop_map(Step::Days),
    ];
    prop::collection::vec(step, 40)
}

async fn happens(h: &House, call: &Call, step: Step) {
    let workspace_id = call.workspace.expect("a workspace").to_string();
    let operator = Call { idempotency_key: Some(Arc::from(h.ids.uuid().to_string())), ..h.operator(call) };
    match step {
        Step::Given { amount, days } => {
            let expires_at = days.map(|days| proto::time::to_proto(h.now() + TimeDelta::days(days)));
            let request = GrantCreditsRequest { workspace_id, amount, expires_at, ..GrantCreditsRequest::default() };
            h.billing.grant_credits(&operator, request).await.expect("they are given");
        }
        Step::Charged(unit_amount) => {
            let description = "Something".to_owned();
            let own_invoice = true;
            let request =
                AddInvoiceItemRequest { workspace_id, description, unit_amount, own_invoice, ..Default::default() };
            h.billing.add_invoice_item(&operator, request).await.expect("it is charged");
        }
        Step::Void => {
            let open = h.invoices(call).await.into_iter().rfind(|invoice| invoice.status == "open");
            if let Some(open) = open {
                let request = VoidInvoiceRequest { invoice_id: open.id };
                h.billing.void_invoice(&operator, request).await.expect("it is void");
            }
        }
        Step::Days(days) => h.at(h.now() + TimeDelta::days(days)).await,
    }
}

/// What usage-metering was told last; None where nothing was told.
async fn told(h: &House, call: &Call) -> Option<i64> {
    let text = "select payload from outbox where kind = 'credits.changed' and workspace_id = $1 order by position desc limit 1";
    let mut tx = SystemTx::read(&h.database, "read").await.expect("a database");
    let sql = Sql { name: "test", postgres: text, sqlite: text };
    let row: Option<(String,)> =
        tx.fetch_optional(sql, &[call.workspace.expect("a workspace").into()]).await.expect("an event");
    let payload = row.map(|(payload,)| serde_json::from_str::<serde_json::Value>(&payload).expect("JSON"));
    payload.map(|payload| payload["balance"].as_i64().expect("a balance"))
}

async fn what_is_left_is_what_the_whole_ledger_says(h: &House) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for _ in 0..4 {
        let call = h.workspace().await;
        let mut done = vec![];
        for step in steps().new_tree(&mut runner).expect("steps").current() {
            done.push(step.clone());
            happens(h, &call, step).await;
            let all = -h.books(&call).await.get("credits").copied().unwrap_or(0);
            assert_eq!((h.credits(&call).await, told(h, &call).await.unwrap_or(0)), (all, all), "{done:?}");
        }
        assert!(done.iter().any(|step| matches!(step, Step::Void)), "{done:?}");
    }
}

async fn sixty_four_at_once_use_credits_once(h: &House) {
    let call = h.workspace().await;
    happens(h, &call, Step::Given { amount: 1_000, days: None }).await;
    join_all((0..64).map(|_| happens(h, &call, Step::Charged(100)))).await;
    let invoices = h.invoices(&call).await;
    assert_eq!(invoices.len(), 64);
    let used: i64 = invoices.iter().map(|invoice| invoice.credited).sum();
    let due: i64 = invoices.iter().map(|invoice| invoice.amount_remaining).sum();
    assert_eq!((used, due, h.credits(&call).await), (1_000, 5_400, 0));
    let books = h.books(&call).await;
    assert_eq!((books.get("credits"), books["receivable"], books["promotion"]), (None, 5_400, 1_000));
}
