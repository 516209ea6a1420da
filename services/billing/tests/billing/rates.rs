//! Credits in another currency than the prices of models: what was charged at the rate of its day is not counted again at the one of today.

use crate::house::{House, time};
use chrono::TimeDelta;
use proto::{
    Call, Failure, Reason,
    billing::{
        Entitlement, GrantCreditsRequest, Plan, Price, PublishPlansRequest, SetSubscriptionRequest, UsageTerms,
        entitlement::Value,
    },
    usage::CredentialOwner::Platform,
};
use store::testing::Fresh;

/// A dollar is five reais in February and twenty in March.
const RATES: &str = r#"{"version": "test", "extends_built_in": true, "providers": [], "exchange_rates": [
    {"base": "USD", "date": "2027-01-01", "source": "a test", "rates": {"BRL": "5"}},
    {"base": "USD", "date": "2027-03-05", "source": "a test", "rates": {"BRL": "20"}}]}"#;
/// US$ 0.15 for a million tokens of input.
const MILLION: i64 = 1_000_000;

#[tokio::test]
async fn on_sqlite() {
    Box::pin(what_was_charged_is_not_counted_at_another_rate(House::sqlite().await)).await;
}

#[tokio::test]
async fn on_postgres() {
    if let Some(fresh) = House::postgres().await {
        Box::pin(what_was_charged_is_not_counted_at_another_rate(fresh)).await;
    }
}

async fn publish(h: &House, call: &Call, is_prepaid: bool) {
    let plan = Plan {
        name: "as-you-go".to_owned(),
        titles: [("en".to_owned(), "As you go".to_owned())].into(),
        prices: vec![Price { currency: "BRL".to_owned(), interval: "month".to_owned(), unit_amount: 0 }],
        entitlements: [("usage_prepaid".to_owned(), Entitlement { value: Some(Value::Flag(is_prepaid)) })].into(),
        usage: Some(UsageTerms::default()),
        ..Plan::default()
    };
    let request = PublishPlansRequest { plans: vec![plan] };
    h.billing.publish_plans(&h.operator(call), request).await.expect("it is published");
}

async fn ask(h: &House, call: &Call, tokens: i64) -> Result<(), Failure> {
    h.used_on(call, "as-you-go", Platform, tokens).await
}

async fn what_was_charged_is_not_counted_at_another_rate(fresh: [Fresh; 3]) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("prices.json");
    std::fs::write(&file, RATES).expect("it is written");
    let h = &House::with_rates(fresh, file.display().to_string()).await;
    let call = h.workspace().await;
    publish(h, &call, false).await;
    let request = SetSubscriptionRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        plan: "as-you-go".to_owned(),
        collection_method: "send_invoice".to_owned(),
        ..SetSubscriptionRequest::default()
    };
    h.billing.set_subscription(&h.operator(&call), request).await.expect("it is set");
    // Three dollars in February, which are fifteen reais then and would be sixty a week later.
    ask(h, &call, 20 * MILLION).await.expect("nothing is asked beforehand");
    h.hand.advance(TimeDelta::hours(1));
    h.until(async || h.charged(&call, h.now()).await.len() == 1).await;
    h.at(time(h.get(&call).await.current_period_end)).await;
    h.at(h.now() + TimeDelta::minutes(1)).await;
    assert_eq!(h.invoices(&call).await.pop().expect("an invoice").total, 1_500);
    h.at(h.now() + TimeDelta::days(7)).await;
    publish(h, &call, true).await;
    h.at(h.now()).await;
    h.until(async || ask(h, &call, 1).await.is_err()).await;
    // Ten reais are half a dollar now, and a million tokens three reais.
    let request = GrantCreditsRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        amount: 1_000,
        currency: "BRL".to_owned(),
        ..GrantCreditsRequest::default()
    };
    h.billing.grant_credits(&h.operator(&call), request).await.expect("they are given");
    h.until(async || ask(h, &call, MILLION).await.is_ok()).await;
    for _ in 0..2 {
        ask(h, &call, MILLION).await.expect("nine of ten reais");
    }
    let failure = ask(h, &call, MILLION).await.expect_err("twelve of ten reais");
    assert_eq!((failure.reason, failure.get("layer")), (Reason::BudgetExceeded, Some("plan")), "{failure:?}");
}
