//! Processes that are late, and owners who change a webhook while one is sending.

use super::hook::{add, all_are, deliveries, get, happen, tried, update};
use crate::{
    house::{House, Person, on_both_databases},
    identity::{Reports, about},
    receiver::{Answer, Receiver},
};
use chrono::TimeDelta;
use proto::{Role, feed::Event, id::EventId, identity::Identity, time::to_proto, workspace::*};
use std::{sync::Arc, time::Duration};
use store::{Sql, SystemTx};
use tokio::sync::Notify;
use workspace::Config;

on_both_databases! {
    what_came_of_an_attempt_before_a_webhook_was_mended_does_not_disable_it,
    a_webhook_that_is_mended_is_not_left_in_peace,
    a_process_whose_claim_is_over_changes_nothing,
    what_the_release_before_wrote_down_is_told_once,
}

async fn what_came_of_an_attempt_before_a_webhook_was_mended_does_not_disable_it(house: &House) {
    let (ana, old, new) = (house.person("Ana").await, Receiver::start().await, Receiver::start().await);
    let told = Arc::new(Notify::new());
    old.answer(Answer::When(told.clone(), 410));
    let hook = add(house, ana, &old, &["provider.created"]).await;
    let (other, _) = house.again(house.master.clone(), Config::default());
    happen(house, ana, "main").await;
    let mend = async {
        old.has(1).await;
        house.hand.advance(TimeDelta::seconds(1));
        let enabled = |enabled| UpdateWebhookRequest {
            webhook_id: hook.id.clone(),
            enabled: Some(enabled),
            url: Some(new.url.clone()),
            ..UpdateWebhookRequest::default()
        };
        update(house, ana, enabled(false)).await;
        update(house, ana, enabled(true)).await;
        assert_eq!(other.send_to_webhooks().await.unwrap(), 0, "it is one process's until that has its answer");
        assert!(new.received().is_empty());
        told.notify_one();
    };
    let (sent, ()) = futures::join!(house.service.send_to_webhooks(), mend);
    sent.unwrap();
    let delivery = tried(house, ana, &hook, 1).await;
    assert_eq!((delivery.status.as_str(), delivery.attempts[0].status_code), ("pending", Some(410)));
    let found = get(house, ana, &hook).await;
    assert!(found.enabled && found.disabled_because.is_empty() && found.failing_since.is_none(), "{found:?}");
    house.hand.advance(TimeDelta::seconds(7));
    all_are(house, ana, &hook, "delivered").await;
    assert_eq!((old.received().len(), new.received().len()), (1, 1));
}

async fn a_webhook_that_is_mended_is_not_left_in_peace(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    receiver.answer(Answer::With(503, &[("retry-after", "86400")], String::new()));
    let hook = add(house, ana, &receiver, &["*"]).await;
    happen(house, ana, "main").await;
    tried(house, ana, &hook, 1).await;
    receiver.answer(Answer::status(200));
    happen(house, ana, "more").await;
    house.hand.advance(TimeDelta::seconds(120));
    house.service.send_to_webhooks().await.unwrap();
    assert_eq!(receiver.received().len(), 1);
    let description = Some("has its database again".to_owned());
    let request = UpdateWebhookRequest { webhook_id: hook.id.clone(), description, ..UpdateWebhookRequest::default() };
    update(house, ana, request).await;
    assert_eq!(tried(house, ana, &hook, 1).await.status, "delivered");
}

async fn a_process_whose_claim_is_over_changes_nothing(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let told = Arc::new(Notify::new());
    receiver.answer(Answer::When(told.clone(), 500));
    let hook = add(house, ana, &receiver, &["*"]).await;
    happen(house, ana, "main").await;
    let take_over = async {
        receiver.has(1).await;
        receiver.answer(Answer::status(204));
        house.hand.advance(TimeDelta::seconds(61));
        all_are(house, ana, &hook, "delivered").await;
        told.notify_one();
    };
    let (late, ()) = futures::join!(house.service.send_to_webhooks(), take_over);
    late.unwrap();
    let delivery = tried(house, ana, &hook, 2).await;
    assert_eq!((delivery.status.as_str(), delivery.next_attempt_at), ("delivered", None));
    assert!(get(house, ana, &hook).await.failing_since.is_none());
    happen(house, ana, "more").await;
    house.service.send_to_webhooks().await.unwrap();
    all_are(house, ana, &hook, "delivered").await;
    assert_eq!(receiver.received().len(), 3, "nobody leaves it in peace");
}

async fn what_the_release_before_wrote_down_is_told_once(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["api_key.created"]).await;
    house.hand.advance(TimeDelta::seconds(1));
    let old = written_before(house, ana).await;
    house.hand.advance(TimeDelta::hours(2));
    let new = written_before(house, ana).await;
    house.hand.advance(TimeDelta::seconds(1));
    let late = add(house, ana, &receiver, &["*"]).await;
    let reports = Reports::default();
    for event in [&old, &new, &new] {
        reports.say(event.clone());
    }
    for _ in 0..2 {
        let identity = Identity::local(reports.clone(), house.tasks.tracker()).called_by(Role::Workspace);
        house.service.follow(identity, &house.tasks);
    }
    all_are(house, ana, &hook, "delivered").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let told = all_are(house, ana, &hook, "delivered").await;
    let told: Vec<_> = told.into_iter().map(|one| one.event_id).collect();
    assert_eq!(told, [new.id.as_str()], "whoever reads a feed from its beginning does not send all of it");
    let after: Vec<_> = deliveries(house, ana, &late).await.into_iter().map(|one| one.event_id).collect();
    assert!(!after.contains(&new.id), "it was not there when it happened: {after:?}");
}

/// An entry as that release leaves it, without deliveries; what the feed says of it.
async fn written_before(house: &House, person: Person) -> Event {
    const ENTRY: &str =
        "insert into audit_events (event_id, workspace_id, source, position, at, actor, kind, subject, request_id, payload)
        values ($1, $2, 'identity', $4, $3, 'usr', 'api_key.created', 'key', 'req', '{}')";
    let (id, at) = (EventId::from_uuid(house.ids.uuid()), house.now());
    let mut tx = SystemTx::begin(&house.db, "write as before").await.unwrap();
    let values = [id.into(), person.workspace.into(), at.into(), at.timestamp().into()];
    tx.execute(Sql { name: "entry", postgres: ENTRY, sqlite: ENTRY }, &values).await.unwrap();
    tx.commit().await.unwrap();
    Event {
        workspace_id: person.workspace.to_string(),
        at: Some(to_proto(at)),
        ..about("api_key.created", id, person.user, "{}")
    }
}
