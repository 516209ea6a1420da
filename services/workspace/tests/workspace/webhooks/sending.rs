//! What arrives, when, and what happens where nothing does.

use super::hook::{actions, add, all_are, deliveries, get, happen, retry, tried, until};
use crate::{
    house::{House, on_both_databases, refused},
    receiver::{Answer, Receiver},
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{Reason, Role, id::ExecutionId, time::from_proto, workspace::*};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use store::{Sql, SystemTx};
use workspace::Config;

on_both_databases! {
    an_event_arrives_once_signed_so_that_others_verify_it,
    only_what_is_wanted_is_sent_and_what_is_no_deed_as_well,
    what_fails_is_tried_nine_times_over_days_and_then_once_for_each_retry,
    a_receiver_may_ask_to_be_left_in_peace,
    redirects_are_not_followed_and_answers_are_kept_in_part,
    one_that_wants_nothing_any_more_is_disabled_at_once,
    one_at_which_nothing_arrives_for_days_is_disabled,
    one_that_never_answers_holds_up_nobody_else,
    several_processes_send_each_event_once,
    what_a_killed_process_had_is_taken_over,
    an_address_is_judged_again_when_it_is_called,
}

fn at(delivery: &WebhookDelivery) -> DateTime<Utc> {
    from_proto(delivery.next_attempt_at.expect("another attempt")).unwrap()
}

async fn an_event_arrives_once_signed_so_that_others_verify_it(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    happen(house, ana, "main").await;
    let sent = all_are(house, ana, &hook, "delivered").await;
    let received = receiver.received();
    assert_eq!((sent.len(), received.len()), (1, 1), "{received:?}");
    let (delivery, one) = (&sent[0], &received[0]);
    assert!(one.is_signed_with(&hook.secret));
    assert!(!one.is_signed_with("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"));
    assert_eq!((one.path.as_str(), one.header("content-type")), ("/hooks", "application/json"));
    assert_eq!((one.header("webhook-id"), one.body.as_str()), (delivery.event_id.as_str(), delivery.body.as_str()));
    assert_eq!(one.header("webhook-timestamp"), house.now().timestamp().to_string());
    let trail = actions(house, ana).await;
    let entry = trail.iter().find(|entry| entry.action == "provider.created").unwrap();
    assert_eq!(
        one.json(),
        json!({
            "type": "provider.created", "timestamp": "2027-01-15T08:00:00.000000Z",
            "data": {
                "id": entry.id, "workspace_id": ana.workspace.to_string(), "subject": entry.subject, "actor": entry.actor,
                "details": serde_json::from_str::<Value>(&entry.details_json).unwrap(),
            },
        })
    );
    assert_eq!(delivery.event_id, entry.id);
    let attempt = &delivery.attempts[0];
    assert_eq!((attempt.status_code, attempt.error.as_str(), delivery.attempts.len()), (Some(204), "", 1));
    assert!(delivery.next_attempt_at.is_none());
    house.service.send_to_webhooks().await.unwrap();
    assert_eq!(receiver.received().len(), 1);
}

async fn only_what_is_wanted_is_sent_and_what_is_no_deed_as_well(house: &House) {
    let (ana, receiver, others) = (house.person("Ana").await, Receiver::start().await, Receiver::start().await);
    let bob = house.person("Bob").await;
    let hook = add(house, ana, &receiver, &["execution.completed", "execution.started"]).await;
    add(house, bob, &others, &["*"]).await;
    happen(house, ana, "main").await;
    let id = ExecutionId::from_uuid(house.ids.uuid()).to_string();
    let open = OpenExecutionRequest {
        execution_id: id.clone(),
        title: "We sell less".to_owned(),
        depth: "quick".to_owned(),
        max_open: None,
        request_sha256: vec![1; 32].into(),
    };
    let edge = house.workspaces.called_by(Role::Edge);
    edge.open_execution(&house.call(ana), open).await.unwrap();
    let close = CloseExecutionRequest { execution_id: id.clone(), outcome: "completed".to_owned() };
    for _ in 0..2 {
        edge.close_execution(&house.call(ana), close.clone()).await.unwrap();
    }
    until(house, ana, &hook, |all| all.len() == 2 && all.iter().all(|one| one.status == "delivered")).await;
    assert_eq!(receiver.types(), ["execution.started", "execution.completed"]);
    let ended = receiver.received()[1].json();
    assert_eq!((&ended["data"]["subject"], &ended["data"]["details"]["depth"]), (&json!(id), &json!("quick")));
    assert!(others.received().is_empty(), "nobody hears of another workspace");
}

async fn what_fails_is_tried_nine_times_over_days_and_then_once_for_each_retry(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    receiver.answer(Answer::With(500, &[], "out of \0 order".to_owned()));
    let (hook, began) = (add(house, ana, &receiver, &["*"]).await, house.now());
    happen(house, ana, "main").await;
    for attempt in 1..=8 {
        let delivery = tried(house, ana, &hook, attempt).await;
        assert_eq!(delivery.status, "pending");
        let (before, next) = (receiver.received().len(), at(&delivery));
        house.hand.set(next - TimeDelta::seconds(1));
        house.service.send_to_webhooks().await.unwrap();
        assert_eq!(receiver.received().len(), before, "not before its time");
        house.hand.set(next + TimeDelta::seconds(61));
    }
    let delivery = tried(house, ana, &hook, 9).await;
    assert_eq!((delivery.status.as_str(), delivery.next_attempt_at), ("failed", None));
    assert!(house.now() - began >= TimeDelta::hours(28), "{}", house.now() - began);
    let attempt = &delivery.attempts[8];
    assert_eq!((attempt.status_code, attempt.answer.as_str()), (Some(500), "out of  order"));
    assert!(attempt.error.contains("500"), "{attempt:?}");
    let received = receiver.received();
    let ids: BTreeSet<_> = received.iter().map(|one| one.header("webhook-id").to_owned()).collect();
    let times: BTreeSet<_> = received.iter().map(|one| one.header("webhook-timestamp").to_owned()).collect();
    assert_eq!((ids.len(), times.len()), (1, 9), "the same event, each attempt signed for its own time");
    assert!(received.iter().all(|one| one.is_signed_with(&hook.secret)));
    house.hand.advance(TimeDelta::seconds(120));
    let again = retry(house, ana, &hook, &delivery.id).await.unwrap();
    assert_eq!((again.status.as_str(), again.attempts.len()), ("pending", 9));
    assert_eq!(tried(house, ana, &hook, 10).await.status, "failed");
    receiver.answer(Answer::status(200));
    house.hand.advance(TimeDelta::seconds(120));
    retry(house, ana, &hook, &delivery.id).await.unwrap();
    assert_eq!(tried(house, ana, &hook, 11).await.status, "delivered");
    assert!(get(house, ana, &hook).await.failing_since.is_none());
}

async fn a_receiver_may_ask_to_be_left_in_peace(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    receiver.answer(Answer::With(429, &[("retry-after", "600")], String::new()));
    let hook = add(house, ana, &receiver, &["*"]).await;
    happen(house, ana, "main").await;
    let delivery = tried(house, ana, &hook, 1).await;
    assert_eq!(at(&delivery) - house.now(), TimeDelta::seconds(600));
    receiver.answer(Answer::With(500, &[("retry-after", "600")], String::new()));
    happen(house, ana, "more").await;
    house.hand.advance(TimeDelta::seconds(599));
    assert_eq!(house.service.send_to_webhooks().await.unwrap(), 0, "it is asked for once, for whatever there is");
    assert_eq!(receiver.received().len(), 1);
    house.hand.advance(TimeDelta::seconds(2));
    let delivery = tried(house, ana, &hook, 1).await;
    assert!(at(&delivery) - house.now() < TimeDelta::seconds(7), "only 429 and 503 are heeded: {delivery:?}");
}

async fn redirects_are_not_followed_and_answers_are_kept_in_part(house: &House) {
    let (ana, receiver, elsewhere) = (house.person("Ana").await, Receiver::start().await, Receiver::start().await);
    let place: &'static str = elsewhere.url.clone().leak();
    let headers: &'static [(&str, &str)] = vec![("location", place)].leak();
    receiver.answer(Answer::With(307, headers, "é".repeat(5000)));
    let hook = add(house, ana, &receiver, &["*"]).await;
    happen(house, ana, "main").await;
    let delivery = tried(house, ana, &hook, 1).await;
    let attempt = &delivery.attempts[0];
    assert!(attempt.error.contains("redirects are not followed"), "{attempt:?}");
    assert_eq!((attempt.status_code, attempt.answer.len()), (Some(307), 1024));
    assert!(elsewhere.received().is_empty());
}

async fn one_that_wants_nothing_any_more_is_disabled_at_once(house: &House) {
    let (ana, receiver, other) = (house.person("Ana").await, Receiver::start().await, Receiver::start().await);
    receiver.answer(Answer::status(410));
    let hook = add(house, ana, &receiver, &["provider.created"]).await;
    let beside = add(house, ana, &other, &["webhook.disabled"]).await;
    happen(house, ana, "main").await;
    let sent = all_are(house, ana, &hook, "failed").await;
    let found = get(house, ana, &hook).await;
    assert_eq!((found.enabled, found.disabled_because.as_str()), (false, "gone"));
    let trail = actions(house, ana).await;
    let entry = trail.iter().find(|entry| entry.action == "webhook.disabled").expect("its owners are told");
    assert_eq!((entry.actor.as_str(), &entry.subject), ("service:workspace", &hook.id));
    all_are(house, ana, &beside, "delivered").await;
    assert_eq!(other.received()[0].json()["data"]["details"]["reason"], "gone");
    happen(house, ana, "more").await;
    assert_eq!(deliveries(house, ana, &hook).await.len(), 1, "nothing is kept for it");
    let failure = refused(retry(house, ana, &hook, &sent[0].id).await);
    assert_eq!(failure.reason, Reason::Conflict);
    receiver.answer(Answer::status(200));
    let enable = UpdateWebhookRequest { webhook_id: hook.id.clone(), enabled: Some(true), ..Default::default() };
    let enabled = house.workspaces.update_webhook(&house.call(ana), enable).await.unwrap().webhook.unwrap();
    assert!(enabled.enabled && enabled.disabled_because.is_empty());
    retry(house, ana, &hook, &sent[0].id).await.unwrap();
    all_are(house, ana, &hook, "delivered").await;
}

async fn one_at_which_nothing_arrives_for_days_is_disabled(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    receiver.answer(Answer::status(502));
    let hook = add(house, ana, &receiver, &["*"]).await;
    let since = house.now();
    for half_day in 0..14 {
        happen(house, ana, &format!("provider-{half_day}")).await;
        for _ in 0..3 {
            house.service.send_to_webhooks().await.unwrap();
            house.hand.advance(TimeDelta::seconds(61));
        }
        let found = get(house, ana, &hook).await;
        assert!(found.enabled || half_day >= 9, "after {half_day} half days");
        if !found.enabled {
            break;
        }
        house.hand.advance(TimeDelta::hours(12));
    }
    let found = get(house, ana, &hook).await;
    assert_eq!((found.enabled, found.disabled_because.as_str()), (false, "failing"));
    assert!(house.now() - since >= TimeDelta::days(5));
    let failing_since = from_proto(found.failing_since.expect("it is still so")).unwrap();
    assert!(failing_since - since < TimeDelta::seconds(5));
}

async fn one_that_never_answers_holds_up_nobody_else(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let (dead, healthy) = (Receiver::start().await, Receiver::start().await);
    dead.answer(Answer::Never);
    for _ in 0..5 {
        add(house, ana, &dead, &["*"]).await;
    }
    let (mine, theirs) = (add(house, ana, &healthy, &["*"]).await, add(house, bob, &healthy, &["*"]).await);
    let began = std::time::Instant::now();
    for n in 0..3 {
        happen(house, ana, &format!("ana-{n}")).await;
        happen(house, bob, &format!("bob-{n}")).await;
    }
    // The background work sends: whoever waited for the dead ones would wait for 15 s.
    for (person, hook) in [(ana, &mine), (bob, &theirs)] {
        loop {
            let all = deliveries(house, person, hook).await;
            if all.len() == 3 && all.iter().all(|one| one.status == "delivered") {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "{all:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    assert!(dead.received().len() <= 5, "one at a time for each of the dead ones");
}

async fn several_processes_send_each_event_once(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hooks = [add(house, ana, &receiver, &["*"]).await, add(house, ana, &receiver, &["*"]).await];
    let others: Vec<_> = (0..2).map(|_| house.again(house.master.clone(), Config::default()).0).collect();
    for n in 0..10 {
        happen(house, ana, &format!("provider-{n}")).await;
    }
    for _ in 0..10 {
        let all = others.iter().chain([&house.service]).map(workspace::Workspace::send_to_webhooks);
        for sent in futures::future::join_all(all).await {
            sent.unwrap();
        }
    }
    for hook in &hooks {
        let all = all_are(house, ana, hook, "delivered").await;
        assert_eq!(all.len(), 10);
        assert!(all.iter().all(|one| one.attempts.len() == 1), "{all:#?}");
    }
    assert_eq!(receiver.received().len(), 20);
}

async fn what_a_killed_process_had_is_taken_over(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    // As a process leaves it that is killed at this moment.
    const CLAIM: &str = "update webhooks set claimed_until = $1";
    let mut tx = SystemTx::begin(&house.db, "claim").await.unwrap();
    let until = house.now() + TimeDelta::seconds(60);
    tx.execute(Sql { name: "claim", postgres: CLAIM, sqlite: CLAIM }, &[until.into()]).await.unwrap();
    tx.commit().await.unwrap();
    happen(house, ana, "main").await;
    assert_eq!(house.service.send_to_webhooks().await.unwrap(), 0);
    assert!(receiver.received().is_empty());
    house.hand.advance(TimeDelta::seconds(61));
    all_are(house, ana, &hook, "delivered").await;
}

async fn an_address_is_judged_again_when_it_is_called(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    // The process that does not listen on loopback alone is the only one that sends.
    let guard = egress::Guard::new(&egress::Config::default(), false, vec![]);
    house.tasks.stopping().cancel();
    let (strict, _) = house.beside(house.master.clone(), Config::default(), guard);
    tokio::time::sleep(Duration::from_millis(700)).await;
    happen(house, ana, "main").await;
    strict.send_to_webhooks().await.unwrap();
    let sent = deliveries(house, ana, &hook).await;
    let attempts: Vec<_> = sent.iter().flat_map(|one| &one.attempts).collect();
    assert!(receiver.received().is_empty(), "nothing was sent");
    if let [attempt] = attempts.as_slice() {
        assert_eq!(attempt.status_code, None);
        assert!(attempt.error.contains("same machine"), "{attempt:?}");
    } else {
        panic!("one attempt was made and noted: {sent:#?}");
    }
}
