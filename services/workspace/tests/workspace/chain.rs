//! The trail as a chain: written with what it tells of, and verified from an export alone.

use crate::{
    house::{House, Person, on_both_databases, openai},
    identity::{Reports, about},
};
use futures::StreamExt as _;
use proto::{Role, feed::Event, id::EventId, identity::Identity, workspace::*};
use serde_json::json;
use std::time::Duration;
use store::{Sql, SystemTx, WorkspaceTx};
use workspace::verify::{self, Known};

on_both_databases! {
    what_is_committed_is_in_the_trail_at_once_and_what_is_not_never,
    an_export_is_verified_with_the_key_of_the_installation,
    entries_of_all_services_and_of_many_at_once_are_one_chain,
    nothing_in_the_trail_can_be_changed_or_deleted,
    what_an_earlier_release_left_is_chained_at_the_next_start,
    a_trail_that_was_rewritten_in_the_database_is_found_out,
}

/// The export, as the edge writes it for verification.
async fn export(house: &House, person: Person) -> Vec<u8> {
    let mut pieces = house
        .workspaces
        .export_audit_events(&house.call(person), ExportAuditEventsRequest { filter: None })
        .await
        .unwrap();
    let mut file = vec![];
    let mut line = |value: String| {
        file.extend_from_slice(value.as_bytes());
        file.push(b'\n');
    };
    while let Some(piece) = pieces.next().await.transpose().unwrap() {
        if let Some(head) = piece.head {
            let AuditHead { workspace_id, seq, hash, at, signature, public_key } = head;
            let [hash, signature, key] = [hash, signature, public_key].map(hex::encode);
            let at = serde_json::to_string(&at.and_then(proto::time::from_proto).unwrap()).unwrap();
            line(format!(
                r#"{{"head":{{"workspace_id":"{workspace_id}","seq":{seq},"hash":"{hash}","at":{at},"signature":"{signature}","public_key":"{key}"}}}}"#
            ));
        }
        for event in piece.events {
            let text = |value: &str| json!(value).to_string();
            let at = serde_json::to_string(&event.at.and_then(proto::time::from_proto).unwrap()).unwrap();
            let request = if event.request_id.is_empty() { "null".into() } else { text(&event.request_id) };
            let seq = event.seq.map_or("null".to_owned(), |seq| seq.to_string());
            let hash = if event.hash.is_empty() { "null".into() } else { text(&hex::encode(&event.hash)) };
            line(format!(
                r#"{{"id":{},"created_at":{at},"actor":{},"action":{},"subject":{},"request_id":{request},"details":{},"source":{},"seq":{seq},"hash":{hash}}}"#,
                text(&event.id),
                text(&event.actor),
                text(&event.action),
                text(&event.subject),
                event.details_json,
                text(&event.source),
            ));
        }
    }
    file
}

fn known(house: &House) -> Known {
    Known { public_key: Some(workspace::audit_public_key(&house.master)), earlier: None, earlier_key: None }
}

async fn entries(house: &House, person: Person) -> Vec<AuditEvent> {
    let listed = house.workspaces.list_audit_events(&house.call(person), ListAuditEventsRequest::default()).await;
    listed.unwrap().events
}

async fn run(house: &House, person: Person, text: &'static str) -> Result<u64, store::Error> {
    let mut tx = WorkspaceTx::begin(&house.db, person.workspace).await?;
    let sql = Sql { name: "by hand", postgres: text, sqlite: text };
    let changed = tx.execute(sql, &[person.workspace.into()]).await?;
    tx.commit().await?;
    Ok(changed)
}

async fn what_is_committed_is_in_the_trail_at_once_and_what_is_not_never(house: &House) {
    let ana = house.person("Ana").await;
    house.add_provider(ana, openai("main")).await.unwrap();
    // Nobody has waited for a feed.
    let actions: Vec<_> = entries(house, ana).await.into_iter().map(|event| event.action).collect();
    assert_eq!(actions, ["provider.created", "member.added", "workspace.created"]);
    house.add_provider(ana, openai("MAIN")).await.unwrap_err();
    assert_eq!(entries(house, ana).await.len(), 3);
    let seqs: Vec<_> = entries(house, ana).await.into_iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [Some(3), Some(2), Some(1)]);
}

async fn an_export_is_verified_with_the_key_of_the_installation(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    house.add_provider(ana, openai("main")).await.unwrap();
    let early = export(house, ana).await;
    let head = verify::verify(early.as_slice(), &known(house)).unwrap();
    assert_eq!((head.workspace_id.as_str(), head.seq), (ana.workspace.to_string().as_str(), 3));
    house.add_provider(ana, openai("second")).await.unwrap();
    let late = export(house, ana).await;
    let since = Known { earlier: Some(head), ..known(house) };
    assert_eq!(verify::verify(late.as_slice(), &since).unwrap().seq, 4);
    assert!(matches!(verify::verify(export(house, bob).await.as_slice(), &since), Err(verify::Fault::OtherWorkspace)));
    // Every flipped byte and every cut of a real export, as the unit tests try them on a made one.
    for place in (0..late.len()).step_by(7) {
        let mut flipped = late.clone();
        flipped[place] ^= 0x20;
        assert!(verify::verify(flipped.as_slice(), &known(house)).is_err(), "byte {place}");
        assert!(verify::verify(&late[..place], &known(house)).is_err(), "the first {place} bytes");
    }
    // A filter leaves entries out, so there is no head to hold them against.
    let filter = Some(AuditFilter { action: Some("provider.created".into()), ..AuditFilter::default() });
    let request = ExportAuditEventsRequest { filter };
    let mut pieces = house.workspaces.export_audit_events(&house.call(ana), request).await.unwrap();
    let piece = pieces.next().await.unwrap().unwrap();
    assert_eq!((piece.head, piece.events.len()), (None, 2));
}

async fn entries_of_all_services_and_of_many_at_once_are_one_chain(house: &House) {
    let ana = house.person("Ana").await;
    let reports = Reports::default();
    house
        .service
        .follow(Identity::local(reports.clone(), house.tasks.tracker()).called_by(Role::Workspace), &house.tasks);
    for _ in 0..20 {
        let id = EventId::from_uuid(house.ids.uuid());
        let event = about("api_key.created", id, ana.user, r#"{"name":"CI"}"#);
        reports.say(Event { workspace_id: ana.workspace.to_string(), ..event });
    }
    // Another process, which follows the same feeds and changes the same workspace.
    let (_, other) = house.again(house.master.clone(), workspace::Config::default());
    let call = house.call(ana);
    let many = (0..20).map(|n| {
        let workspaces = if n % 2 == 0 { &house.workspaces } else { &other };
        workspaces.create_provider(&call, openai(&format!("p{n}")))
    });
    for made in futures::future::join_all(many).await {
        made.unwrap();
    }
    for _ in 0..200 {
        if entries(house, ana).await.iter().filter(|event| event.source == "identity").count() == 20 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let head = verify::verify(export(house, ana).await.as_slice(), &known(house)).unwrap();
    assert_eq!(head.seq, 42);
}

async fn nothing_in_the_trail_can_be_changed_or_deleted(house: &House) {
    let ana = house.person("Ana").await;
    for text in [
        "update audit_events set actor = 'usr_x' where workspace_id = $1",
        "update audit_events set seq = null where workspace_id = $1",
        "delete from audit_events where workspace_id = $1",
    ] {
        assert!(run(house, ana, text).await.is_err(), "{text}");
    }
    verify::verify(export(house, ana).await.as_slice(), &known(house)).unwrap();
}

async fn what_an_earlier_release_left_is_chained_at_the_next_start(house: &House) {
    let ana = house.person("Ana").await;
    let mut tx = WorkspaceTx::begin(&house.db, ana.workspace).await.unwrap();
    let text =
        "insert into audit_events (event_id, workspace_id, source, position, at, actor, kind, subject, request_id,
        payload) values ($1, $2, 'workspace', 1, $3, 'usr_1', 'provider.created', 'prov_1', '', '{}')";
    for _ in 0..600 {
        let values = [house.ids.uuid().into(), ana.workspace.into(), house.now().into()];
        tx.execute(Sql { name: "as before", postgres: text, sqlite: text }, &values).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(matches!(
        verify::verify(export(house, ana).await.as_slice(), &known(house)),
        Err(verify::Fault::Unchained(2))
    ));
    house.again(house.master.clone(), workspace::Config::default());
    for _ in 0..200 {
        if verify::verify(export(house, ana).await.as_slice(), &known(house)).is_ok_and(|head| head.seq == 602) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("they are not chained");
}

/// Somebody who owns the database and takes the trigger away, but has no master key.
async fn a_trail_that_was_rewritten_in_the_database_is_found_out(house: &House) {
    let ana = house.person("Ana").await;
    for name in ["one", "two", "three"] {
        house.add_provider(ana, openai(name)).await.unwrap();
    }
    let before = export(house, ana).await;
    let head = verify::head(&mut before.as_slice()).unwrap();
    if !house.db.is_sqlite() {
        // On PostgreSQL the service's role may not even do that: `nothing_in_the_trail_can_be_changed_or_deleted`.
        return;
    }
    // Until the feed has passed what happened, it would put back what is taken out.
    let text = "select position from feed_positions where source = 'workspace' and position >= 5";
    for _ in 0..200 {
        let mut tx = SystemTx::read(&house.db, "look at the feed").await.unwrap();
        let passed: Option<(i64,)> =
            tx.fetch_optional(Sql { name: "position", postgres: text, sqlite: text }, &[]).await.unwrap();
        if passed.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut tx = SystemTx::begin(&house.db, "play the intruder").await.unwrap();
    for text in [
        "drop trigger audit_append_only",
        "drop trigger audit_kept",
        "delete from audit_events where seq = 5",
        "update audit_heads set seq = 4, hash = (select hash from audit_events where seq = 4)",
    ] {
        tx.execute(Sql { name: "by hand", postgres: text, sqlite: text }, &[]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let cut = export(house, ana).await;
    assert!(matches!(verify::verify(cut.as_slice(), &known(house)), Err(verify::Fault::Unsigned(_))));
    // What goes on from there is signed again, and does not fit what was exported before.
    house.add_provider(ana, openai("four")).await.unwrap();
    let forked = export(house, ana).await;
    verify::verify(forked.as_slice(), &known(house)).unwrap();
    let since = Known { earlier: Some(head), ..known(house) };
    assert!(matches!(verify::verify(forked.as_slice(), &since), Err(verify::Fault::Rewritten(5))));
}
