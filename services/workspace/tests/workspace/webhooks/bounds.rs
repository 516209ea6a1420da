//! How much is kept, and how much is read at once.

use super::hook::{Hook, add, all_are, deliveries, happen, retry, tried, until};
use crate::{
    house::{House, Person, on_both_databases},
    receiver::{Answer, Receiver},
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    id::{DeliveryId, EventId, WebhookId},
    workspace::*,
};
use store::{Sql, SystemTx, WorkspaceTx, sql};
use workspace::Config;

on_both_databases! {
    attempts_are_read_of_exactly_what_is_listed,
    attempts_of_an_event_that_is_sent_again_and_again_are_bounded,
    the_oldest_of_what_waits_is_given_up_where_it_is_too_much,
    a_lot_that_was_sent_long_ago_is_forgotten_piece_by_piece,
}

store::row! {
    struct Attempt {
        delivery_id: DeliveryId,
    }
}

async fn attempts_are_read_of_exactly_what_is_listed(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    for n in 0..5 {
        happen(house, ana, &format!("provider-{n}")).await;
    }
    let all = until(house, ana, &hook, |all| all.len() == 5 && all.iter().all(|one| one.status == "delivered")).await;
    let ids: Vec<DeliveryId> = all.iter().map(|one| one.id.parse().unwrap()).collect();
    const FAILED: &str = "update webhook_deliveries set status = 'failed' where delivery_id = $1 or delivery_id = $2";
    let mut tx = SystemTx::begin(&house.db, "as if they had failed").await.unwrap();
    let sql = Sql { name: "failed", postgres: FAILED, sqlite: FAILED };
    tx.execute(sql, &[ids[0].into(), ids[4].into()]).await.unwrap();
    tx.commit().await.unwrap();
    let list = async |status: &str| {
        let request = ListWebhookDeliveriesRequest {
            webhook_id: hook.id.clone(),
            status: status.to_owned(),
            ..ListWebhookDeliveriesRequest::default()
        };
        let listed = house.workspaces.list_webhook_deliveries(&house.call(ana), request).await.unwrap();
        listed.deliveries.into_iter().map(|one| (one.id, one.attempts.len())).collect::<Vec<_>>()
    };
    assert_eq!(list("failed").await, [(all[4].id.clone(), 1), (all[0].id.clone(), 1)]);
    assert_eq!(list("delivered").await.len(), 3);
    assert!(list("").await.iter().all(|(_, attempts)| *attempts == 1));
    let webhook: WebhookId = hook.id.parse().unwrap();
    let mut tx = WorkspaceTx::read(&house.db, ana.workspace).await.unwrap();
    let values = [ana.workspace.into(), webhook.into(), ids[0].into(), ids[4].into(), "failed".into()];
    let read: Vec<Attempt> = tx.fetch_all(sql!("delivery/attempts"), &values).await.unwrap();
    let read: Vec<_> = read.into_iter().map(|one| one.delivery_id).collect();
    assert_eq!(read, [ids[0], ids[4]], "none of those in between");
}

async fn attempts_of_an_event_that_is_sent_again_and_again_are_bounded(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    happen(house, ana, "main").await;
    let delivery = tried(house, ana, &hook, 1).await.id;
    let mut last = None;
    for n in 2..=24_usize {
        house.hand.advance(TimeDelta::seconds(1));
        retry(house, ana, &hook, &delivery).await.unwrap();
        let all = until(house, ana, &hook, |all| all[0].status == "delivered").await;
        assert_eq!(all[0].attempts.len(), n.min(20));
        last = all[0].attempts.last().cloned();
    }
    assert_eq!(receiver.received().len(), 24);
    let at = last.unwrap().at.unwrap();
    assert_eq!(proto::time::from_proto(at).unwrap(), house.now(), "the newest stay");
}

async fn the_oldest_of_what_waits_is_given_up_where_it_is_too_much(house: &House) {
    let (ana, bob, receiver) = (house.person("Ana").await, house.person("Bob").await, Receiver::start().await);
    receiver.answer(Answer::status(500));
    let (hook, beside) = (add(house, ana, &receiver, &["*"]).await, add(house, bob, &receiver, &["*"]).await);
    for (person, hook, number) in [(ana, &hook, 25), (bob, &beside, 20)] {
        happen(house, person, "main").await;
        // After that it is left in peace.
        tried(house, person, hook, 1).await;
        for n in 1..number {
            happen(house, person, &format!("provider-{n}")).await;
        }
    }
    let config = Config { max_waiting_deliveries: 20, ..Config::default() };
    let (strict, _) = house.again(house.master.clone(), config);
    strict.give_up_deliveries().await.unwrap();
    strict.give_up_deliveries().await.unwrap();
    let statuses = async |person: Person, hook: &Hook| {
        let all = deliveries(house, person, hook).await;
        all.into_iter().map(|one| (one.status, one.next_attempt_at.is_some())).collect::<Vec<_>>()
    };
    let (failed, pending) = (("failed".to_owned(), false), ("pending".to_owned(), true));
    let mine = statuses(ana, &hook).await;
    assert_eq!((&mine[..7], &mine[7..]), (vec![failed; 7].as_slice(), vec![pending.clone(); 18].as_slice()));
    assert_eq!(statuses(bob, &beside).await, vec![pending; 20], "as many as may wait");
    receiver.answer(Answer::status(204));
    house.hand.advance(TimeDelta::seconds(61));
    let oldest = deliveries(house, ana, &hook).await[0].id.clone();
    retry(house, ana, &hook, &oldest).await.unwrap();
    let sent = |all: &[WebhookDelivery]| all.iter().filter(|one| one.status == "delivered").count();
    until(house, ana, &hook, |all| all[0].status == "delivered" && sent(all) == 19).await;
}

async fn a_lot_that_was_sent_long_ago_is_forgotten_piece_by_piece(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    let webhook: WebhookId = hook.id.parse().unwrap();
    let before: DateTime<Utc> = house.now() - TimeDelta::days(31);
    const SENT: &str = "update webhook_deliveries set status = 'delivered', next_at = null";
    let mut tx = WorkspaceTx::begin(&house.db, ana.workspace).await.unwrap();
    for _ in 0..1100 {
        let (id, event) = (DeliveryId::from_uuid(house.ids.uuid()), EventId::from_uuid(house.ids.uuid()));
        let kind = "provider.created";
        let values =
            [id.into(), ana.workspace.into(), webhook.into(), event.into(), kind.into(), "{}".into(), before.into()];
        tx.execute(sql!("delivery/insert"), &values).await.unwrap();
    }
    tx.execute(Sql { name: "sent", postgres: SENT, sqlite: SENT }, &[]).await.unwrap();
    tx.commit().await.unwrap();
    happen(house, ana, "new").await;
    tried(house, ana, &hook, 1).await;
    house.service.forget_deliveries().await.unwrap();
    let left = all_are(house, ana, &hook, "delivered").await;
    assert_eq!(left.len(), 1);
    assert!(left[0].body.contains("\"new\""), "{left:?}");
}
