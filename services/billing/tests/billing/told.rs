//! What usage-metering is told of credits, whatever fails and whoever dies.

use crate::house::{House, on_both_databases};
use proto::{
    Call,
    billing::{GrantCreditsRequest, Plan, Price, PublishPlansRequest, UsageTerms},
};
use store::{Sql, SystemTx};

on_both_databases!(
    what_fails_again_and_again_holds_up_nobody,
    a_plan_that_charges_otherwise_is_told_of_also_by_whoever_comes_after_a_crash,
);

/// As many as a round looks at.
const A_ROUND: usize = 100;

async fn give(h: &House, call: &Call) {
    let workspace_id = call.workspace.expect("a workspace").to_string();
    let request = GrantCreditsRequest { workspace_id, amount: 1_000, ..GrantCreditsRequest::default() };
    h.billing.grant_credits(&h.operator(call), request).await.expect("they are given");
}

/// How often a workspace's credits were told.
async fn times(h: &House, call: &Call) -> i64 {
    let text = "select count(*) as n from outbox where kind = 'credits.changed' and workspace_id = $1";
    let mut tx = SystemTx::read(&h.database, "count").await.expect("a database");
    let sql = Sql { name: "test", postgres: text, sqlite: text };
    let (n,): (i64,) = tx.fetch_one(sql, &[call.workspace.expect("a workspace").into()]).await.expect("a number");
    n
}

async fn run(h: &House, text: &'static str) {
    let mut tx = SystemTx::begin(&h.database, "change").await.expect("a database");
    tx.execute(Sql { name: "test", postgres: text, sqlite: text }, &[]).await.expect("it is done");
    tx.commit().await.expect("it is done");
}

async fn what_fails_again_and_again_holds_up_nobody(h: &House) {
    for _ in 0..A_ROUND {
        let call = h.workspace().await;
        h.set(&call, "basic", None).await;
        give(h, &call).await;
    }
    // What cannot be read cannot be told.
    run(h, "update subscriptions set status = 'of a release to come'").await;
    let last = h.workspace().await;
    give(h, &last).await;
    let before = times(h, &last).await;
    run(h, "update customers set credits_told = 0, credits_try_at = null").await;
    for _ in 0..2 {
        h.service.advance().await.expect("a round");
    }
    assert_eq!(times(h, &last).await, before + 1, "the others wait for their turn");
}

async fn a_plan_that_charges_otherwise_is_told_of_also_by_whoever_comes_after_a_crash(h: &House) {
    let call = h.workspace().await;
    give(h, &call).await;
    h.at(h.now()).await;
    let before = times(h, &call).await;
    let terms = |markup: &str| Plan {
        name: "metered".to_owned(),
        titles: [("en".to_owned(), "Metered".to_owned())].into(),
        prices: vec![Price { currency: "BRL".to_owned(), interval: "month".to_owned(), unit_amount: 0 }],
        usage: Some(UsageTerms { markup_percent: markup.to_owned(), ..UsageTerms::default() }),
        ..Plan::default()
    };
    let publish = PublishPlansRequest { plans: vec![terms("10")] };
    h.billing.publish_plans(&h.operator(&call), publish.clone()).await.expect("it is published");
    h.at(h.now()).await;
    assert_eq!(times(h, &call).await, before + 1);
    h.billing.publish_plans(&h.operator(&call), publish).await.expect("the same");
    h.at(h.now()).await;
    assert_eq!(times(h, &call).await, before + 1, "nothing has changed");
    // What is left of a process that dies as soon as its version is there.
    run(h, "update plans set credits_told = false where name = 'metered'").await;
    h.at(h.now()).await;
    assert_eq!(times(h, &call).await, before + 2);
}
