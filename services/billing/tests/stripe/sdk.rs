//! Does Stripe's own SDK take the fake for Stripe, and ours what that signs?

use crate::{
    fake::Fault,
    house::{House, KEY, WEBHOOK_SECRET},
    run::run,
};
use billing::{
    payment::{Notification, Provider as _},
    stripe::API_VERSION,
};
use serde_json::json;

fn environment(house: &House) -> Vec<(&'static str, String)> {
    vec![
        ("STRIPE_URL", format!("http://{}", house.fake.address)),
        ("STRIPE_KEY", KEY.to_owned()),
        ("STRIPE_VERSION", API_VERSION.to_owned()),
        ("WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ("NOW", house.clock.now().timestamp().to_string()),
        ("PAYMENT", house.order().payment.to_string()),
        ("WORKSPACE", "ws_of_the_sdk".to_owned()),
    ]
}

#[tokio::test]
async fn the_official_sdk_makes_pays_looks_at_and_gives_back_what_we_do() {
    let house = House::new().await;
    let environment = environment(&house);
    // Of the session, not of what is made before it: its answer is lost, and the SDK asks again.
    house.fake.fail_at("/v1/checkout/sessions", Fault::Drop);
    let made = run("stripe_sdk.py", &["make"], &environment).await;
    let session = made["session"].as_str().unwrap();
    let kept = house.fake.with(|state| (state.sessions.len(), state.customers.len()));
    assert_eq!(kept, (2, 1), "what was asked for twice was made once");
    let charge = house.fake.with(|state| {
        state.try_to_pay(session, "failed");
        let charge = state.pay(session);
        let dispute = state.open_dispute(&charge, "needs_response");
        state.dispute(&dispute).moved.push(-12_345);
        charge
    });
    run("stripe_sdk.py", &["look", session, &charge], &environment).await;
    assert_eq!(
        house.fake.with(|state| (state.refunds.len(), state.refunds[0].refund_id.clone())),
        (1, "r1".to_owned())
    );
}

#[tokio::test]
async fn what_the_official_sdk_signs_we_take_and_the_other_way_round() {
    let house = House::new().await;
    let body = json!({
        "id": "evt_1", "object": "event", "api_version": API_VERSION, "type": "checkout.session.completed",
        "created": 1_796_000_000, "livemode": false, "data": { "object": { "id": "cs_1", "object": "checkout.session" } },
    });
    let body = body.to_string();
    let signed = run("stripe_sdk.py", &["sign", &body], &environment(&house)).await;
    let notification = Notification {
        channel: "stripe".to_owned(),
        body: body.into(),
        signature: signed["header"].as_str().unwrap().to_owned(),
        secret: String::new(),
        at: house.clock.now(),
    };
    assert_eq!(house.stripe.verify(&notification), Ok("evt_1".to_owned()));
}
