//! Is money given back once?

use crate::{
    fake::{Fault, State},
    house::House,
};
use billing::payment::{Method, Provider as _, Refund, RefundStatus, Trouble};

async fn paid() -> (House, Refund) {
    let house = House::new().await;
    let (_, known) = house.created().await;
    let received = house.fake.with(|state| state.pay(&known.reference));
    let refund = Refund {
        id: "0190a5d1c0de7abc8123456789abcdef".to_owned(),
        received,
        reference: known.reference,
        method: Method::Card,
        amount: 2_345,
        currency: "BRL".to_owned(),
    };
    (house, refund)
}

fn given_back(house: &House) -> (usize, i64) {
    house.fake.with(|state| (state.refunds.len(), state.charges[0].refunded))
}

#[tokio::test]
async fn the_same_refund_again_is_one_refund_also_when_stripe_has_forgotten_the_key() {
    let (house, refund) = paid().await;
    for _ in 0..2 {
        assert_eq!(house.stripe.refund(&refund).await, Ok(RefundStatus::Done));
    }
    house.fake.with(State::forget_keys);
    assert_eq!(house.stripe.refund(&refund).await, Ok(RefundStatus::Done));
    assert_eq!(given_back(&house), (1, 2_345));
    let other = Refund { id: "other".to_owned(), amount: 10_000, ..refund };
    assert_eq!(house.stripe.refund(&other).await, Ok(RefundStatus::Done));
    assert_eq!(given_back(&house), (2, 12_345));
}

#[tokio::test]
async fn a_lost_answer_or_a_failure_makes_one_refund() {
    for faults in [vec![Fault::Drop], vec![Fault::Break { done: true }], vec![Fault::Break { done: false }]] {
        let (house, refund) = paid().await;
        house.fake.fail(faults);
        for _ in 0..2 {
            assert_eq!(house.stripe.refund(&refund).await, Ok(RefundStatus::Done));
        }
        assert_eq!(given_back(&house), (1, 2_345));
    }
    let (house, refund) = paid().await;
    house.fake.fail([Fault::Drop, Fault::Drop]);
    assert!(matches!(house.stripe.refund(&refund).await, Err(Trouble::Away(_))));
    assert_eq!(house.stripe.refund(&refund).await, Ok(RefundStatus::Done));
    assert_eq!(given_back(&house), (1, 2_345));
}

#[tokio::test]
async fn what_becomes_of_a_refund_is_what_stripe_says_now() {
    let (house, refund) = paid().await;
    house.fake.with(|state| state.refunds_begin = "pending");
    assert_eq!(house.stripe.refund(&refund).await, Ok(RefundStatus::Pending));
    for (status, is) in [("succeeded", RefundStatus::Done), ("failed", RefundStatus::Failed)] {
        house.fake.with(|state| state.refunds[0].status = status);
        assert_eq!(house.stripe.refund(&refund).await, Ok(is));
    }
    assert_eq!(given_back(&house).0, 1);
}

#[tokio::test]
async fn what_cannot_be_given_back_is_refused() {
    let (house, refund) = paid().await;
    let too_much = Refund { amount: 12_346, ..refund.clone() };
    let Err(Trouble::Refused(why)) = house.stripe.refund(&too_much).await else { panic!("refused") };
    assert!(why.contains("greater than unrefunded"), "{why}");
    let other_currency = Refund { currency: "USD".to_owned(), ..refund.clone() };
    assert!(matches!(house.stripe.refund(&other_currency).await, Err(Trouble::Refused(_))));
    for received in ["ch_none", "cs_test_0", "ch_0/../../refunds", ""] {
        let other = Refund { received: received.to_owned(), ..refund.clone() };
        assert_eq!(house.stripe.refund(&other).await, Err(Trouble::Unknown), "{received}");
    }
    assert_eq!(given_back(&house), (0, 0));
}
