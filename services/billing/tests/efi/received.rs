//! What came in a time, for reconciliation.

use crate::fake::{Fault, KEY};
use crate::house::{House, start};
use billing::payment::{Method, Provider as _, Trouble};
use chrono::TimeDelta;
use serde_json::json;
use std::collections::HashSet;

#[tokio::test]
async fn every_page_is_read_and_each_pix_comes_once() {
    let house = House::with(|config| config.boletos = false).await;
    for _ in 0..250 {
        house.fake.state().pay(None, Some(KEY), "1.00");
    }
    let received = house.efi.received(start(), start() + TimeDelta::hours(1)).await.unwrap();
    let ids: HashSet<_> = received.iter().map(|r| r.id.as_str()).collect();
    assert_eq!((received.len(), ids.len(), house.fake.asked("GET /v2/pix?")), (250, 250, 3));
    assert_eq!(received.iter().map(|r| r.amount).sum::<i64>(), 25_000);
}

#[tokio::test]
async fn what_came_to_another_key_is_not_ours_and_what_nobody_asked_for_is() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 100);
    let reference = house.efi.create(&order).await.unwrap().reference;
    {
        let mut fake = house.fake.state();
        fake.pay(Some(&reference), Some(KEY), "1.00");
        fake.pay(None, Some("foreign@example.com"), "2.00");
        fake.pay(None, Some(KEY), "3.00");
        fake.pay(None, None, "4.00");
    }
    house.hand.advance(TimeDelta::days(40));
    house.fake.state().pay(None, Some(KEY), "5.00");
    let received = house.efi.received(start(), start() + TimeDelta::days(1)).await.unwrap();
    let seen: Vec<_> = received.iter().map(|r| (r.amount, r.reference.clone())).collect();
    assert_eq!(seen, [(100, Some(reference)), (300, None), (400, None)]);
}

#[tokio::test]
async fn boletos_are_listed_page_by_page_and_asked_for_one_by_one_where_the_list_says_too_little() {
    let house = House::with(|config| config.key = None).await;
    for n in 0..230 {
        let id = house.fake.state().add_boleto(json!({ "items": [{ "value": 1000 }] }));
        if n % 2 == 0 {
            house.fake.state().pay_boleto(id, 1001);
        }
    }
    let received = house.efi.received(start(), start() + TimeDelta::seconds(1)).await.unwrap();
    assert_eq!(
        (received.len(), house.fake.asked("GET /v1/charges?")),
        (115, 3),
        "pages are smaller than was asked for"
    );
    assert!(received.iter().all(|r| (r.amount, r.at) == (1001, start())));
    let before = house.efi.received(start() - TimeDelta::days(1), start()).await.unwrap();
    assert_eq!(before, [], "the end is no part of a time");
}

#[tokio::test]
async fn pages_that_do_not_turn_are_noticed() {
    let house = House::open().await;
    let paging =
        json!({ "paginaAtual": 0, "itensPorPagina": 100, "quantidadeDePaginas": 9, "quantidadeTotalDeItens": 900 });
    for _ in 0..2 {
        house.fake.next("GET /v2/pix?", Fault::Says(200, json!({ "parametros": { "paginacao": paging }, "pix": [] })));
    }
    let looked = house.efi.received(start(), start()).await;
    assert!(matches!(looked, Err(Trouble::Unexpected(_))), "{looked:?}");
    let page: Vec<_> = (0..100).map(|n| json!({ "id": n, "total": 1, "status": "waiting" })).collect();
    for _ in 0..2 {
        house.fake.next("GET /v1/charges?", Fault::Says(200, json!({ "data": page })));
    }
    let looked = house.efi.received(start(), start()).await;
    assert!(matches!(looked, Err(Trouble::Unexpected(_))), "{looked:?}");
}
