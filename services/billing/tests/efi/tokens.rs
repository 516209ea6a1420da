//! Tokens, with which both APIs are called.

use crate::fake::Fault;
use crate::house::House;
use billing::payment::{Method, Provider as _, Trouble};
use chrono::TimeDelta;
use serde_json::json;

const NEW_TOKEN: &str = "POST /oauth/token";

async fn sixteen_at_once(house: &House) {
    let orders: Vec<_> = (0..16).map(|_| house.order(Method::Pix, 100)).collect();
    let made = futures::future::join_all(orders.iter().map(|order| house.efi.create(order))).await;
    assert!(made.iter().all(Result::is_ok), "{made:?}");
}

#[tokio::test]
async fn sixteen_calls_at_once_ask_for_one_token_and_use_it_until_shortly_before_its_end() {
    let house = House::open().await;
    sixteen_at_once(&house).await;
    assert_eq!(house.fake.asked(NEW_TOKEN), 1);
    house.hand.advance(TimeDelta::seconds(3539));
    sixteen_at_once(&house).await;
    assert_eq!(house.fake.asked(NEW_TOKEN), 1);
    house.hand.advance(TimeDelta::seconds(1));
    sixteen_at_once(&house).await;
    assert_eq!(house.fake.asked(NEW_TOKEN), 2);
}

#[tokio::test]
async fn sixteen_calls_whose_token_is_refused_ask_for_one_new_token_and_succeed() {
    let house = House::open().await;
    sixteen_at_once(&house).await;
    house.fake.state().forget_tokens();
    sixteen_at_once(&house).await;
    assert_eq!(house.fake.asked(NEW_TOKEN), 2);
    assert_eq!(house.fake.state().cobs.len(), 32);
}

#[tokio::test]
async fn a_call_that_is_refused_with_a_new_token_too_is_refused() {
    let house = House::open().await;
    for _ in 0..2 {
        house.fake.next("PUT /v2/cob", Fault::Says(401, json!({ "error": "invalid_token" })));
        // Refused things may be there already, which is asked.
        house.fake.next("GET /v2/cob", Fault::Says(401, json!({ "error": "invalid_token" })));
    }
    let order = house.order(Method::Pix, 100);
    assert!(matches!(house.efi.create(&order).await, Err(Trouble::Refused(_))));
    assert_eq!(house.fake.asked("PUT /v2/cob"), 2);
    assert!(house.efi.create(&order).await.is_ok());
}

#[tokio::test]
async fn a_token_that_cannot_be_had_is_trouble_that_passes_unless_efi_says_no() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 100);
    for fault in [Fault::Lost, Fault::Says(500, json!({})), Fault::Says(404, json!({}))] {
        house.fake.next(NEW_TOKEN, fault.clone());
        let away = house.efi.create(&order).await;
        assert!(matches!(away, Err(Trouble::Away(_))), "{fault:?}: {away:?}");
    }
    house.fake.next(NEW_TOKEN, Fault::Says(200, json!({ "token": "none" })));
    assert!(matches!(house.efi.create(&order).await, Err(Trouble::Unexpected(_))));
    assert_eq!(house.fake.asked("PUT"), 0);
    assert!(house.efi.create(&order).await.is_ok());
}

#[tokio::test]
async fn the_two_apis_have_tokens_of_their_own() {
    let house = House::open().await;
    house.efi.create(&house.order(Method::Boleto, 100)).await.unwrap();
    house.efi.create(&house.order(Method::Pix, 100)).await.unwrap();
    assert_eq!((house.fake.asked(NEW_TOKEN), house.fake.asked("POST /v1/authorize")), (1, 1));
}
