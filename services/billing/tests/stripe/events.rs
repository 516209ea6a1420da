//! What does a webhook make us look at?

use crate::house::House;
use aws_lc_rs::hmac;
use billing::{
    payment::{About, Notification, Provider as _, Trouble, Unverified},
    stripe::API_VERSION,
};
use serde_json::{Value, json};

const SECRET: &str = crate::house::WEBHOOK_SECRET;

fn notification(house: &House, body: &str, signature: String) -> Notification {
    let at = house.clock.now();
    Notification { channel: "stripe".to_owned(), body: body.into(), signature, secret: String::new(), at }
}

fn sign(secret: &str, at: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(tag))
}

fn event(version: &str, kind: &str, object: &Value) -> String {
    json!({
        "id": "evt_1", "object": "event", "api_version": version, "type": kind, "created": 1_796_000_000,
        "data": { "object": object }, "livemode": false, "request": { "id": null, "idempotency_key": null },
    })
    .to_string()
}

async fn about(house: &House, body: &str) -> Result<Vec<About>, Trouble> {
    house.stripe.read(&notification(house, body, String::new())).await
}

#[tokio::test]
async fn only_what_stripe_has_signed_just_now_is_taken_and_its_name_is_that_of_the_event() {
    let house = House::new().await;
    let (now, body) = (house.clock.now().timestamp(), event(API_VERSION, "plan.created", &json!({ "object": "plan" })));
    let verify = |signature: String| house.stripe.verify(&notification(&house, &body, signature));
    assert_eq!(verify(sign(SECRET, now, &body)), Ok("evt_1".to_owned()));
    assert_eq!(verify(sign("whsec_other", now, &body)), Err(Unverified::Unproved));
    assert_eq!(verify(sign(SECRET, now, "{}")), Err(Unverified::Unproved));
    for seconds in [301, -301] {
        assert_eq!(verify(sign(SECRET, now + seconds, &body)), Err(Unverified::Late));
    }
    assert_eq!(verify(String::new()), Err(Unverified::Unproved));
    let garbage = notification(&house, "[]", sign(SECRET, now, "[]"));
    assert_eq!(house.stripe.verify(&garbage), Err(Unverified::Malformed));
    let elsewhere =
        Notification { channel: "stripe.pix".to_owned(), ..notification(&house, &body, sign(SECRET, now, &body)) };
    assert_eq!(house.stripe.verify(&elsewhere), Err(Unverified::Unused));
}

#[tokio::test]
async fn an_event_of_a_version_that_is_not_known_is_taken_too() {
    let house = House::new().await;
    let now = house.clock.now().timestamp();
    for version in [json!("2031-01-01.zucchini"), json!(null)] {
        let body = json!({ "id": "evt_1", "type": "charge.updated", "api_version": version }).to_string();
        let signed = notification(&house, &body, sign(SECRET, now, &body));
        assert_eq!(house.stripe.verify(&signed), Ok("evt_1".to_owned()), "an alarm is logged, and nothing is lost");
    }
}

#[tokio::test]
async fn objects_of_both_shapes_lead_to_the_payment_that_they_name() {
    let house = House::new().await;
    let payment = house.order().payment;
    let noted = json!({ "payment_id": payment.to_string() });
    let (old_session, new_session) = (
        json!({ "id": "cs_test_a1", "object": "checkout.session", "client_reference_id": payment.to_string(),
                "metadata": noted, "amount_total": 1, "status": "complete",
                "payment_intent": { "id": "pi_1", "object": "payment_intent", "charges": { "data": [{ "id": "ch_1" }] } } }),
        json!({ "id": "cs_test_a1", "object": "checkout.session", "client_reference_id": payment.to_string(),
                "metadata": noted, "amount_total": 1, "status": "complete", "payment_intent": "pi_1",
                "adaptive_pricing": { "enabled": false } }),
    );
    let (old_intent, new_intent) = (
        json!({ "id": "pi_1", "object": "payment_intent", "metadata": noted, "charges": { "data": [{ "id": "ch_1" }] } }),
        json!({ "id": "pi_1", "object": "payment_intent", "metadata": noted, "latest_charge": "ch_1" }),
    );
    let (old_charge, new_charge) = (
        json!({ "id": "ch_1", "object": "charge", "metadata": noted, "payment_intent": "pi_1", "refunds": { "data": [] } }),
        json!({ "id": "ch_1", "object": "charge", "metadata": noted, "payment_intent": "pi_1" }),
    );
    for (kind, old, new) in [
        ("checkout.session.completed", old_session.clone(), new_session.clone()),
        ("checkout.session.expired", old_session.clone(), new_session.clone()),
        ("checkout.session.async_payment_succeeded", old_session.clone(), new_session.clone()),
        ("payment_intent.succeeded", old_intent.clone(), new_intent.clone()),
        ("payment_intent.canceled", old_intent, new_intent),
        ("charge.succeeded", old_charge.clone(), new_charge.clone()),
        ("charge.refunded", old_charge, new_charge),
    ] {
        for (version, object) in [("2022-08-01", old), (API_VERSION, new)] {
            let found = about(&house, &event(version, kind, &object)).await;
            assert_eq!(found, Ok(vec![About::Payment(payment)]), "{kind} {version}");
        }
    }
    assert_eq!(house.fake.with(|state| state.asked.len()), 0, "it could be read");
    let unnamed =
        json!({ "id": "cs_test_a1", "object": "checkout.session", "metadata": {}, "client_reference_id": null });
    let found = about(&house, &event(API_VERSION, "checkout.session.completed", &unnamed)).await;
    assert_eq!(found, Ok(vec![About::Reference("cs_test_a1".to_owned())]));
}

#[tokio::test]
async fn refunds_and_disputes_lead_to_the_payment_by_way_of_stripe() {
    let house = House::new().await;
    let (order, known) = house.created().await;
    let charge = house.fake.with(|state| state.pay(&known.reference));
    for object in [
        json!({ "id": "re_1", "object": "refund", "charge": charge, "payment_intent": "pi_0", "metadata": {} }),
        json!({ "id": "re_1", "object": "refund", "charge": charge, "payment_intent": null, "metadata": {} }),
        json!({ "id": "re_1", "object": "refund", "charge": { "id": charge, "object": "charge" } }),
        json!({ "id": "dp_1", "object": "dispute", "charge": charge }),
        json!({ "id": "ch_0", "object": "charge", "metadata": {}, "payment_intent": { "id": "pi_0" } }),
    ] {
        for kind in ["refund.updated", "charge.refund.updated", "charge.dispute.created"] {
            let found = about(&house, &event(API_VERSION, kind, &object)).await;
            assert_eq!(found, Ok(vec![About::Payment(order.payment)]), "{object}");
        }
    }
}

#[tokio::test]
async fn what_is_of_somebody_else_or_of_no_kind_that_matters_is_not_looked_at() {
    let house = House::new().await;
    let foreign =
        json!({ "id": "ch_9", "object": "charge", "metadata": { "payment_id": "4711" }, "payment_intent": "pi_9" });
    assert_eq!(about(&house, &event(API_VERSION, "charge.succeeded", &foreign)).await, Ok(vec![]));
    let missing = json!({ "id": "dp_1", "object": "dispute", "charge": "ch_9" });
    assert_eq!(about(&house, &event(API_VERSION, "charge.dispute.created", &missing)).await, Ok(vec![]));
    let asked = house.fake.with(|state| state.asked.len());
    // Before 2025 an invoice named its subscription, and since it names its parent; both are none of ours.
    let old = json!({ "id": "in_1", "object": "invoice", "subscription": "sub_1", "payment_intent": "pi_1" });
    let new =
        json!({ "id": "in_1", "object": "invoice", "parent": { "subscription_details": { "subscription": "sub_1" } } });
    for (kind, object) in [
        ("invoice.paid", &old),
        ("invoice.paid", &new),
        ("customer.subscription.updated", &json!({ "id": "sub_1", "object": "subscription" })),
        ("charge.new_kind", &json!({ "id": "x", "object": "new_thing" })),
        ("charge.succeeded", &json!(null)),
        ("charge.succeeded", &json!(["ch_1"])),
        ("nothing.known", &json!({ "id": "ch_1", "object": "charge" })),
    ] {
        assert_eq!(about(&house, &event(API_VERSION, kind, object)).await, Ok(vec![]), "{kind}");
    }
    let thin = json!({ "id": "evt_2", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered" });
    assert_eq!(about(&house, &thin.to_string()).await, Ok(vec![]));
    assert_eq!(house.fake.with(|state| state.asked.len()), asked, "and Stripe is not asked either");
}

#[tokio::test]
async fn stripe_being_away_is_said_so_that_the_event_is_read_again() {
    let house = House::new().await;
    let body = event(API_VERSION, "charge.dispute.created", &json!({ "object": "dispute", "charge": "ch_1" }));
    let gone = crate::house::config(&house.fake);
    // Nobody listens on the port of a listener that has gone.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = billing::stripe::Config { api_url: format!("http://127.0.0.1:{port}"), ..gone };
    let stripe = billing::stripe::Stripe::new(&config, &crate::house::guard(), &house.clock).unwrap();
    let read = stripe.read(&notification(&house, &body, String::new())).await;
    assert!(matches!(read, Err(Trouble::Away(_))), "{read:?}");
}
