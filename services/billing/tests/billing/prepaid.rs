//! Plans whose usage is paid for beforehand: who has credits is let in, who has used them up is not, and who pays models themselves
//! always is.

use crate::house::{House, on_both_databases, time};
use chrono::TimeDelta;
use proto::{
    Call, Failure, Reason,
    billing::{
        Entitlement, GrantCreditsRequest, Plan, Price, PublishPlansRequest, SetSubscriptionRequest, UsageTerms,
        entitlement::Value,
    },
    usage::CredentialOwner::{Platform, Workspace},
};
use std::time::{Duration, Instant};

on_both_databases!(
    who_buys_credits_is_let_in_within_two_seconds_and_who_has_used_them_up_is_not,
    what_is_charged_with_an_invoice_is_not_counted_twice,
    credits_that_expire_let_nobody_in,
    who_had_credits_before_the_plan_was_prepaid_is_let_in,
);

/// US$ 0.15 for a million tokens of input.
const MILLION: i64 = 1_000_000;

fn plan(is_prepaid: bool) -> Plan {
    Plan {
        name: "as-you-go".to_owned(),
        titles: [("en".to_owned(), "As you go".to_owned())].into(),
        prices: vec![Price { currency: "USD".to_owned(), interval: "month".to_owned(), unit_amount: 0 }],
        entitlements: [("usage_prepaid".to_owned(), Entitlement { value: Some(Value::Flag(is_prepaid)) })].into(),
        usage: Some(UsageTerms { markup_percent: "100".to_owned(), ..UsageTerms::default() }),
        ..Plan::default()
    }
}

async fn publish(h: &House, call: &Call, is_prepaid: bool) {
    let publish = PublishPlansRequest { plans: vec![plan(is_prepaid)] };
    h.billing.publish_plans(&h.operator(call), publish).await.expect("it is published");
}

async fn subscribed(h: &House, call: &Call) {
    let request = SetSubscriptionRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        plan: "as-you-go".to_owned(),
        currency: "USD".to_owned(),
        collection_method: "send_invoice".to_owned(),
        ..SetSubscriptionRequest::default()
    };
    h.billing.set_subscription(&h.operator(call), request).await.expect("it is set");
}

async fn give(h: &House, call: &Call, amount: i64, days: Option<i64>) {
    let request = GrantCreditsRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        amount,
        currency: "USD".to_owned(),
        expires_at: days.map(|days| proto::time::to_proto(h.now() + TimeDelta::days(days))),
        ..GrantCreditsRequest::default()
    };
    h.billing.grant_credits(&h.operator(call), request).await.expect("they are given");
}

async fn ask(h: &House, call: &Call, tokens: i64) -> Result<(), Failure> {
    h.used_on(call, "as-you-go", Platform, tokens).await
}

/// The first refusal, which must be for want of credits.
async fn refused(h: &House, call: &Call, tokens: i64) {
    let failure = ask(h, call, tokens).await.expect_err("it is refused");
    assert_eq!((failure.reason, failure.get("layer")), (Reason::BudgetExceeded, Some("plan")), "{failure:?}");
}

/// Waits until usage-metering has heard of the plan. What is asked for until then costs next to nothing.
async fn heard(h: &House, call: &Call) {
    h.until(async || ask(h, call, 1).await.is_err()).await;
}

async fn who_buys_credits_is_let_in_within_two_seconds_and_who_has_used_them_up_is_not(h: &House) {
    let call = h.workspace().await;
    publish(h, &call, true).await;
    subscribed(h, &call).await;
    heard(h, &call).await;
    refused(h, &call, MILLION).await;
    h.used_on(&call, "as-you-go", Workspace, 90 * MILLION).await.expect("who pays themselves is let in");
    // With the markup, a million tokens are 30 cents.
    give(h, &call, 100, None).await;
    let since = Instant::now();
    h.until(async || ask(h, &call, MILLION).await.is_ok()).await;
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
    ask(h, &call, MILLION).await.expect("sixty cents");
    ask(h, &call, MILLION).await.expect("ninety cents");
    refused(h, &call, MILLION).await;
    h.used_on(&call, "as-you-go", Workspace, MILLION).await.expect("who pays themselves is let in");
    give(h, &call, 25, None).await;
    h.until(async || ask(h, &call, MILLION).await.is_ok()).await;
    refused(h, &call, MILLION).await;
}

async fn what_is_charged_with_an_invoice_is_not_counted_twice(h: &House) {
    let call = h.workspace().await;
    publish(h, &call, true).await;
    subscribed(h, &call).await;
    heard(h, &call).await;
    give(h, &call, 100, None).await;
    h.until(async || ask(h, &call, MILLION).await.is_ok()).await;
    h.hand.advance(TimeDelta::hours(1));
    h.until(async || h.charged(&call, h.now()).await.len() == 1).await;
    // The invoice of the next period takes thirty cents off the credits: seventy are left.
    let end = time(h.get(&call).await.current_period_end);
    h.at(end).await;
    h.at(h.now() + TimeDelta::minutes(1)).await;
    let invoice = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!((invoice.status.as_str(), invoice.total, invoice.credited), ("paid", 30, 30));
    tokio::time::sleep(Duration::from_secs(1)).await;
    ask(h, &call, MILLION).await.expect("thirty of seventy cents");
    ask(h, &call, MILLION).await.expect("sixty of seventy cents");
    refused(h, &call, MILLION).await;
}

async fn credits_that_expire_let_nobody_in(h: &House) {
    let call = h.workspace().await;
    publish(h, &call, true).await;
    subscribed(h, &call).await;
    heard(h, &call).await;
    give(h, &call, 1_000, Some(1)).await;
    h.until(async || ask(h, &call, MILLION).await.is_ok()).await;
    h.at(h.now() + TimeDelta::days(2)).await;
    h.until(async || ask(h, &call, MILLION).await.is_err()).await;
    refused(h, &call, MILLION).await;
}

async fn who_had_credits_before_the_plan_was_prepaid_is_let_in(h: &House) {
    let call = h.workspace().await;
    publish(h, &call, false).await;
    subscribed(h, &call).await;
    give(h, &call, 50, None).await;
    ask(h, &call, 10 * MILLION).await.expect("nothing is asked beforehand");
    publish(h, &call, true).await;
    h.at(h.now()).await;
    // Three dollars were used, and fifty cents are there.
    heard(h, &call).await;
    refused(h, &call, MILLION).await;
    give(h, &call, 400, None).await;
    h.until(async || ask(h, &call, MILLION).await.is_ok()).await;
}
