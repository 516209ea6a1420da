//! Charges with a due date.

use crate::fake::{Fault, KEY};
use crate::house::{House, known};
use billing::efi::Due;
use billing::payment::{Method, Order, Payer, Provider as _, State, Trouble};
use chrono::TimeDelta;
use serde_json::json;

/// One that makes such charges, with a fine and interest.
async fn house() -> House {
    House::with(|config| {
        config.timeout_seconds = 1;
        let (fine_percent, interest_percent) = (Some("2.00".to_owned()), Some("1.00".to_owned()));
        config.due = Due { enabled: true, valid_days: 5, fine_percent, interest_percent };
    })
    .await
}

/// Due on Saturday the 6th, before Carnival.
fn order(house: &House) -> Order {
    Order { due_at: Some("2027-02-06T15:00:00Z".parse().unwrap()), ..house.order(Method::Pix, 12_345) }
}

#[tokio::test]
async fn an_invoice_with_days_to_pay_becomes_a_charge_with_a_due_date() {
    let house = house().await;
    let order = order(&house);
    let created = house.efi.create(&order).await.unwrap();
    assert_eq!(created.reference, format!("cv{}", order.payment.uuid().simple()));
    // Banks work again on Wednesday the 10th; five days later is Monday the 15th.
    let end = "2027-02-16T03:00:00Z".parse().unwrap();
    assert_eq!(created.expires_at, Some(end));
    assert!(created.instructions.pix_copy_paste.is_some() && created.instructions.pix_qr_png.is_some());
    let (kind, body) = {
        let state = house.fake.state();
        let cob = &state.cobs[&created.reference];
        (cob.kind, cob.body.clone())
    };
    assert_eq!(kind, "cobv");
    assert_eq!(body["calendario"], json!({ "dataDeVencimento": "2027-02-06", "validadeAposVencimento": 5 }));
    let late = |kind: u8, percent: &str| json!({ "modalidade": kind, "valorPerc": percent });
    assert_eq!(body["valor"], json!({ "original": "123.45", "multa": late(2, "2.00"), "juros": late(3, "1.00") }));
    assert_eq!(
        body["devedor"],
        json!({ "cnpj": "12ABC34501DE35", "nome": "Empresa Exemplo Ltda",
            "logradouro": "Avenida Juscelino Kubitschek, 909", "cidade": "Ouro Preto", "uf": "MG", "cep": "35400000" })
    );
    let known = known(&order, &created.reference);
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Open);
    house.hand.set(end - TimeDelta::seconds(1));
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Open, "it can be paid late");
    house.hand.set(end);
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Gone);
}

#[tokio::test]
async fn what_is_to_be_paid_now_and_whoever_is_not_known_well_enough_gets_a_charge_for_now() {
    let house = house().await;
    let now = house.clock.now();
    let nobody = Payer { name: "Ana".to_owned(), ..Payer::default() };
    let mut nowhere = order(&house);
    nowhere.payer.address.as_mut().unwrap().city.clear();
    for order in [
        Order { due_at: None, ..order(&house) },
        Order { due_at: Some(now - TimeDelta::days(1)), ..order(&house) },
        Order { payer: nobody, ..order(&house) },
        nowhere,
    ] {
        let reference = house.efi.create(&order).await.unwrap().reference;
        assert_eq!(reference, order.payment.uuid().simple().to_string());
    }
    let off = House::open().await;
    let reference = off.efi.create(&order(&off)).await.unwrap().reference;
    assert!(!reference.starts_with("cv"), "nobody has switched it on");
    assert_eq!((house.fake.asked("PUT /v2/cobv"), off.fake.asked("GET /v2/cobv")), (0, 0));
}

#[tokio::test]
async fn the_same_order_is_one_charge_whatever_happens_to_the_answers() {
    let house = house().await;
    for fault in [Fault::Lost, Fault::Silent] {
        let order = order(&house);
        house.fake.next("PUT /v2/cobv", fault.clone());
        let created = house.efi.create(&order).await.unwrap();
        assert_eq!(house.efi.create(&order).await, Ok(created), "found at once after {fault:?}");
        let order = self::order(&house);
        let before = house.fake.state().cobs.len();
        house.fake.next("PUT /v2/cobv", fault.clone());
        house.fake.next("GET /v2/cobv", Fault::Says(503, json!({})));
        let away = house.efi.create(&order).await;
        assert!(matches!(away, Err(Trouble::Away(_))), "{away:?}");
        house.efi.create(&order).await.unwrap();
        assert_eq!(house.fake.state().cobs.len(), before + 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_charge_that_was_made_before_its_day_or_before_more_was_known_stays_the_one() {
    let house = house().await;
    // The due date goes by between two tries.
    let first = order(&house);
    let made = house.efi.create(&first).await.unwrap();
    house.hand.advance(TimeDelta::days(8));
    assert_eq!(house.efi.create(&first).await, Ok(made));
    // Somebody writes down their CPF between two tries.
    let late = Order { due_at: Some(house.clock.now() + TimeDelta::days(3)), ..order(&house) };
    let short = Order { payer: Payer::default(), ..late.clone() };
    let made = house.efi.create(&short).await.unwrap();
    assert_eq!(house.efi.create(&late).await.map(|created| created.reference), Ok(made.reference));
    assert_eq!(house.fake.state().cobs.len(), 2);
}

#[tokio::test]
async fn what_comes_late_is_told_apart_from_what_was_owed_and_any_other_amount_is_told_as_it_is() {
    let house = house().await;
    let order = order(&house);
    let known = known(&order, &house.efi.create(&order).await.unwrap().reference);
    {
        let mut fake = house.fake.state();
        fake.pay(Some(&known.reference), Some(KEY), "126.00");
        fake.pix[0].late = Some(("2.46", "0.09"));
        fake.pay(Some(&known.reference), Some(KEY), "100.00");
        fake.pay(Some(&known.reference), Some("foreign@example.com"), "1.00");
        fake.conclude(&known.reference);
    }
    let truth = house.efi.look(&known).await.unwrap();
    let seen: Vec<_> = truth.received.iter().map(|money| (money.amount, money.surcharge)).collect();
    assert_eq!((truth.state, seen), (State::Paid, vec![(12_600, 255), (10_000, 0)]));
    let listed = house.efi.received(house.clock.now() - TimeDelta::hours(1), house.clock.now()).await.unwrap();
    let ours: Vec<_> = listed.iter().filter(|money| money.reference.as_ref() == Some(&known.reference)).collect();
    assert_eq!((ours.len(), ours[0].surcharge), (2, 255));
}

#[tokio::test]
async fn it_is_removed_as_often_as_one_likes_and_one_that_differs_is_seen() {
    let house = house().await;
    let order = order(&house);
    let known = known(&order, &house.efi.create(&order).await.unwrap().reference);
    let dearer = Order { amount: 12_346, ..order.clone() };
    assert!(matches!(house.efi.create(&dearer).await, Err(Trouble::Unexpected(_))));
    for _ in 0..2 {
        assert_eq!(house.efi.cancel(&known).await, Ok(()));
    }
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Gone);
    assert_eq!(house.fake.asked("PATCH /v2/cobv"), 2);
    assert_eq!(house.fake.asked("PATCH /v2/cob/"), 0);
}

#[tokio::test]
async fn settings_that_cannot_be_worked_with_are_named() {
    let house = House::open().await;
    for (due, field) in [
        (Due { valid_days: 366, ..Due::default() }, "due.valid_days"),
        (Due { fine_percent: Some("2".to_owned()), ..Due::default() }, "due.fine_percent"),
        (Due { interest_percent: Some("21.00".to_owned()), ..Due::default() }, "due.interest_percent"),
    ] {
        let config = billing::efi::Config { due, ..house.config.clone() };
        let problem = billing::efi::Efi::new(&config, &crate::house::guard(), &house.clock).unwrap_err().to_string();
        assert!(problem.starts_with(&format!("billing.efi.{field} ")), "{problem}");
    }
}
