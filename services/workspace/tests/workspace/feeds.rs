//! What this service reports, what it learns from identity, and the trail that both leave.

use crate::{
    house::{House, Person, on_both_databases, openai},
    identity::{Reports, about},
};
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use proto::{
    Role,
    feed::{Event, WatchRequest},
    id::EventId,
    identity::Identity,
    workspace::*,
};
use std::time::Duration;
use store::{Sql, WorkspaceTx};

on_both_databases! {
    every_change_is_reported_once_with_who_and_why,
    a_refused_change_is_not_reported,
    the_trail_of_a_workspace_keeps_its_own_events_once,
    the_trail_is_read_page_by_page_and_exported_whole,
    what_is_kept_is_what_was_reported,
    names_of_members_follow_identity,
    a_slower_process_does_not_bring_an_old_name_back,
    a_repeated_event_of_identity_is_kept_once,
    a_follower_that_starts_again_goes_on_where_it_stopped,
}

async fn every_change_is_reported_once_with_who_and_why(house: &House) {
    let ana = house.person("Ana").await;
    let call = house.call(ana);
    let request = CreateProviderRequest { api_key: Some("sk-canary-1234".into()), ..openai("main") };
    let provider = house.workspaces.create_provider(&call, request).await.unwrap().provider.unwrap();
    let update = UpdateProviderRequest {
        provider_id: provider.id.clone(),
        api_key: Some("sk-canary-5678".into()),
        weight: Some(3),
        ..UpdateProviderRequest::default()
    };
    house.workspaces.update_provider(&call, update).await.unwrap();
    house.workspaces.delete_provider(&call, DeleteProviderRequest { provider_id: provider.id.clone() }).await.unwrap();
    let rename = UpdateWorkspaceRequest { name: Some("Acme".into()), ..UpdateWorkspaceRequest::default() };
    house.workspaces.update_workspace(&call, rename).await.unwrap();
    let events = reported(house, 6).await;
    let (user, workspace) = (ana.user.to_string(), ana.workspace.to_string());
    let told: Vec<_> = events.iter().map(|e| (e.kind.as_str(), e.subject.as_str())).collect();
    assert_eq!(
        told,
        [
            ("workspace.created", workspace.as_str()),
            ("member.added", user.as_str()),
            ("provider.created", provider.id.as_str()),
            ("provider.updated", provider.id.as_str()),
            ("provider.deleted", provider.id.as_str()),
            ("workspace.updated", workspace.as_str()),
        ]
    );
    assert!(events.iter().all(|e| e.workspace_id == workspace && e.actor == user), "{events:?}");
    assert!(events[2..].iter().all(|e| e.request_id == call.request_id.to_string()), "{events:?}");
    assert!(!format!("{events:?}").contains("canary"), "{events:?}");
    assert!(events[3].payload.contains("\"changed\":[\"weight\",\"api_key\"]"), "{}", events[3].payload);
}

async fn the_trail_is_read_page_by_page_and_exported_whole(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    for name in ["one", "two", "three"] {
        house.add_provider(ana, openai(name)).await.unwrap();
    }
    eventually(|| trail(house, ana), |kinds| kinds.len() == 5).await;
    let call = house.call(ana);
    let list = async |filter: AuditFilter, page_token: String| {
        let request = ListAuditEventsRequest { page_size: 2, page_token, filter: Some(filter) };
        house.workspaces.list_audit_events(&call, request).await.unwrap()
    };
    let of = |action: &str| AuditFilter { action: Some(action.into()), ..AuditFilter::default() };
    let first = list(of("provider.created"), String::new()).await;
    let second = list(of("provider.created"), first.next_page_token.clone()).await;
    assert_eq!((first.events.len(), second.events.len(), second.next_page_token.as_str()), (2, 1, ""));
    assert!(first.events[0].id > first.events[1].id && first.events[1].id > second.events[0].id, "newest first");
    assert!(first.events[0].details_json.contains("three"), "{first:?}");
    let nobody = AuditFilter { actor: Some(bob.user.to_string()), ..AuditFilter::default() };
    assert!(list(nobody, String::new()).await.events.is_empty(), "what others did");
    let exported = async |call| {
        let request = ExportAuditEventsRequest { filter: None };
        let mut pieces = house.workspaces.export_audit_events(&call, request).await.unwrap();
        let mut events = vec![];
        while let Some(piece) = pieces.next().await {
            events.extend(piece.unwrap().events);
        }
        events
    };
    let all = exported(house.call(ana)).await;
    let actions: Vec<_> = all.iter().map(|event| event.action.as_str()).collect();
    let made = "provider.created";
    assert_eq!(actions, ["workspace.created", "member.added", made, made, made]);
    assert!(all.iter().all(|event| event.actor == ana.user.to_string() && event.source == "workspace"), "{all:?}");
    eventually(|| trail(house, bob), |kinds| kinds.len() == 2).await;
    assert_eq!(exported(house.call(bob)).await.len(), 2, "of one's own workspace only");
    let at = |text: &str| Some(proto::time::to_proto(text.parse::<DateTime<Utc>>().unwrap()));
    let later = AuditFilter { from: at("2001-01-01T00:00:00Z"), to: at("2001-01-02T00:00:00Z"), ..of(made) };
    assert!(list(later, String::new()).await.events.is_empty());
}

async fn a_refused_change_is_not_reported(house: &House) {
    let ana = house.person("Ana").await;
    house.add_provider(ana, openai("main")).await.unwrap();
    house.add_provider(ana, openai("MAIN")).await.unwrap_err();
    house.add_provider(ana, openai("last")).await.unwrap();
    let kinds: Vec<_> = reported(house, 4).await.into_iter().map(|e| e.kind).collect();
    assert_eq!(kinds, ["workspace.created", "member.added", "provider.created", "provider.created"]);
}

async fn the_trail_of_a_workspace_keeps_its_own_events_once(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    // A second process that follows the same feed writes the same events.
    house.again(house.master.clone(), workspace::Config::default());
    house.add_provider(ana, openai("main")).await.unwrap();
    let kinds = eventually(|| trail(house, ana), |kinds| kinds.len() >= 3).await;
    assert_eq!(kinds, ["workspace:workspace.created", "workspace:member.added", "workspace:provider.created"]);
    let kinds = eventually(|| trail(house, bob), |kinds| kinds.len() >= 2).await;
    assert_eq!(kinds, ["workspace:workspace.created", "workspace:member.added"]);
}

async fn what_is_kept_is_what_was_reported(house: &House) {
    let ana = house.person("Ana").await;
    house.hand.advance(chrono::Duration::milliseconds(1_234));
    house.add_provider(ana, openai("main")).await.unwrap();
    let reported = reported(house, 3).await;
    eventually(|| trail(house, ana), |kinds| kinds.len() >= 3).await;
    let text = "select event_id, at, position, actor, kind, subject, request_id, payload from audit_events
        where workspace_id = $1 order by seq";
    let sql = Sql { name: "trail", postgres: text, sqlite: text };
    let mut tx = WorkspaceTx::read(&house.db, ana.workspace).await.unwrap();
    let rows: Vec<Kept> = tx.fetch_all(sql, &[ana.workspace.into()]).await.unwrap();
    let kept: Vec<_> = rows.into_iter().map(|row| row.of(ana)).collect();
    // The trail is written with the change, before the feed has given it its place.
    let reported: Vec<_> = reported.into_iter().map(|event| Event { position: 0, ..event }).collect();
    assert_eq!(kept, reported);
}

store::row! {
    struct Kept {
        event_id: EventId,
        at: DateTime<Utc>,
        position: i64,
        actor: String,
        kind: String,
        subject: String,
        request_id: String,
        payload: String,
    }
}

impl Kept {
    fn of(self, person: Person) -> Event {
        let Self { event_id, at, position, actor, kind, subject, request_id, payload } = self;
        let (id, workspace_id) = (event_id.to_string(), person.workspace.to_string());
        Event {
            position,
            id,
            kind,
            workspace_id,
            subject,
            actor,
            at: Some(proto::time::to_proto(at)),
            request_id,
            payload,
        }
    }
}

async fn names_of_members_follow_identity(house: &House) {
    let ana = house.person("Ana").await;
    let reports = follow(house);
    reports.say(about(
        "user.created",
        event(house),
        ana.user,
        r#"{"email":"ana@example.com","name":"Ana","locale":"en"}"#,
    ));
    reports.say(about("user.updated", event(house), ana.user, "not JSON"));
    reports.say(about(
        "user.updated",
        event(house),
        ana.user,
        r#"{"email":"ana@new.example","name":"Ana Lima","locale":"en"}"#,
    ));
    let seen = eventually(|| names(house, ana), |seen| seen[0].1 != "Ana").await;
    assert_eq!(seen, [("ana@new.example".to_owned(), "Ana Lima".to_owned())]);
    // A late sign-up call must not bring the old name back.
    house.provision(house.provisioning(ana, "Ana")).await.unwrap();
    assert_eq!(names(house, ana).await, seen);
}

async fn a_slower_process_does_not_bring_an_old_name_back(house: &House) {
    let ana = house.person("Ana").await;
    let (fast, slow) = (follow(house), follow(house));
    let old = about("user.created", event(house), ana.user, r#"{"email":"a@b.c","name":"Old"}"#);
    fast.say(old.clone());
    fast.say(about("user.updated", event(house), ana.user, r#"{"email":"a@b.c","name":"New"}"#));
    eventually(|| names(house, ana), |seen| seen[0].1 == "New").await;
    slow.say(old);
    slow.say(Event {
        workspace_id: ana.workspace.to_string(),
        ..about("api_key.created", event(house), ana.user, "{}")
    });
    eventually(|| trail(house, ana), |kinds| kinds.iter().any(|k| k.starts_with("identity:"))).await;
    assert_eq!(names(house, ana).await[0].1, "New");
}

async fn a_repeated_event_of_identity_is_kept_once(house: &House) {
    let ana = house.person("Ana").await;
    let reports = follow(house);
    let created =
        Event { workspace_id: ana.workspace.to_string(), ..about("api_key.created", event(house), ana.user, "{}") };
    let revoked =
        Event { workspace_id: ana.workspace.to_string(), ..about("api_key.revoked", event(house), ana.user, "{}") };
    reports.say(created.clone());
    reports.say(created);
    // Of nobody's workspace, of no workspace at all, and without an id: none of them is kept, none is in the way.
    reports.say(about("session.created", event(house), ana.user, "{}"));
    reports.say(Event { workspace_id: "ws_garbage".into(), ..about("api_key.created", event(house), ana.user, "{}") });
    reports.say(Event { id: "evt".into(), workspace_id: ana.workspace.to_string(), ..Event::default() });
    reports.say(revoked);
    let kinds =
        eventually(|| trail(house, ana), |kinds| kinds.iter().any(|k| k.ends_with("revoked")) && kinds.len() >= 4)
            .await;
    let of_identity: Vec<_> = kinds.iter().filter(|k| k.starts_with("identity:")).collect();
    assert_eq!(of_identity, ["identity:api_key.created", "identity:api_key.revoked"]);
}

async fn a_follower_that_starts_again_goes_on_where_it_stopped(house: &House) {
    let ana = house.person("Ana").await;
    let reports = follow(house);
    let kept = Event {
        workspace_id: ana.workspace.to_string(),
        ..about("user.updated", event(house), ana.user, r#"{"email":"a@b.c","name":"New"}"#)
    };
    reports.say(kept);
    eventually(|| names(house, ana), |seen| seen[0].1 == "New").await;
    // The next process reads on from there: what came before may be pruned, and is not asked for again.
    let (again, _) = house.again(house.master.clone(), workspace::Config::default());
    let later = Reports::default();
    later.say(about("user.updated", event(house), ana.user, r#"{"email":"a@b.c","name":"Old"}"#));
    later.say(about("user.updated", event(house), ana.user, r#"{"email":"a@b.c","name":"Newest"}"#));
    again.follow(Identity::local(later.clone(), house.tasks.tracker()).called_by(Role::Workspace), &house.tasks);
    let seen = eventually(|| names(house, ana), |seen| seen[0].1 != "New").await;
    assert_eq!(seen[0].1, "Newest");
    // Beside it, for those who were erased: of them nothing has been said yet.
    let asked = eventually(async || later.asked(), |asked| asked.len() > 1).await;
    assert!(asked.contains(&Some(1)) && asked.contains(&Some(0)), "{asked:?}");
}

fn follow(house: &House) -> Reports {
    let reports = Reports::default();
    let identity = Identity::local(reports.clone(), house.tasks.tracker()).called_by(Role::Workspace);
    house.service.follow(identity, &house.tasks);
    reports
}

fn event(house: &House) -> EventId {
    EventId::from_uuid(house.ids.uuid())
}

/// The first events of the feed.
async fn reported(house: &House, count: usize) -> Vec<Event> {
    let call = house.service_call(Role::Gateway);
    let gateway = house.workspaces.called_by(Role::Gateway);
    let mut batches = gateway.watch(&call, WatchRequest { after: Some(0) }).await.unwrap();
    let mut events = vec![];
    let read = async {
        while events.len() < count {
            events.extend(batches.next().await.unwrap().unwrap().events);
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("the feed says it within ten seconds");
    // One heartbeat more: nothing may follow.
    events.extend(batches.next().await.unwrap().unwrap().events);
    events
}

async fn names(house: &House, person: Person) -> Vec<(String, String)> {
    let listed = house.workspaces.list_members(&house.call(person), ListMembersRequest::default()).await.unwrap();
    listed.members.into_iter().map(|m| (m.email, m.name)).collect()
}

/// `<source>:<kind>` of what is kept of this workspace, in order.
async fn trail(house: &House, person: Person) -> Vec<String> {
    let text = "select source, kind from audit_events where workspace_id = $1 order by source, position";
    let sql = Sql { name: "trail", postgres: text, sqlite: text };
    let mut tx = WorkspaceTx::read(&house.db, person.workspace).await.unwrap();
    let rows: Vec<(String, String)> = tx.fetch_all(sql, &[person.workspace.into()]).await.unwrap();
    rows.into_iter().map(|(source, kind)| format!("{source}:{kind}")).collect()
}

/// Asks until it is so, for ten seconds at most.
async fn eventually<T, F: Future<Output = T>>(ask: impl Fn() -> F, enough: impl Fn(&T) -> bool) -> T {
    for _ in 0..500 {
        let answer = ask().await;
        if enough(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it did not happen within ten seconds");
}
