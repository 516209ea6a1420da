//! Charges that are paid by PIX.

use crate::fake::{Fault, KEY};
use crate::house::{House, known};
use billing::payment::{Known, Method, Provider as _, State, Trouble};
use chrono::TimeDelta;
use serde_json::json;

#[tokio::test]
async fn an_order_becomes_a_charge_with_all_that_a_payer_needs() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 12_345);
    let created = house.efi.create(&order).await.unwrap();
    assert_eq!(created.reference, order.payment.uuid().simple().to_string());
    assert_eq!(created.expires_at, Some(order.expires_at));
    let instructions = created.instructions;
    assert_eq!(instructions.pix_copy_paste.as_deref(), Some("00020126-1"));
    assert_eq!(instructions.pix_qr_png.as_deref(), Some("data:image/png;base64,AAAA"));
    assert_eq!(instructions.url.as_deref(), Some("https://pix.example/1"));
    let asked = house.fake.state().cobs[&created.reference].body.clone();
    assert_eq!(asked["valor"], json!({ "original": "123.45" }));
    assert_eq!(asked["devedor"], json!({ "cnpj": "12ABC34501DE35", "nome": "Empresa Exemplo Ltda" }));
    assert_eq!((&asked["chave"], &asked["calendario"]["expiracao"]), (&json!(KEY), &json!(259_200)));
    let truth = house.efi.look(&known(&order, &created.reference)).await.unwrap();
    assert_eq!((truth.state, truth.received), (State::Open, vec![]));
}

#[tokio::test]
async fn the_same_order_twice_is_one_charge() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 12_345);
    let first = house.efi.create(&order).await.unwrap();
    house.hand.advance(TimeDelta::minutes(1));
    assert_eq!(house.efi.create(&order).await, Ok(first));
    assert_eq!(house.fake.state().cobs.len(), 1);
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_one_charge_at_once_or_at_the_next_try() {
    let house = House::with(|config| config.timeout_seconds = 1).await;
    for fault in [Fault::Lost, Fault::Silent] {
        let order = house.order(Method::Pix, 100);
        house.fake.next("PUT /v2/cob", fault.clone());
        let created = house.efi.create(&order).await.unwrap();
        assert_eq!(house.efi.create(&order).await, Ok(created), "found at once after {fault:?}");

        let order = house.order(Method::Pix, 100);
        let before = house.fake.state().cobs.len();
        house.fake.next("PUT /v2/cob", fault.clone());
        house.fake.next("GET /v2/cob", Fault::Says(503, json!({})));
        let away = house.efi.create(&order).await;
        assert!(matches!(away, Err(Trouble::Away(_))), "{away:?}");
        house.efi.create(&order).await.unwrap();
        assert_eq!(house.fake.state().cobs.len(), before + 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_charge_of_the_same_name_that_differs_is_something_that_somebody_must_see() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 12_345);
    house.efi.create(&order).await.unwrap();
    let dearer = billing::payment::Order { amount: 12_346, ..order.clone() };
    assert!(matches!(house.efi.create(&dearer).await, Err(Trouble::Unexpected(_))));
    let reference = order.payment.uuid().simple().to_string();
    house.fake.state().cobs.get_mut(&reference).unwrap().body["chave"] = "another key".into();
    assert!(matches!(house.efi.create(&order).await, Err(Trouble::Unexpected(_))));
    assert!(matches!(house.efi.look(&known(&order, &reference)).await, Err(Trouble::Unexpected(_))));
}

#[tokio::test]
async fn every_pix_of_a_charge_counts_with_its_own_amount_and_one_to_another_key_does_not() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 10_000);
    let reference = house.efi.create(&order).await.unwrap().reference;
    let ids = {
        let mut fake = house.fake.state();
        let ours = fake.pay(Some(&reference), Some(KEY), "30.00");
        fake.pay(Some(&reference), Some("foreign@example.com"), "1000.00");
        let upper = fake.pay(Some(&reference), Some(&KEY.to_uppercase()), "0.01");
        let no_key = fake.pay(Some(&reference), None, "69.99");
        fake.pix[0].refunds = vec![
            ("a".to_owned(), "5.00".to_owned(), "DEVOLVIDO"),
            ("b".to_owned(), "2.50".to_owned(), "DEVOLVIDO"),
            ("c".to_owned(), "1.00".to_owned(), "EM_PROCESSAMENTO"),
            ("d".to_owned(), "1.00".to_owned(), "NAO_REALIZADO"),
        ];
        fake.conclude(&reference);
        [ours, upper, no_key]
    };
    let truth = house.efi.look(&known(&order, &reference)).await.unwrap();
    assert_eq!(truth.state, State::Paid);
    let seen: Vec<_> = truth.received.iter().map(|r| (r.id.clone(), r.amount, r.refunded)).collect();
    let [ours, upper, no_key] = ids;
    assert_eq!(seen, [(ours, 3000, 750), (upper, 1, 0), (no_key, 6999, 0)]);
    assert!(truth.received.iter().all(|r| r.reference.as_ref() == Some(&reference) && r.currency == "BRL"));
}

#[tokio::test]
async fn a_charge_whose_time_is_over_is_gone_although_efi_calls_it_active() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 100);
    let known = known(&order, &house.efi.create(&order).await.unwrap().reference);
    house.hand.set(order.expires_at - TimeDelta::seconds(1));
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Open);
    house.hand.set(order.expires_at);
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Gone);
    house.fake.state().cobs.get_mut(&known.reference).unwrap().status = "REMOVIDA_PELO_PSP";
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Gone);
    house.fake.state().conclude(&known.reference);
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Paid);
}

#[tokio::test]
async fn a_charge_is_cancelled_as_often_as_one_likes_and_one_that_was_paid_stays_paid() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 100);
    let first = known(&order, &house.efi.create(&order).await.unwrap().reference);
    for _ in 0..2 {
        assert_eq!(house.efi.cancel(&first).await, Ok(()));
    }
    assert_eq!(house.efi.look(&first).await.unwrap().state, State::Gone);
    let order = house.order(Method::Pix, 100);
    let paid = known(&order, &house.efi.create(&order).await.unwrap().reference);
    house.fake.state().conclude(&paid.reference);
    assert_eq!(house.efi.cancel(&paid).await, Ok(()));
    assert_eq!(house.efi.look(&paid).await.unwrap().state, State::Paid);
}

#[tokio::test]
async fn what_efi_does_not_know_is_unknown_and_no_reference_leads_to_another_address() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 100);
    for reference in
        ["0190a5d1c0de7abc8123456789abcdef", "", "../../oauth/token", "a/b", "0190a5d1c0de7abc8123456789abcdef?a"]
    {
        let nowhere = Known { reference: reference.to_owned(), ..known(&order, "") };
        assert_eq!(house.efi.look(&nowhere).await, Err(Trouble::Unknown), "{reference}");
        assert_eq!(house.efi.cancel(&nowhere).await, Err(Trouble::Unknown), "{reference}");
    }
    assert_eq!(house.fake.asked("GET /v2/cob") + house.fake.asked("PATCH"), 2);
}

#[tokio::test]
async fn a_charge_without_a_picture_is_payable_all_the_same() {
    let house = House::open().await;
    house.fake.next("GET /v2/loc", Fault::Says(500, json!({})));
    let created = house.efi.create(&house.order(Method::Pix, 100)).await.unwrap();
    assert!(created.instructions.pix_copy_paste.is_some() && created.instructions.pix_qr_png.is_none());
}

#[tokio::test]
async fn what_cannot_be_ordered_is_refused_before_efi_is_asked() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 100);
    for amount in [0, -1, 1_000_000_000_000] {
        let wrong = billing::payment::Order { amount, ..order.clone() };
        assert!(matches!(house.efi.create(&wrong).await, Err(Trouble::Refused(_))));
    }
    let late = billing::payment::Order { expires_at: house.clock.now(), ..order.clone() };
    assert!(matches!(house.efi.create(&late).await, Err(Trouble::Refused(_))));
    let dollars = billing::payment::Order { currency: "USD".to_owned(), ..order.clone() };
    assert!(matches!(house.efi.create(&dollars).await, Err(Trouble::Unsupported(_))));
    let card = billing::payment::Order { method: Method::Card, ..order };
    assert!(matches!(house.efi.create(&card).await, Err(Trouble::Unsupported(_))));
    assert_eq!(house.fake.asked(""), 0);
}

#[tokio::test]
async fn both_shapes_of_a_refusal_are_told_and_trouble_that_passes_is_none() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 100);
    for (status, body, told) in [
        (
            400,
            json!({ "nome": "chave_invalida", "mensagem": "A chave não existe" }),
            "chave_invalida: A chave não existe",
        ),
        (
            403,
            json!({ "type": "https://pix.bcb.gov.br/api/v2/error/AcessoNegado", "title": "Acesso Negado" }),
            "Acesso Negado",
        ),
        (404, json!({ "nome": "chave_nao_encontrada", "mensagem": "?" }), "chave_nao_encontrada"),
        (
            422,
            json!({ "title": "x", "violacoes": [{ "razao": "vazio", "propriedade": "cob.chave" }] }),
            "cob.chave: vazio",
        ),
    ] {
        house.fake.next("PUT /v2/cob", Fault::Says(status, body));
        let Err(Trouble::Refused(text)) = house.efi.create(&order).await else { panic!("{told} was taken") };
        assert!(text.contains(told), "{text}");
    }
    for status in [429, 500, 503] {
        house.fake.next("PUT /v2/cob", Fault::Says(status, json!({ "nome": "erro_aplicacao" })));
        assert!(matches!(house.efi.create(&order).await, Err(Trouble::Away(_))), "{status}");
    }
    house.fake.next("PUT /v2/cob", Fault::Says(200, json!({ "not": "a charge" })));
    assert!(matches!(house.efi.create(&order).await, Err(Trouble::Unexpected(_))));
    assert!(house.efi.create(&order).await.is_ok());
}
