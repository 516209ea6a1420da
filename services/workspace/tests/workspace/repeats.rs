//! Workspaces and providers that are asked for again under an `Idempotency-Key`.

use crate::house::{House, Person, on_both_databases, openai, refused};
use proto::{Call, Reason, id::WorkspaceId, workspace::*};
use std::time::Duration;
use store::{GlobalTx, Sql};
use workspace::Config;

on_both_databases! {
    a_repeated_workspace_is_the_same_one_whichever_the_token_names,
    a_repeated_provider_is_the_same_one_and_no_taken_name,
    of_twenty_requests_at_once_one_makes_a_provider,
    a_refused_request_is_tried_anew,
    a_kept_answer_shows_nothing_at_rest_and_is_gone_after_a_day,
}

fn repeatable(house: &House, person: Person) -> Call {
    Call { idempotency_key: Some("once".into()), ..house.call(person) }
}

fn named(name: &str) -> CreateWorkspaceRequest {
    CreateWorkspaceRequest { name: name.into(), ..CreateWorkspaceRequest::default() }
}

async fn a_repeated_workspace_is_the_same_one_whichever_the_token_names(house: &House) {
    let (ana, eve) = (house.person("Ana").await, house.person("Eve").await);
    let (call, workspaces) = (repeatable(house, ana), &house.workspaces);
    let made = workspaces.create_workspace(&call, named("Lab")).await.unwrap();
    assert!(!made.replayed);
    let id: WorkspaceId = made.workspace.as_ref().unwrap().id.parse().unwrap();
    let switched = Call { workspace: Some(id), ..call.clone() };
    let again = workspaces.create_workspace(&switched, named("Lab")).await.unwrap();
    assert_eq!(again, CreateWorkspaceResponse { replayed: true, ..made });
    let other = workspaces.create_workspace(&call, named("Other")).await;
    assert_eq!(refused(other).reason, Reason::IdempotencyMismatch);
    let of_eve = workspaces.create_workspace(&repeatable(house, eve), named("Lab")).await.unwrap();
    assert!(!of_eve.replayed && of_eve.workspace != again.workspace, "keys of others are others");
    let listed = workspaces.list_workspaces(&call, ListWorkspacesRequest::default()).await.unwrap();
    assert_eq!(listed.workspaces.len(), 2, "the first one, and one more");
}

async fn a_repeated_provider_is_the_same_one_and_no_taken_name(house: &House) {
    let ana = house.person("Ana").await;
    let (call, workspaces) = (repeatable(house, ana), &house.workspaces);
    let request = CreateProviderRequest { api_key: Some("sk-abcdefgh1234".into()), ..openai("main") };
    let made = workspaces.create_provider(&call, request.clone()).await.unwrap();
    let again = workspaces.create_provider(&call, request.clone()).await.unwrap();
    assert_eq!(again, CreateProviderResponse { replayed: true, ..made });
    let other_secret = CreateProviderRequest { api_key: Some("sk-other".into()), ..request.clone() };
    let other = workspaces.create_provider(&call, other_secret).await;
    assert_eq!(refused(other).reason, Reason::IdempotencyMismatch);
    // The same key serves another operation.
    assert!(!workspaces.create_workspace(&call, named("main")).await.unwrap().replayed);
    let without = workspaces.create_provider(&house.call(ana), request).await;
    assert_eq!(refused(without).reason, Reason::Conflict);
}

async fn of_twenty_requests_at_once_one_makes_a_provider(house: &House) {
    let ana = house.person("Ana").await;
    let call = repeatable(house, ana);
    let all = (0..20).map(|_| house.workspaces.create_provider(&call, openai("main")));
    let all = futures::future::join_all(all).await;
    let made: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    assert!(made.iter().all(|answer| answer.provider == made[0].provider));
    assert_eq!(made.iter().filter(|answer| !answer.replayed).count(), 1);
}

async fn a_refused_request_is_tried_anew(house: &House) {
    let ana = house.person("Ana").await;
    let call = repeatable(house, ana);
    let taken = house.add_provider(ana, openai("main")).await.unwrap();
    let create = || house.workspaces.create_provider(&call, openai("main"));
    assert_eq!(refused(create().await).reason, Reason::Conflict);
    let delete = DeleteProviderRequest { provider_id: taken.id };
    house.workspaces.delete_provider(&call, delete).await.unwrap();
    assert!(!create().await.unwrap().replayed);
    assert!(create().await.unwrap().replayed);
}

async fn a_kept_answer_shows_nothing_at_rest_and_is_gone_after_a_day(house: &House) {
    let ana = house.person("Ana").await;
    let call = repeatable(house, ana);
    house.workspaces.create_provider(&call, openai("unmistakable")).await.unwrap();
    let kept = kept(house).await;
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].windows(12).any(|part| part == b"unmistakable"));
    house.hand.advance(chrono::Duration::hours(25));
    // Another process that starts on the same database.
    house.again(house.master.clone(), Config::default());
    let gone = async {
        while !self::kept(house).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("upkeep removes it");
}

async fn kept(house: &House) -> Vec<Vec<u8>> {
    let sql = Sql { name: "test", postgres: "select answer from replays", sqlite: "select answer from replays" };
    let mut tx = GlobalTx::read(&house.db).await.unwrap();
    let rows: Vec<(Vec<u8>,)> = tx.fetch_all(sql, &[]).await.unwrap();
    rows.into_iter().map(|(answer,)| answer).collect()
}
