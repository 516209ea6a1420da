//! What has become of a session?

use crate::{fake::Shape, house::House};
use billing::payment::{Known, Method, Provider as _, Received, State, Trouble};
use chrono::TimeDelta;

#[tokio::test]
async fn a_session_is_open_until_it_is_paid_and_then_its_charge_is_what_came() {
    for shape in [Shape::New, Shape::Old] {
        let house = House::new().await;
        house.fake.with(|state| state.shape = shape);
        let (order, known) = house.created().await;
        let truth = house.stripe.look(&known).await.unwrap();
        assert_eq!((truth.state, truth.received), (State::Open, vec![]), "{shape:?}");

        house.later(TimeDelta::minutes(3));
        let id = house.fake.with(|state| {
            state.try_to_pay(&known.reference, "failed");
            state.pay(&known.reference)
        });
        let truth = house.stripe.look(&known).await.unwrap();
        let received = Received {
            id,
            reference: Some(known.reference.clone()),
            amount: order.amount,
            currency: "BRL".to_owned(),
            at: house.clock.now(),
            ..Received::default()
        };
        assert_eq!((truth.state, truth.received), (State::Paid, vec![received]), "{shape:?}");
    }
}

#[tokio::test]
async fn amount_and_currency_are_those_of_the_charge_and_what_was_given_back_shows() {
    let house = House::new().await;
    let (_, known) = house.created().await;
    house.fake.with(|state| {
        let charge = state.pay(&known.reference);
        state.charges[0].amount = 999;
        state.charges[0].currency = "usd".to_owned();
        state.give_back(&charge, 300);
        state.give_back(&charge, 100);
    });
    let received = house.stripe.look(&known).await.unwrap().received;
    assert_eq!((received[0].amount, received[0].currency.as_str(), received[0].refunded), (999, "USD", 400));
}

#[tokio::test]
async fn money_on_its_way_leaves_a_session_open_and_its_end_closes_it() {
    let house = House::new().await;
    let (_, known) = house.created().await;
    house.fake.with(|state| {
        state.try_to_pay(&known.reference, "pending");
        state.session(&known.reference).status = "complete";
    });
    let truth = house.stripe.look(&known).await.unwrap();
    assert_eq!((truth.state, truth.received), (State::Open, vec![]));
    house.fake.with(|state| state.session(&known.reference).status = "expired");
    assert_eq!(house.stripe.look(&known).await.unwrap().state, State::Gone);
}

#[tokio::test]
async fn a_paid_session_whose_charge_cannot_be_seen_yet_is_asked_for_again() {
    let house = House::new().await;
    let (_, known) = house.created().await;
    house.fake.with(|state| {
        state.pay(&known.reference);
        state.charges_lag = true;
    });
    assert!(matches!(house.stripe.look(&known).await, Err(Trouble::Away(_))));
    house.fake.with(|state| state.charges_lag = false);
    assert_eq!(house.stripe.look(&known).await.unwrap().state, State::Paid);
}

#[tokio::test]
async fn a_session_of_another_payment_or_of_somebody_else_is_not_ours() {
    let house = House::new().await;
    let ((_, mine), (_, other)) = (house.created().await, house.created().await);
    house.fake.with(|state| state.pay(&other.reference));
    let swapped = Known { reference: other.reference.clone(), ..mine.clone() };
    assert!(matches!(house.stripe.look(&swapped).await, Err(Trouble::Unexpected(_))));
    // A payer can choose the reference in a payment link, and nobody else's metadata.
    house.fake.with(|state| state.session(&other.reference).payment = Some(mine.payment.to_string()));
    assert!(matches!(house.stripe.look(&swapped).await, Err(Trouble::Unexpected(_))));
    house.fake.with(|state| state.session(&mine.reference).payment = None);
    assert!(matches!(house.stripe.look(&mine).await, Err(Trouble::Unexpected(_))));
}

#[tokio::test]
async fn what_is_not_there_or_cannot_be_a_session_is_unknown() {
    let house = House::new().await;
    let (_, known) = house.created().await;
    let calls = house.fake.with(|state| state.asked.len());
    for (reference, asked) in [("cs_test_none", 1), ("cs_a/../../refunds", 0), ("ch_1", 0), ("", 0), ("cs_", 0)] {
        let known = Known { reference: reference.to_owned(), ..known.clone() };
        let before = house.fake.with(|state| state.asked.len());
        assert_eq!(house.stripe.look(&known).await, Err(Trouble::Unknown), "{reference}");
        assert_eq!(house.fake.with(|state| state.asked.len()) - before, asked, "{reference}");
        assert_eq!(house.stripe.cancel(&known).await, Err(Trouble::Unknown), "{reference}");
    }
    assert!(house.fake.with(|state| state.asked.len()) > calls);
    let pix = Known { method: Method::Pix, ..known };
    assert!(matches!(house.stripe.look(&pix).await, Err(Trouble::Unsupported(_))));
}

#[tokio::test]
async fn a_closed_session_is_gone_and_closing_it_twice_changes_nothing() {
    let house = House::new().await;
    let (_, known) = house.created().await;
    for _ in 0..2 {
        house.stripe.cancel(&known).await.unwrap();
        assert_eq!(house.stripe.look(&known).await.unwrap().state, State::Gone);
    }
}

#[tokio::test]
async fn a_paid_session_stays_paid_when_it_is_closed() {
    let house = House::new().await;
    let (order, known) = house.created().await;
    house.fake.with(|state| state.pay(&known.reference));
    house.stripe.cancel(&known).await.unwrap();
    let truth = house.stripe.look(&known).await.unwrap();
    assert_eq!((truth.state, truth.received[0].amount), (State::Paid, order.amount));
}
