//! Who begins to buy, or lets things lie, very often.

use crate::house::{House, on_both_databases};
use chrono::TimeDelta;
use proto::{
    Call, Failure, Reason,
    billing::{BuyCreditsRequest, GrantCreditsRequest},
};
use std::sync::Arc;
use store::{Sql, SystemTx};

on_both_databases!(nobody_begins_to_buy_all_the_time, what_can_never_be_done_holds_up_nobody,);

const MOST_AN_HOUR: usize = 20;
/// As many as a page has.
const A_PAGE: usize = 100;

async fn buy(h: &House, call: &Call, key: &str) -> Result<bool, Failure> {
    let call = Call { idempotency_key: Some(Arc::from(key)), ..call.clone() };
    let request = BuyCreditsRequest { amount: 5_000, ..BuyCreditsRequest::default() };
    h.billing.buy_credits(&call, request).await.map(|bought| bought.replayed).map_err(|status| Failure::from(&status))
}

async fn nobody_begins_to_buy_all_the_time(h: &House) {
    let (call, other) = (h.workspace().await, h.workspace().await);
    for n in 0..MOST_AN_HOUR {
        assert!(!buy(h, &call, &n.to_string()).await.expect("it is sold"));
    }
    let refused = buy(h, &call, "one more").await.expect_err("it is refused");
    assert_eq!((refused.reason, refused.retry_after.is_some()), (Reason::RateLimited, true), "{refused:?}");
    let refused = h.change(&call, "basic").await.expect_err("it is refused");
    assert_eq!(refused.reason, Reason::RateLimited);
    assert_eq!(h.invoices(&call).await.len(), MOST_AN_HOUR, "nothing was written down");
    assert_eq!(h.get(&call).await.id, "", "no subscription begins");
    assert!(buy(h, &call, "3").await.expect("it was sold before"), "it is the same one");
    h.change(&other, "basic").await.expect("others buy what they like");
    h.hand.advance(TimeDelta::hours(1));
    h.change(&call, "basic").await.expect("an hour later");
}

/// Credits that are over in so many days.
async fn give(h: &House, call: &Call, days: i64) {
    let request = GrantCreditsRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        amount: 1_000,
        expires_at: Some(proto::time::to_proto(h.now() + TimeDelta::days(days))),
        ..GrantCreditsRequest::default()
    };
    h.billing.grant_credits(&h.operator(call), request).await.expect("they are given");
}

async fn what_can_never_be_done_holds_up_nobody(h: &House) {
    let (broken, other) = (h.workspace().await, h.workspace().await);
    h.set(&broken, "basic", None).await;
    for _ in 0..=A_PAGE {
        give(h, &broken, 1).await;
    }
    give(h, &other, 2).await;
    // What cannot be read cannot be told, so credits cannot be written off: more than a page of them, all before the others.
    let mut tx = SystemTx::begin(&h.database, "change").await.expect("a database");
    let text = "update subscriptions set status = 'of a release to come'";
    tx.execute(Sql { name: "test", postgres: text, sqlite: text }, &[]).await.expect("it is done");
    tx.commit().await.expect("it is done");
    h.at(h.now() + TimeDelta::days(3)).await;
    assert_eq!(h.books(&other).await.get("expired_credits").copied(), Some(-1_000));
    assert_eq!(h.books(&broken).await.get("expired_credits").copied(), None);
}
