//! Adding, changing and removing webhooks, and who may.

use super::hook::{Hook, actions, add, all_are, deliveries, get, happen, update, wanting};
use crate::{
    credentials::{contains, everything_stored},
    house::{House, Person, on_both_databases, refused},
    receiver::Receiver,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use proto::{Call, Permission, Reason, Scopes, workspace::*};
use store::{Sql, SystemTx};

on_both_databases! {
    they_are_added_read_changed_and_removed_and_all_of_it_is_in_the_trail,
    what_is_wrong_is_said_field_by_field,
    addresses_that_may_not_be_called_are_refused,
    a_workspace_has_so_many_and_no_more,
    a_repeated_request_makes_no_other_and_shows_the_same_secret,
    a_secret_is_sealed_and_shown_once,
    a_secret_is_replaced_while_both_sign,
    one_that_is_disabled_is_sent_nothing_until_it_is_enabled,
    a_test_arrives_whatever_is_wanted,
    those_of_another_workspace_do_not_exist,
    each_verb_needs_its_permission,
    what_was_sent_long_ago_is_forgotten,
    operators_list_the_workspaces_of_everybody,
}

async fn remove(house: &House, person: Person, hook: &Hook) {
    let request = DeleteWebhookRequest { webhook_id: hook.id.clone() };
    house.workspaces.delete_webhook(&house.call(person), request).await.unwrap();
}

async fn rotate(house: &House, person: Person, hook: &Hook, grace_seconds: Option<i64>) -> RotateWebhookSecretResponse {
    let request = RotateWebhookSecretRequest { webhook_id: hook.id.clone(), grace_seconds };
    house.workspaces.rotate_webhook_secret(&house.call(person), request).await.unwrap()
}

async fn they_are_added_read_changed_and_removed_and_all_of_it_is_in_the_trail(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let call = house.call(ana);
    let new = CreateWebhookRequest { description: " to the CRM ".into(), ..wanting(&receiver.url, &[]) };
    let made = house.workspaces.create_webhook(&call, new).await.unwrap();
    let webhook = made.webhook.unwrap();
    assert_eq!((webhook.url.as_str(), webhook.description.as_str()), (receiver.url.as_str(), "to the CRM"));
    assert_eq!((webhook.event_types.as_slice(), webhook.enabled), (["*".to_owned()].as_slice(), true));
    let hook = Hook { id: webhook.id.clone(), secret: made.secret };
    assert_eq!(get(house, ana, &hook).await, webhook);
    let change = UpdateWebhookRequest {
        webhook_id: hook.id.clone(),
        url: Some("https://example.com/secret-path?token=secret-token".into()),
        event_types: Some(EventTypes { names: vec!["member.left".into(), "invoice.paid".into()] }),
        ..UpdateWebhookRequest::default()
    };
    let changed = update(house, ana, change.clone()).await;
    assert_eq!(changed.event_types, ["invoice.paid", "member.left"]);
    assert_eq!(update(house, ana, change).await, changed, "nothing is changed twice");
    let listed = house.workspaces.list_webhooks(&call, ListWebhooksRequest::default()).await.unwrap();
    assert_eq!(listed.webhooks, [changed]);
    remove(house, ana, &hook).await;
    let request = GetWebhookRequest { webhook_id: hook.id.clone() };
    assert_eq!(refused(house.workspaces.get_webhook(&call, request).await).reason, Reason::NotFound);
    let trail = actions(house, ana).await;
    let mine: Vec<_> = trail.iter().filter(|entry| entry.subject == hook.id).collect();
    let told: Vec<&str> = mine.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(told, ["webhook.created", "webhook.updated", "webhook.deleted"]);
    assert!(mine.iter().all(|entry| !entry.details_json.contains("secret-")), "{mine:?}");
    assert!(mine[1].details_json.contains("https://example.com"), "{:?}", mine[1]);
}

async fn what_is_wrong_is_said_field_by_field(house: &House) {
    let ana = house.person("Ana").await;
    let call = house.call(ana);
    let missing = refused(house.workspaces.create_webhook(&call, wanting("", &[])).await);
    assert_eq!((missing.reason, missing.fields[0].0.as_str()), (Reason::InvalidArgument, "url"));
    let wrong = CreateWebhookRequest {
        description: "x".repeat(501),
        ..wanting("http://example.com/", &["member.added", "member.adopted"])
    };
    let failure = refused(house.workspaces.create_webhook(&call, wrong).await);
    assert_eq!(failure.reason, Reason::RefusedValue);
    let fields: Vec<&str> = failure.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["url", "event_types", "description"]);
    let types = &failure.fields[1].1;
    assert!(types.contains("(member.adopted)") && types.contains("invoice.paid"), "{types}");
    let receiver = Receiver::start().await;
    let hook = add(house, ana, &receiver, &["*"]).await;
    let request = RotateWebhookSecretRequest { webhook_id: hook.id.clone(), grace_seconds: Some(604_801) };
    let failure = refused(house.workspaces.rotate_webhook_secret(&call, request).await);
    assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::RefusedValue, "grace_seconds"));
    let request =
        ListWebhookDeliveriesRequest { webhook_id: hook.id.clone(), status: "sent".into(), ..Default::default() };
    let failure = refused(house.workspaces.list_webhook_deliveries(&call, request).await);
    assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::RefusedValue, "status"));
}

async fn addresses_that_may_not_be_called_are_refused(house: &House) {
    let ana = house.person("Ana").await;
    let call = house.call(ana);
    for url in [
        "http://10.0.0.1/",
        "https://10.0.0.1/",
        "https://192.168.1.1/hooks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:169.254.169.254]/",
        "https://[fd00:ec2::254]/",
        "https://2852039166/",
        "https://user:password@example.com/",
        "http://127.0.0.1:5432/",
    ] {
        let failure = refused(house.workspaces.create_webhook(&call, wanting(url, &[])).await);
        assert_eq!(failure.reason, Reason::EgressRefused, "{url}: {failure}");
        assert_eq!(failure.fields[0].0, "url");
    }
    let listed = house.workspaces.list_webhooks(&call, ListWebhooksRequest::default()).await.unwrap();
    assert!(listed.webhooks.is_empty());
    let receiver = Receiver::start().await;
    let hook = add(house, ana, &receiver, &["*"]).await;
    let change = UpdateWebhookRequest {
        webhook_id: hook.id.clone(),
        url: Some("https://10.0.0.1/".into()),
        ..UpdateWebhookRequest::default()
    };
    let failure = refused(house.workspaces.update_webhook(&call, change).await);
    assert_eq!(failure.reason, Reason::EgressRefused);
    assert_eq!(get(house, ana, &hook).await.url, receiver.url);
}

async fn a_workspace_has_so_many_and_no_more(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let call = house.call(ana);
    let all = (0..12).map(|_| house.workspaces.create_webhook(&call, wanting("https://example.com/", &[])));
    let made = futures::future::join_all(all).await;
    assert_eq!(made.iter().filter(|one| one.is_ok()).count(), 10);
    let failure = refused(house.workspaces.create_webhook(&call, wanting("https://example.com/", &[])).await);
    assert_eq!((failure.reason, failure.get("limit")), (Reason::RefusedValue, Some("10")));
    house.workspaces.create_webhook(&house.call(bob), wanting("https://example.com/", &[])).await.unwrap();
    let first = ListWebhooksRequest { page_size: 7, ..ListWebhooksRequest::default() };
    let first = house.workspaces.list_webhooks(&call, first).await.unwrap();
    let rest = ListWebhooksRequest { page_size: 7, page_token: first.next_page_token };
    let rest = house.workspaces.list_webhooks(&call, rest).await.unwrap();
    assert_eq!((first.webhooks.len(), rest.webhooks.len(), rest.next_page_token.as_str()), (7, 3, ""));
}

async fn a_repeated_request_makes_no_other_and_shows_the_same_secret(house: &House) {
    let ana = house.person("Ana").await;
    let call = Call { idempotency_key: Some("one".into()), ..house.call(ana) };
    let new = || wanting("https://example.com/", &[]);
    let first = house.workspaces.create_webhook(&call, new()).await.unwrap();
    let again = house.workspaces.create_webhook(&call, new()).await.unwrap();
    assert!(again.replayed && !first.replayed);
    assert_eq!((&again.webhook, &again.secret), (&first.webhook, &first.secret));
    let other = refused(house.workspaces.create_webhook(&call, wanting("https://example.org/", &[])).await);
    assert_eq!(other.reason, Reason::IdempotencyMismatch);
    let hook = first.webhook.unwrap().id;
    let call = Call { idempotency_key: Some("two".into()), ..house.call(ana) };
    let rotate = || RotateWebhookSecretRequest { webhook_id: hook.clone(), grace_seconds: None };
    let first = house.workspaces.rotate_webhook_secret(&call, rotate()).await.unwrap();
    let again = house.workspaces.rotate_webhook_secret(&call, rotate()).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.secret, first.secret);
}

async fn a_secret_is_sealed_and_shown_once(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    happen(house, ana, "main").await;
    all_are(house, ana, &hook, "delivered").await;
    let bytes = STANDARD.decode(hook.secret.strip_prefix("whsec_").unwrap()).unwrap();
    assert_eq!(bytes.len(), 32);
    let stored = everything_stored(house).await;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    for form in [hook.secret.as_bytes(), &hook.secret.as_bytes()[6..], &bytes, hex.as_bytes()] {
        assert!(!contains(&stored, form));
    }
    assert!(contains(&stored, receiver.url.as_bytes()), "the scan finds what is there");
    let answer = CreateWebhookResponse { secret: hook.secret.clone(), ..CreateWebhookResponse::default() };
    assert!(!format!("{answer:?}").contains(&hook.secret), "it is not printed either");
}

async fn a_secret_is_replaced_while_both_sign(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    let rotated = rotate(house, ana, &hook, Some(3600)).await;
    assert_ne!(rotated.secret, hook.secret);
    assert!(rotated.webhook.unwrap().previous_secret_until.is_some());
    happen(house, ana, "during").await;
    all_are(house, ana, &hook, "delivered").await;
    let during = receiver.received()[0].clone();
    assert_eq!(during.header("webhook-signature").split(' ').count(), 2);
    assert!(during.is_signed_with(&hook.secret) && during.is_signed_with(&rotated.secret));
    house.hand.advance(TimeDelta::seconds(3600));
    happen(house, ana, "after").await;
    all_are(house, ana, &hook, "delivered").await;
    let after = receiver.received()[1].clone();
    assert!(!after.is_signed_with(&hook.secret) && after.is_signed_with(&rotated.secret));
    assert!(get(house, ana, &hook).await.previous_secret_until.is_none());
    let at_once = rotate(house, ana, &hook, Some(0)).await;
    happen(house, ana, "at-once").await;
    all_are(house, ana, &hook, "delivered").await;
    let last = receiver.received()[2].clone();
    assert!(!last.is_signed_with(&rotated.secret) && last.is_signed_with(&at_once.secret));
    house.service.forget_deliveries().await.unwrap();
    const BEFORE: &str = "select count(*) as n from webhooks where sealed_before is not null";
    let mut tx = SystemTx::read(&house.db, "count").await.unwrap();
    let (left,): (i64,) = tx.fetch_one(Sql { name: "before", postgres: BEFORE, sqlite: BEFORE }, &[]).await.unwrap();
    assert_eq!(left, 0);
}

async fn one_that_is_disabled_is_sent_nothing_until_it_is_enabled(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    let enabled =
        |enabled| UpdateWebhookRequest { webhook_id: hook.id.clone(), enabled: Some(enabled), ..Default::default() };
    let off = update(house, ana, enabled(false)).await;
    assert_eq!((off.enabled, off.disabled_because.as_str()), (false, ""));
    happen(house, ana, "main").await;
    let test = TestWebhookRequest { webhook_id: hook.id.clone() };
    let failure = refused(house.workspaces.test_webhook(&house.call(ana), test).await);
    assert_eq!(failure.reason, Reason::Conflict);
    assert!(failure.message.contains("enable it first"), "{failure}");
    assert!(update(house, ana, enabled(true)).await.enabled);
    happen(house, ana, "more").await;
    all_are(house, ana, &hook, "delivered").await;
    assert_eq!(receiver.types(), ["provider.created"]);
}

async fn a_test_arrives_whatever_is_wanted(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["invoice.paid"]).await;
    let request = TestWebhookRequest { webhook_id: hook.id.clone() };
    let tried = house.workspaces.test_webhook(&house.call(ana), request).await.unwrap().delivery.unwrap();
    assert_eq!((tried.event_type.as_str(), tried.status.as_str()), ("webhook.test", "pending"));
    let sent = all_are(house, ana, &hook, "delivered").await;
    assert_eq!(sent[0].id, tried.id);
    let received = receiver.received()[0].clone();
    assert!(received.is_signed_with(&hook.secret));
    assert_eq!(
        (&received.json()["type"], &received.json()["data"]["subject"]),
        (&"webhook.test".into(), &hook.id.into())
    );
}

async fn those_of_another_workspace_do_not_exist(house: &House) {
    let (ana, bob, receiver) = (house.person("Ana").await, house.person("Bob").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    happen(house, ana, "main").await;
    let delivery = all_are(house, ana, &hook, "delivered").await[0].id.clone();
    let (call, id, workspaces) = (house.call(bob), hook.id.clone(), &house.workspaces);
    let mine =
        workspaces.create_webhook(&call, wanting("https://example.com/", &[])).await.unwrap().webhook.unwrap().id;
    let retry = |hook: &str| RetryWebhookDeliveryRequest { webhook_id: hook.into(), delivery_id: delivery.clone() };
    let reasons = [
        refused(workspaces.get_webhook(&call, GetWebhookRequest { webhook_id: id.clone() }).await).reason,
        refused(
            workspaces
                .update_webhook(&call, UpdateWebhookRequest { webhook_id: id.clone(), ..Default::default() })
                .await,
        )
        .reason,
        refused(workspaces.delete_webhook(&call, DeleteWebhookRequest { webhook_id: id.clone() }).await).reason,
        refused(
            workspaces
                .rotate_webhook_secret(
                    &call,
                    RotateWebhookSecretRequest { webhook_id: id.clone(), ..Default::default() },
                )
                .await,
        )
        .reason,
        refused(workspaces.test_webhook(&call, TestWebhookRequest { webhook_id: id.clone() }).await).reason,
        refused(
            workspaces
                .list_webhook_deliveries(
                    &call,
                    ListWebhookDeliveriesRequest { webhook_id: id.clone(), ..Default::default() },
                )
                .await,
        )
        .reason,
        refused(workspaces.retry_webhook_delivery(&call, retry(&id)).await).reason,
        refused(workspaces.retry_webhook_delivery(&call, retry(&mine)).await).reason,
        refused(workspaces.get_webhook(&call, GetWebhookRequest { webhook_id: "main".into() }).await).reason,
    ];
    assert_eq!(reasons, [Reason::NotFound; 9]);
    assert!(get(house, ana, &hook).await.enabled);
}

async fn each_verb_needs_its_permission(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    let only_read = house.only(ana, Permission::WebhooksRead);
    let only_write = house.only(ana, Permission::WebhooksWrite);
    let get = || GetWebhookRequest { webhook_id: hook.id.clone() };
    house.workspaces.get_webhook(&only_read, get()).await.unwrap();
    let failure = refused(house.workspaces.get_webhook(&only_write, get()).await);
    assert_eq!(failure.get("permission"), Some("webhooks.read"));
    let delete = DeleteWebhookRequest { webhook_id: hook.id.clone() };
    let failure = refused(house.workspaces.delete_webhook(&only_read, delete.clone()).await);
    assert_eq!(failure.get("permission"), Some("webhooks.write"));
    house.workspaces.delete_webhook(&only_write, delete).await.unwrap();
}

async fn what_was_sent_long_ago_is_forgotten(house: &House) {
    let (ana, receiver) = (house.person("Ana").await, Receiver::start().await);
    let hook = add(house, ana, &receiver, &["*"]).await;
    happen(house, ana, "old").await;
    all_are(house, ana, &hook, "delivered").await;
    house.hand.advance(TimeDelta::seconds(29 * 86_400));
    happen(house, ana, "new").await;
    all_are(house, ana, &hook, "delivered").await;
    house.hand.advance(TimeDelta::seconds(86_400));
    house.service.forget_deliveries().await.unwrap();
    let left = deliveries(house, ana, &hook).await;
    assert_eq!(left.len(), 1);
    assert!(left[0].body.contains("\"new\""), "{left:?}");
    remove(house, ana, &hook).await;
    const ROWS: &str =
        "select (select count(*) from webhook_attempts) + (select count(*) from webhook_deliveries) as n";
    let mut tx = SystemTx::read(&house.db, "count").await.unwrap();
    let (rows,): (i64,) = tx.fetch_one(Sql { name: "rows", postgres: ROWS, sqlite: ROWS }, &[]).await.unwrap();
    assert_eq!(rows, 0, "removed with it");
}

async fn operators_list_the_workspaces_of_everybody(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob 100%_!").await);
    let operator = Call { workspace: None, ..house.only(ana, Permission::PlatformRead) };
    let list = async |query: &str, page_size, page_token: String| {
        let request = ListAllWorkspacesRequest { page_size, page_token, query: query.to_owned() };
        house.workspaces.list_all_workspaces(&operator, request).await.unwrap()
    };
    let all = list("", 0, String::new()).await.workspaces;
    let ids: Vec<_> = all.iter().map(|one| one.id.clone()).collect();
    assert_eq!(ids, [bob.workspace.to_string(), ana.workspace.to_string()], "newest first");
    let summary = &all[1];
    assert_eq!((summary.owner_user_id.as_str(), summary.members), (ana.user.to_string().as_str(), 1));
    assert_eq!((summary.owner_email.as_str(), summary.plan.as_str()), ("ana@example.com", "free"));
    let first = list("", 1, String::new()).await;
    let second = list("", 1, first.next_page_token).await;
    assert_eq!((second.workspaces[0].id.clone(), second.next_page_token), (ids[1].clone(), String::new()));
    for (query, found) in [
        ("ANA@example", vec![&ids[1]]),
        (ids[0].as_str(), vec![&ids[0]]),
        ("100%_!", vec![&ids[0]]),
        ("10%0", vec![]),
        ("nobody", vec![]),
        (" ", vec![&ids[0], &ids[1]]),
    ] {
        let listed = list(query, 0, String::new()).await.workspaces;
        assert_eq!(listed.iter().map(|one| &one.id).collect::<Vec<_>>(), found, "{query}");
    }
    let request = ListAllWorkspacesRequest::default();
    let nobody = Call { scopes: Scopes::NONE.with(Permission::WorkspaceRead), ..house.call(ana) };
    let failure = refused(house.workspaces.list_all_workspaces(&nobody, request).await);
    assert_eq!((failure.reason, failure.get("permission")), (Reason::PermissionDenied, Some("platform.read")));
}
