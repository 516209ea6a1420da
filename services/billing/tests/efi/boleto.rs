//! Charges that are paid by boleto.

use crate::fake::Fault;
use crate::house::{House, known};
use billing::payment::{Method, Order, Payer, Provider as _, State, Trouble};
use chrono::TimeDelta;
use serde_json::json;

#[tokio::test]
async fn an_order_becomes_a_boleto_that_a_pix_can_pay_as_well() {
    let house = House::open().await;
    let order = house.order(Method::Boleto, 12_345);
    let created = house.efi.create(&order).await.unwrap();
    assert_eq!(created.reference, "700000001");
    // Due on Thursday, which ends in Brasília at three in the morning.
    assert_eq!(created.expires_at, Some("2027-02-05T03:00:00Z".parse().unwrap()));
    let instructions = created.instructions;
    assert!(
        instructions.boleto_barcode.is_some() && instructions.boleto_pdf_url.is_some() && instructions.url.is_some()
    );
    assert_eq!(instructions.pix_copy_paste.as_deref(), Some("00020101-700000001"));
    assert_eq!(instructions.pix_qr_png, None, "the picture is no PNG");
    let body = house.fake.state().boletos[&700_000_001].body.clone();
    assert_eq!(body["items"], json!([{ "name": "Perpetuo Pro, February", "value": 12_345, "amount": 1 }]));
    assert_eq!(body["metadata"]["custom_id"], order.payment.to_string());
    // Efí repeats the secret when it tells of the boleto.
    let told = "https://example.com/v1/billing/notifications/efi?hmac=a+secret+of+at+least+sixteen";
    assert_eq!(body["metadata"]["notification_url"], json!(told));
    let billet = &body["payment"]["banking_billet"];
    assert_eq!(
        (&billet["expire_at"], &billet["configurations"]["days_to_write_off"]),
        (&json!("2027-02-04"), &json!(0))
    );
    assert_eq!(billet["customer"]["juridical_person"]["cnpj"], "12ABC34501DE35");
}

#[tokio::test]
async fn a_boleto_that_is_due_when_no_bank_works_can_be_paid_until_they_do() {
    let house = House::open().await;
    // The Saturday before Carnival; banks work again on Wednesday.
    let order = Order { expires_at: "2027-02-06T15:00:00Z".parse().unwrap(), ..house.order(Method::Boleto, 100) };
    let created = house.efi.create(&order).await.unwrap();
    let end = "2027-02-11T03:00:00Z".parse().unwrap();
    assert_eq!(created.expires_at, Some(end));
    house.hand.set(end - TimeDelta::seconds(1));
    let known = known(&order, &created.reference);
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Open);
    house.hand.set(end);
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Gone);
}

#[tokio::test]
async fn the_same_order_twice_or_at_the_same_time_is_one_boleto() {
    let house = House::open().await;
    let order = house.order(Method::Boleto, 100);
    let all = futures::future::join_all((0..8).map(|_| house.efi.create(&order))).await;
    house.hand.advance(TimeDelta::days(2));
    let later = house.efi.create(&order).await;
    assert!(all.iter().all(|created| created == &later && created.is_ok()), "{all:?} {later:?}");
    assert_eq!(house.fake.state().boletos.len(), 1);
    assert_eq!(house.fake.asked("POST /v1/charge/one-step"), 1);
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_one_boleto_at_once_or_at_the_next_try() {
    let house = House::with(|config| config.timeout_seconds = 1).await;
    for (count, fault) in [Fault::Lost, Fault::Silent].into_iter().enumerate() {
        let order = house.order(Method::Boleto, 100);
        house.fake.next("POST /v1/charge/one-step", fault.clone());
        house.efi.create(&order).await.unwrap();
        let order = house.order(Method::Boleto, 100);
        house.fake.next("POST /v1/charge/one-step", fault.clone());
        house.fake.next("GET /v1/charge/", Fault::Says(500, json!({})));
        let away = house.efi.create(&order).await;
        assert!(matches!(away, Err(Trouble::Away(_))), "{away:?}");
        house.efi.create(&order).await.unwrap();
        assert_eq!(house.fake.state().boletos.len(), (count + 1) * 2, "{fault:?}");
    }
}

#[tokio::test]
async fn without_a_look_at_what_there_is_no_boleto_is_made() {
    let house = House::open().await;
    house.fake.next("GET /v1/charges", Fault::Says(502, json!({})));
    let away = house.efi.create(&house.order(Method::Boleto, 100)).await;
    assert!(matches!(away, Err(Trouble::Away(_))), "{away:?}");
    assert_eq!(house.fake.state().boletos.len(), 0);
}

#[tokio::test]
async fn a_boleto_of_this_payment_with_another_amount_is_something_that_somebody_must_see() {
    let house = House::open().await;
    let order = house.order(Method::Boleto, 100);
    house.efi.create(&order).await.unwrap();
    let dearer = Order { amount: 101, ..order };
    assert!(matches!(house.efi.create(&dearer).await, Err(Trouble::Unexpected(_))));
}

#[tokio::test]
async fn what_was_paid_counts_and_not_what_was_asked_for() {
    let house = House::open().await;
    let order = house.order(Method::Boleto, 10_000);
    let known = known(&order, &house.efi.create(&order).await.unwrap().reference);
    house.hand.advance(TimeDelta::days(1));
    house.fake.state().pay_boleto(700_000_001, 9_990);
    let truth = house.efi.look(&known).await.unwrap();
    assert_eq!((truth.state, truth.received.len()), (State::Paid, 1));
    let received = &truth.received[0];
    assert_eq!((received.amount, received.refunded, received.at), (9_990, 0, house.clock.now()));
    assert_eq!((received.id.as_str(), received.reference.as_deref()), ("700000001", Some("700000001")));
}

#[tokio::test]
async fn a_boleto_of_somebody_else_is_never_taken_for_ours() {
    let house = House::open().await;
    let order = house.order(Method::Boleto, 100);
    let foreign =
        house.fake.state().add_boleto(json!({ "items": [{ "value": 100 }], "metadata": { "custom_id": "x" } }));
    house.fake.state().pay_boleto(foreign, 100);
    let looked = house.efi.look(&known(&order, &foreign.to_string())).await;
    assert!(matches!(looked, Err(Trouble::Unexpected(_))), "{looked:?}");
    for reference in ["1", "", "one-step", "1/cancel", "12345678901234567890"] {
        assert_eq!(house.efi.look(&known(&order, reference)).await, Err(Trouble::Unknown), "{reference}");
    }
}

#[tokio::test]
async fn a_boleto_is_cancelled_as_often_as_one_likes_and_one_that_was_paid_stays_paid() {
    let house = House::open().await;
    let order = house.order(Method::Boleto, 100);
    let first = known(&order, &house.efi.create(&order).await.unwrap().reference);
    for _ in 0..2 {
        assert_eq!(house.efi.cancel(&first).await, Ok(()));
    }
    assert_eq!(house.efi.look(&first).await.unwrap().state, State::Gone);
    let order = house.order(Method::Boleto, 100);
    let paid = known(&order, &house.efi.create(&order).await.unwrap().reference);
    house.fake.state().pay_boleto(700_000_002, 100);
    assert_eq!(house.efi.cancel(&paid).await, Ok(()));
    assert_eq!(house.efi.look(&paid).await.unwrap().state, State::Paid);
    house.fake.state().boletos.get_mut(&700_000_002).unwrap().status = "identified";
    assert!(matches!(house.efi.cancel(&paid).await, Err(Trouble::Refused(_))));
}

#[tokio::test]
async fn a_payer_of_whom_something_is_missing_is_told_what_before_efi_is_asked() {
    let house = House::open().await;
    let order = house.order(Method::Boleto, 100);
    let nobody = Order { payer: Payer::default(), ..order.clone() };
    let Err(Trouble::Refused(text)) = house.efi.create(&nobody).await else { panic!("nobody was taken") };
    assert!(text.contains("name"), "{text}");
    assert_eq!(house.fake.asked(""), 0);
    let mut nowhere = order;
    nowhere.payer.address.as_mut().unwrap().state = "XX".to_owned();
    let Err(Trouble::Refused(text)) = house.efi.create(&nowhere).await else { panic!("a wrong state was taken") };
    assert!(text.contains("validation_error") && text.contains("/customer/address/state: inválido"), "{text}");
}
