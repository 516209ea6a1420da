//! What Efí tells by itself.

use crate::house::House;
use billing::payment::{About, Method, Notification, Provider as _, Trouble, Unverified};
use chrono::TimeDelta;
use serde_json::json;

const SECRET: &str = "a secret of at least sixteen";

fn notification(house: &House, channel: &str, body: &str, secret: &str) -> Notification {
    Notification {
        channel: channel.to_owned(),
        body: body.as_bytes().to_vec(),
        signature: String::new(),
        secret: secret.to_owned(),
        at: house.clock.now(),
    }
}

#[tokio::test]
async fn a_webhook_is_believed_to_be_efis_only_with_the_secret_and_the_same_is_the_same() {
    let house = House::open().await;
    let payment = house.order(Method::Pix, 100).payment;
    let body = json!({ "pix": [{ "txid": payment.uuid().simple().to_string(), "valor": "9999.99" }] }).to_string();
    for wrong in ["", "a secret of at least sixteem", "a secret of at least sixteen "] {
        let verified = house.efi.verify(&notification(&house, "efi.pix", &body, wrong));
        assert_eq!(verified, Err(Unverified::Unproved));
    }
    let name = house.efi.verify(&notification(&house, "efi.pix", &body, SECRET)).unwrap();
    house.hand.advance(TimeDelta::hours(1));
    assert_eq!(house.efi.verify(&notification(&house, "efi.pix", &body, SECRET)), Ok(name.clone()));
    assert_ne!(house.efi.verify(&notification(&house, "efi.pix", r#"{"pix":[]}"#, SECRET)), Ok(name));
    let garbage = house.efi.verify(&notification(&house, "efi.pix", "[1]", SECRET));
    assert_eq!(garbage, Err(Unverified::Malformed));
    let about = house.efi.read(&notification(&house, "efi.pix", &body, "")).await;
    assert_eq!(about, Ok(vec![About::Payment(payment)]));
    assert_eq!(house.fake.asked(""), 0, "a webhook alone asks for nothing");
}

#[tokio::test]
async fn nothing_is_expected_where_it_is_not_set_up() {
    let without = House::with(|config| {
        (config.webhook_secret, config.notification_url, config.boletos) = (None, None, false);
    })
    .await;
    for (channel, body) in
        [("efi.pix", r#"{"pix":[]}"#), ("efi.charges", "notification=a"), ("efi.other", ""), ("efi", "")]
    {
        let verified = without.efi.verify(&notification(&without, channel, body, ""));
        assert_eq!(verified, Err(Unverified::Unused), "{channel}");
    }
}

#[tokio::test]
async fn a_notification_of_a_boleto_is_asked_for_at_efi_and_leads_to_its_payment_alone() {
    let house = House::open().await;
    let order = house.order(Method::Boleto, 100);
    house.efi.create(&order).await.unwrap();
    let foreign = house.fake.state().add_boleto(json!({ "metadata": { "custom_id": "of another system" } }));
    house.fake.state().notifications.insert("tok-1".to_owned(), vec![700_000_001, foreign, 700_000_001]);
    let guessed = house.efi.verify(&notification(&house, "efi.charges", "notification=tok-1", "guessed"));
    assert_eq!(guessed, Err(Unverified::Unproved));
    let padded = format!("notification=tok-1&x={}", "x".repeat(2048));
    let padded = house.efi.verify(&notification(&house, "efi.charges", &padded, SECRET));
    assert_eq!(padded, Err(Unverified::Malformed));
    let told = notification(&house, "efi.charges", "notification=tok-1", SECRET);
    let name = house.efi.verify(&told).unwrap();
    assert_eq!(house.efi.read(&told).await, Ok(vec![About::Payment(order.payment)]));
    house.hand.advance(TimeDelta::seconds(1));
    let again = notification(&house, "efi.charges", "notification=tok-1", SECRET);
    assert_ne!(house.efi.verify(&again), Ok(name), "the token stays the same when something new has happened");
}

#[tokio::test]
async fn a_token_that_somebody_made_up_is_about_nothing() {
    let house = House::open().await;
    let made_up = notification(&house, "efi.charges", "notification=made-up", "");
    assert_eq!(house.efi.read(&made_up).await, Ok(vec![]));
    for body in ["", "notification=", "notification=../charge/1", "token=a"] {
        let verified = house.efi.verify(&notification(&house, "efi.charges", body, SECRET));
        assert_eq!(verified, Err(Unverified::Malformed), "{body}");
    }
    assert_eq!(house.fake.asked("GET"), 1);
    house.fake.next("GET /v1/notification", crate::fake::Fault::Says(500, json!({})));
    assert!(matches!(house.efi.read(&made_up).await, Err(Trouble::Away(_))), "it may be true, and is looked at later");
}
