//! Money that goes back.

use crate::fake::{Fault, KEY};
use crate::house::House;
use billing::payment::{Method, Provider as _, Refund, RefundStatus, Trouble};
use serde_json::json;

async fn paid(house: &House) -> Refund {
    let order = house.order(Method::Pix, 10_000);
    let reference = house.efi.create(&order).await.unwrap().reference;
    let received = house.fake.state().pay(Some(&reference), Some(KEY), "100.00");
    let currency = "BRL".to_owned();
    Refund { id: "refund1".to_owned(), received, reference, method: Method::Pix, amount: 2_500, currency }
}

#[tokio::test]
async fn the_same_refund_again_is_the_same_and_its_status_is_efis() {
    let house = House::open().await;
    let refund = paid(&house).await;
    for (status, ours) in [
        ("EM_PROCESSAMENTO", RefundStatus::Pending),
        ("DEVOLVIDO", RefundStatus::Done),
        ("NAO_REALIZADO", RefundStatus::Failed),
        ("SOMETHING_NEW", RefundStatus::Pending),
    ] {
        if let Some(made) = house.fake.state().pix[0].refunds.first_mut() {
            made.2 = status;
        }
        assert_eq!(house.efi.refund(&refund).await, Ok(ours), "{status}");
    }
    let made = house.fake.state().pix[0].refunds.clone();
    assert_eq!(made, [("refund1".to_owned(), "25.00".to_owned(), "SOMETHING_NEW")]);
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_made_once() {
    let house = House::open().await;
    let refund = paid(&house).await;
    house.fake.next("PUT /v2/pix", Fault::Lost);
    house.fake.next("GET /v2/pix", Fault::Says(500, json!({})));
    assert!(matches!(house.efi.refund(&refund).await, Err(Trouble::Away(_))));
    assert_eq!(house.efi.refund(&refund).await, Ok(RefundStatus::Pending));
    let second = Refund { id: "refund2".to_owned(), ..refund };
    house.fake.next("PUT /v2/pix", Fault::Lost);
    assert_eq!(house.efi.refund(&second).await, Ok(RefundStatus::Pending));
    assert_eq!(house.fake.state().pix[0].refunds.len(), 2);
}

#[tokio::test]
async fn a_refund_that_cannot_be_is_refused_and_one_that_differs_is_seen() {
    let house = House::open().await;
    let refund = paid(&house).await;
    house.efi.refund(&refund).await.unwrap();
    let other_amount = Refund { amount: 2_501, ..refund.clone() };
    assert!(matches!(house.efi.refund(&other_amount).await, Err(Trouble::Unexpected(_))));
    for id in ["", "a/b", "é", &"a".repeat(36)] {
        let wrong = Refund { id: id.to_owned(), ..refund.clone() };
        assert!(matches!(house.efi.refund(&wrong).await, Err(Trouble::Refused(_))), "{id}");
    }
    let nothing = Refund { received: "E9999999999999999999999999999999".to_owned(), ..refund.clone() };
    assert_eq!(house.efi.refund(&nothing).await, Err(Trouble::Unknown));
    let no_name = Refund { received: "../cob".to_owned(), ..refund.clone() };
    assert_eq!(house.efi.refund(&no_name).await, Err(Trouble::Unknown));
    house.fake.next("PUT /v2/pix", Fault::Says(400, json!({ "nome": "valor_invalido", "mensagem": "maior" })));
    let too_much = Refund { id: "refund3".to_owned(), ..refund.clone() };
    let Err(Trouble::Refused(text)) = house.efi.refund(&too_much).await else { panic!("too much was given back") };
    assert!(text.contains("valor_invalido"), "{text}");
    for method in [Method::Boleto, Method::Card] {
        let other = Refund { method, ..refund.clone() };
        assert!(matches!(house.efi.refund(&other).await, Err(Trouble::Unsupported(_))));
    }
}
