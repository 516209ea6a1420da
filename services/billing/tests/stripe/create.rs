//! What becomes of an order?

use crate::{
    fake::Fault,
    house::{self, House},
};
use billing::{
    payment::{Created, Method, Order, Provider as _, Trouble},
    stripe::{Config, Stripe},
};
use chrono::TimeDelta;

fn sessions(house: &House) -> usize {
    house.fake.with(|state| state.sessions.len())
}

fn asked(house: &House) -> Vec<String> {
    house.fake.with(|state| std::mem::take(&mut state.asked))
}

#[tokio::test]
async fn an_order_becomes_a_page_on_which_exactly_that_is_paid_by_card() {
    let house = House::new().await;
    let order = house.order();
    let Created { reference, instructions, expires_at } = house.create(&order).await.unwrap();
    assert_eq!(instructions.url, Some(format!("https://checkout.stripe.com/c/pay/{reference}")));
    assert_eq!(expires_at, Some(house.clock.now() + TimeDelta::days(1)), "Stripe keeps no session for longer");
    let sent = house.fake.with(|state| state.sent.clone());
    let payment = order.payment.to_string();
    for (name, value) in [
        ("mode", "payment"),
        ("allowed_payment_method_types[0]", "card"),
        ("adaptive_pricing[enabled]", "false"),
        ("customer_creation", "if_required"),
        ("client_reference_id", &payment),
        ("metadata[payment_id]", &payment),
        ("payment_intent_data[metadata][payment_id]", &payment),
        ("line_items[0][price_data][unit_amount]", "12345"),
        ("line_items[0][price_data][currency]", "brl"),
        ("line_items[0][price_data][product_data][name]", "Invoice 2026-0042"),
        ("success_url", "https://app.example.com/paid?a=1&b=2"),
        ("cancel_url", "https://app.example.com/"),
        ("customer_email", "ana@example.com"),
    ] {
        assert_eq!(sent.iter().find(|(known, _)| known == name).map(|(_, is)| is.as_str()), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_session_ends_with_its_order_but_not_before_half_an_hour() {
    let house = House::new().await;
    for (minutes, ends) in [(120, 120), (5, 31)] {
        let order = Order { expires_at: house.clock.now() + TimeDelta::minutes(minutes), ..house.order() };
        let created = house.create(&order).await.unwrap();
        assert_eq!(created.expires_at, Some(house.clock.now() + TimeDelta::minutes(ends)));
    }
}

#[tokio::test]
async fn the_same_order_again_is_the_same_session() {
    let house = House::new().await;
    let order = house.order();
    let first = house.create(&order).await.unwrap();
    house.later(TimeDelta::minutes(20));
    assert_eq!(house.create(&order).await.unwrap(), first);
    house.create(&house.order()).await.unwrap();
    assert_eq!(sessions(&house), 2, "another order is another session");
}

#[tokio::test]
async fn the_same_order_with_an_end_that_had_to_be_moved_is_found_again() {
    let house = House::new().await;
    let order = Order { expires_at: house.clock.now() + TimeDelta::minutes(5), ..house.order() };
    let first = house.create(&order).await.unwrap();
    house.later(TimeDelta::minutes(20));
    // Half an hour from now is another end, so Stripe refuses the key.
    assert_eq!(house.create(&order).await.unwrap(), first);
    assert_eq!(sessions(&house), 1);
}

#[tokio::test]
async fn a_lost_answer_makes_one_session() {
    let house = House::new().await;
    let order = house.order();
    house.fake.fail([Fault::Drop]);
    let created = house.create(&order).await.unwrap();
    assert_eq!((sessions(&house), asked(&house).len()), (1, 2), "it was asked for again at once");

    let order = house.order();
    house.fake.fail([Fault::Drop, Fault::Drop]);
    assert!(matches!(house.create(&order).await, Err(Trouble::Away(_))));
    assert_eq!(house.create(&order).await.unwrap().reference, "cs_test_1");
    assert_ne!(created.reference, "cs_test_1");
    assert_eq!(sessions(&house), 2);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_makes_one_session() {
    let house = House::new().await;
    let order = house.order();
    house.fake.fail([Fault::Silence]);
    let config = Config { timeout_seconds: 1, ..house::config(&house.fake) };
    let hasty = Stripe::new(&config, &house::guard(), &house.clock).unwrap();
    let Err(Trouble::Away(why)) = hasty.create(&order).await else { panic!("away") };
    assert!(why.contains("deadline"), "{why}");
    house.create(&order).await.unwrap();
    assert_eq!(sessions(&house), 1);
}

#[tokio::test]
async fn a_failure_that_stripe_keeps_is_looked_behind_before_anything_is_made_again() {
    let house = House::new().await;
    for (done, made) in [(true, 1), (false, 2)] {
        let order = house.order();
        house.fake.fail([Fault::Break { done }]);
        let created = house.create(&order).await.unwrap();
        assert_eq!(sessions(&house), made);
        let looked = asked(&house).iter().any(|call| call == "GET /v1/checkout/sessions");
        assert!(looked, "it was looked for");
        let again = house.create(&order).await.unwrap();
        assert_eq!((again, sessions(&house)), (created, made), "and the order stays the same session");
        asked(&house);
    }
}

#[tokio::test]
async fn two_failures_are_nothing_that_makes_a_third_session_possible() {
    let house = House::new().await;
    let order = house.order();
    house.fake.fail([Fault::Break { done: false }, Fault::Break { done: true }]);
    assert!(matches!(house.create(&order).await, Err(Trouble::Away(_))));
    // What the second one had made is found now.
    house.create(&order).await.unwrap();
    assert_eq!(sessions(&house), 1);
}

#[tokio::test]
async fn a_session_among_very_many_is_found() {
    let house = House::new().await;
    let order = house.order();
    house.fake.fail([Fault::Break { done: true }]);
    // The failure is kept; others are made before anybody comes again.
    let first = house.create(&order).await.unwrap();
    for _ in 0..120 {
        house.create(&house.order()).await.unwrap();
    }
    asked(&house);
    assert_eq!(house.create(&order).await.unwrap(), first);
    assert_eq!(asked(&house).len(), 3, "one call, and two pages");
}

#[tokio::test]
async fn what_stripe_says_of_trying_again_is_obeyed() {
    let house = House::new().await;
    let refuse = |status, should_retry| Fault::Refuse { status, should_retry };
    for (fault, calls) in [(refuse(429, None), 1), (refuse(409, None), 1)] {
        house.fake.fail([fault]);
        assert!(matches!(house.create(&house.order()).await, Err(Trouble::Away(_))));
        assert_eq!(asked(&house).len(), calls, "whoever waits is the caller");
    }
    house.fake.fail([refuse(429, Some(true))]);
    house.create(&house.order()).await.unwrap();
    assert_eq!(asked(&house).len(), 2, "at once");
    house.fake.fail([refuse(409, Some(false))]);
    assert!(matches!(house.create(&house.order()).await, Err(Trouble::Refused(_))));
    house.fake.fail([refuse(402, None)]);
    let Err(Trouble::Refused(why)) = house.create(&house.order()).await else { panic!("refused") };
    assert_eq!(why, "status 402: api_error: : not now");
}

#[tokio::test]
async fn a_session_that_asks_for_another_amount_is_not_handed_out() {
    let house = House::new().await;
    house.fake.with(|state| state.on_top = 100);
    assert!(matches!(house.create(&house.order()).await, Err(Trouble::Unexpected(_))));
}

#[tokio::test]
async fn what_cannot_be_done_through_stripe_is_said_without_a_call() {
    let house = House::new().await;
    let order = house.order();
    for order in [
        Order { method: Method::Pix, ..order.clone() },
        Order { currency: "UGX".to_owned(), ..order.clone() },
        Order { success_url: None, ..order.clone() },
    ] {
        assert!(matches!(house.create(&order).await, Err(Trouble::Unsupported(_))));
    }
    assert_eq!(asked(&house), [""; 0]);
    assert_eq!(house.stripe.methods("BRL"), [Method::Card]);
    assert_eq!(house.stripe.methods("UGX"), []);
}
