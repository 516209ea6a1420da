//! API keys that are asked for again under an `Idempotency-Key`.

use crate::world::*;
use chrono::TimeDelta;
use proto::{Call, Failure, Permission, Reason, id::WorkspaceId, identity::*};
use std::time::Duration;
use store::{Backend, GlobalTx, Sql};

const ALL: &[Permission] = &[Permission::Inference, Permission::KeysRead, Permission::KeysWrite, Permission::LogsRead];

#[tokio::test]
async fn a_repeated_request_gets_the_same_key_and_another_one_a_conflict() {
    everywhere(async |world| {
        let call = repeatable(&world);
        let made = create(&world, &call, named("CI")).await.unwrap();
        assert!(!made.replayed);
        // Another process answers as well, and the key that it gives is the one that works.
        let again = world.replica(identity::Config::default()).create_api_key(&call, named("CI")).await.unwrap();
        assert_eq!(again, CreateApiKeyResponse { replayed: true, ..made.clone() });
        assert_eq!(reason(create(&world, &call, named("other")).await), Reason::IdempotencyMismatch);
        let elsewhere = Call { workspace: Some(WorkspaceId::from_uuid(world.ids.uuid())), ..call.clone() };
        assert_eq!(reason(create(&world, &elsewhere, named("CI")).await), Reason::IdempotencyMismatch);
        let stranger = Call { principal: repeatable(&world).principal, ..call.clone() };
        assert_ne!(create(&world, &stranger, named("CI")).await.unwrap().key, made.key, "keys of others are others");
        let without = Call { idempotency_key: None, ..call.clone() };
        assert_ne!(create(&world, &without, named("CI")).await.unwrap().key, made.key);
        assert_eq!((listed(&world, &call).await, listed(&world, &elsewhere).await), (3, 0));
        assert_eq!(world.kinds().await, ["api_key.created"; 3], "a repetition is no event");
    })
    .await;
}

#[tokio::test]
async fn what_was_right_when_it_was_asked_is_not_judged_again_but_what_was_wrong_is() {
    everywhere(async |world| {
        let call = repeatable(&world);
        assert_eq!(reason(create(&world, &call, named("")).await), Reason::InvalidArgument);
        let expires_at = Some(proto::time::to_proto(world.now() + TimeDelta::minutes(1)));
        let short = CreateApiKeyRequest { expires_at, ..named("CI") };
        let made = create(&world, &call, short.clone()).await.expect("a refused request keeps nothing");
        world.later(TimeDelta::hours(1));
        assert_eq!(create(&world, &call, short).await.unwrap().key, made.key);
    })
    .await;
}

#[tokio::test]
async fn who_has_lost_a_permission_does_not_get_a_key_that_has_it() {
    everywhere(async |world| {
        let call = repeatable(&world);
        let request = CreateApiKeyRequest { scopes: vec!["logs.read".to_owned()], ..named("CI") };
        create(&world, &call, request.clone()).await.unwrap();
        let scopes = [Permission::Inference, Permission::KeysWrite].into_iter().collect();
        let lessened = create(&world, &Call { scopes, ..call }, request).await.expect_err("it must fail");
        assert_eq!((lessened.reason, lessened.get("permission")), (Reason::PermissionDenied, Some("logs.read")));
    })
    .await;
}

#[tokio::test]
async fn of_twenty_requests_at_once_one_makes_a_key() {
    everywhere(async |world| {
        let call = repeatable(&world);
        let all = futures::future::join_all((0..20).map(|_| create(&world, &call, named("CI")))).await;
        let keys: Vec<_> = all.into_iter().map(|made| made.unwrap().key).collect();
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(listed(&world, &call).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_kept_key_cannot_be_read_at_rest_and_is_gone_after_a_day() {
    everywhere(async |world| {
        let call = repeatable(&world);
        let made = create(&world, &call, named("CI")).await.unwrap();
        let (sealed,): (Vec<u8>,) = GlobalTx::read(&world.fresh.db)
            .await
            .unwrap()
            .fetch_one(sql("select answer from replays"), &[])
            .await
            .unwrap();
        let mut kept = sealed;
        if let Backend::Sqlite { dir } = &world.fresh.backend {
            for file in std::fs::read_dir(dir).unwrap() {
                kept.extend(std::fs::read(file.unwrap().path()).unwrap());
            }
        }
        assert!(!kept.windows(made.key.len()).any(|part| part == made.key.as_bytes()));

        world.later(TimeDelta::hours(25));
        assert_eq!(rows(&world).await, 1);
        world.service.start(&world.tasks);
        let gone = async {
            while rows(&world).await > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), gone).await.expect("upkeep removes it");
        assert!(world.tasks.shutdown(Duration::from_secs(10)).await);
    })
    .await;
}

fn repeatable(world: &World) -> Call {
    let workspace = WorkspaceId::from_uuid(world.ids.uuid());
    Call { idempotency_key: Some("once".into()), ..world.in_workspace(workspace, ALL) }
}

fn named(name: &str) -> CreateApiKeyRequest {
    CreateApiKeyRequest { name: name.to_owned(), ..CreateApiKeyRequest::default() }
}

const fn sql(text: &'static str) -> Sql {
    Sql { name: "test", postgres: text, sqlite: text }
}

async fn create(world: &World, call: &Call, request: CreateApiKeyRequest) -> Result<CreateApiKeyResponse, Failure> {
    world.identity.create_api_key(call, request).await.map_err(failure)
}

async fn listed(world: &World, call: &Call) -> usize {
    world.identity.list_api_keys(call, ListApiKeysRequest::default()).await.expect("a list").api_keys.len()
}

async fn rows(world: &World) -> i64 {
    let mut tx = GlobalTx::read(&world.fresh.db).await.expect("a transaction");
    let (rows,) = tx.fetch_one(sql("select count(*) as n from replays"), &[]).await.expect("a table");
    rows
}
