use crate::world::*;
use chrono::TimeDelta;
use futures::StreamExt as _;
use proto::{
    Call, Failure, Permission, Principal, Reason,
    feed::WatchRequest,
    id::{SessionId, UserId, WorkspaceId},
    identity::*,
    limits::{Budget, Budgets, Limits, Period},
};
use std::time::Duration;
use store::Backend;

const ALL: &[Permission] = &[Permission::Inference, Permission::KeysRead, Permission::KeysWrite, Permission::LogsRead];

#[tokio::test]
async fn a_new_key_is_shown_once_and_can_be_looked_up_by_its_hash() {
    everywhere(async |world| {
        let call = caller(&world);
        let made =
            create(&world, &call, CreateApiKeyRequest { name: " CI ".to_owned(), ..<_>::default() }).await.unwrap();
        let (key, shown) = (made.key, made.api_key.unwrap());
        assert!(host::door::key::checksum_ok(&key), "{key}");
        assert_eq!((shown.name.as_str(), shown.prefix.as_str()), ("CI", &key[..9]));
        assert_eq!((shown.scopes.as_slice(), shown.active), (["inference".to_owned()].as_slice(), true));
        assert_eq!((shown.created_by, shown.last_used_at), (call.actor(), None));

        let found = resolve(&world, &key).await.unwrap();
        assert_eq!((found.key_id, found.workspace_id), (shown.id, call.workspace.unwrap().to_string()));
        assert_eq!(found.scopes, ["inference"]);
        assert_eq!(reason(resolve(&world, "pk_unknown").await), Reason::UnknownKey);
        let listed = list(&world, &call, 0, "").await.unwrap();
        assert!(!format!("{listed:?}").contains(&key[9..]), "the list shows no key");
    })
    .await;
}

#[tokio::test]
async fn neither_password_nor_key_nor_refresh_token_is_in_the_database_or_the_feed() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let key = create(&world, &world.call(&ana.access).await, named("CI")).await.unwrap().key;
        let events = format!("{:?}", world.events().await);
        let mut kept = events.into_bytes();
        if let Backend::Sqlite { dir } = &world.fresh.backend {
            for file in std::fs::read_dir(dir).unwrap() {
                kept.extend(std::fs::read(file.unwrap().path()).unwrap());
            }
            assert!(kept.windows(EMAIL.len()).any(|w| w == EMAIL.as_bytes()), "the files were read");
        }
        for secret in [PASSWORD, &key[9..], &ana.refresh[40..], &ana.access] {
            assert!(!kept.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_never_has_more_than_its_creator() {
    everywhere(async |world| {
        let call = caller(&world);
        let scoped = |scopes: &[&str]| CreateApiKeyRequest {
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            ..named("CI")
        };
        let made = create(&world, &call, scoped(&["logs.read", "inference", "logs.read"])).await.unwrap();
        assert_eq!(made.api_key.unwrap().scopes, ["inference", "logs.read"]);

        let denied = create(&world, &call, scoped(&["inference", "providers.write"])).await.expect_err("too much");
        assert_eq!(denied.reason, Reason::PermissionDenied);
        assert!(denied.message.contains("providers.write"), "{denied}");
        assert_eq!(denied.get("permission"), Some("providers.write"));

        for strange in ["account", "everything", ""] {
            let refused = create(&world, &call, scoped(&[strange])).await.expect_err(strange);
            assert_eq!((refused.reason, refused.fields[0].0.as_str()), (Reason::RefusedValue, "scopes"));
        }
        let without = Call { scopes: [Permission::KeysWrite].into_iter().collect(), ..call.clone() };
        assert_eq!(reason(create(&world, &without, named("CI")).await), Reason::PermissionDenied, "not even inference");
        let reader = Call { scopes: [Permission::KeysRead].into_iter().collect(), ..call };
        assert_eq!(reason(create(&world, &reader, named("CI")).await), Reason::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn wrong_fields_of_a_key_are_named() {
    everywhere(async |world| {
        let call = caller(&world);
        let past = Some(proto::time::to_proto(world.now()));
        let limits = Some(Limits { rpm: Some(0), tpm: Some(-1), concurrency: Some(1), ..Limits::default() });
        let request = CreateApiKeyRequest { name: "x".repeat(101), limits, expires_at: past, ..<_>::default() };
        let refused = create(&world, &call, request).await.expect_err("all wrong");
        let fields: Vec<_> = refused.fields.iter().map(|(f, _)| f.as_str()).collect();
        assert_eq!(
            (refused.reason, fields),
            (Reason::RefusedValue, vec!["name", "limits.rpm", "limits.tpm", "expires_at"])
        );
        assert_eq!(reason(create(&world, &call, named(" ")).await), Reason::InvalidArgument);
    })
    .await;
}

#[tokio::test]
async fn a_key_carries_its_limits_and_its_end() {
    everywhere(async |world| {
        let call = caller(&world);
        let budget = Budget { amount_micros: 5_000_000, period: Period::Month.into(), soft: false };
        let limits = Limits { rpm: Some(60), concurrency: Some(4), budgets: vec![budget], ..Limits::default() };
        let expires_at = Some(proto::time::to_proto(world.now() + TimeDelta::hours(1)));
        let request = CreateApiKeyRequest { limits: Some(limits.clone()), expires_at, ..named("CI") };
        let made = create(&world, &call, request).await.unwrap();
        let shown = made.api_key.unwrap();
        assert_eq!((shown.limits, shown.expires_at), (Some(limits.clone()), expires_at));
        let workspace_id = shown.workspace_id.clone();
        let request = GetKeyPolicyRequest { workspace_id, key_id: shown.id.clone() };
        let gateway = world.identity.called_by(proto::Role::Gateway);
        let policy = gateway.get_key_policy(&world.anonymous(), request.clone()).await.unwrap();
        assert_eq!((policy.limits, policy.user_id.as_str()), (Some(limits), ""), "of the calling key nothing is known");
        assert_eq!(policy.ends_at, expires_at);
        let elsewhere = GetKeyPolicyRequest { workspace_id: other_workspace(&world).to_string(), ..request };
        let absent = gateway.get_key_policy(&world.anonymous(), elsewhere).await.map_err(failure);
        assert_eq!(reason(absent), Reason::NotFound);

        world.later(TimeDelta::hours(1));
        assert_eq!(reason(resolve(&world, &made.key).await), Reason::KeyExpired);
        assert!(!list(&world, &call, 0, "").await.unwrap().api_keys[0].active);
    })
    .await;
}

#[tokio::test]
async fn what_is_changed_of_a_key_changes_and_is_told() {
    everywhere(async |world| {
        let call = caller(&world);
        let limits = Limits { rpm: Some(60), ..Limits::default() };
        let request = CreateApiKeyRequest { limits: Some(limits), ..named("CI") };
        let key_id = create(&world, &call, request).await.unwrap().api_key.unwrap().id;
        let change = async |request: UpdateApiKeyRequest| {
            let request = UpdateApiKeyRequest { key_id: key_id.clone(), ..request };
            world.identity.update_api_key(&call, request).await.map(|a| a.api_key.unwrap()).map_err(failure)
        };
        let budget = Budget { amount_micros: 5_000_000, period: Period::Total.into(), soft: true };
        let budgets = Some(Budgets { budgets: vec![budget] });
        let changed = change(UpdateApiKeyRequest { budgets: budgets.clone(), ..<_>::default() }).await.unwrap();
        let limits = changed.limits.unwrap();
        assert_eq!((limits.rpm, limits.budgets, changed.name.as_str()), (Some(60), vec![budget], "CI"));
        let renamed = UpdateApiKeyRequest { name: Some("batch".into()), ..<_>::default() };
        assert_eq!(change(renamed.clone()).await.unwrap().name, "batch");
        change(renamed).await.unwrap();
        let lifted = UpdateApiKeyRequest { limits: Some(Limits::default()), ..<_>::default() };
        assert_eq!(change(lifted).await.unwrap().limits, Some(Limits::default()));
        let told = world.events().await.into_iter().filter(|e| e.kind == "api_key.updated").count();
        assert_eq!(told, 3, "a change that changes nothing is none");

        let limits = Some(Limits { budgets: vec![budget], ..Limits::default() });
        let twice = change(UpdateApiKeyRequest { limits, budgets, ..<_>::default() }).await.expect_err("twice");
        assert_eq!((twice.reason, twice.fields[0].0.as_str()), (Reason::InvalidArgument, "budget"));
        let wrong = Some(Budgets { budgets: vec![Budget { amount_micros: 0, ..budget }] });
        let wrong = change(UpdateApiKeyRequest { budgets: wrong, ..<_>::default() }).await.expect_err("nothing");
        assert_eq!((wrong.reason, wrong.fields[0].0.as_str()), (Reason::RefusedValue, "budget.amount_micros"));

        let elsewhere = Call { workspace: Some(other_workspace(&world)), ..call.clone() };
        let foreign = UpdateApiKeyRequest { key_id: key_id.clone(), ..<_>::default() };
        let foreign = world.identity.update_api_key(&elsewhere, foreign).await.map_err(failure);
        assert_eq!(reason(foreign), Reason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn a_person_answers_for_the_keys_that_their_keys_make() {
    everywhere(async |world| {
        let call = person(&world);
        let scopes = vec!["keys.write".to_owned(), "inference".to_owned()];
        let first = create(&world, &call, CreateApiKeyRequest { scopes, ..named("CI") }).await.unwrap();
        let id = first.api_key.unwrap().id.parse().unwrap();
        let by_key = Call { principal: Principal::Key { id }, ..call.clone() };
        let second = create(&world, &by_key, named("made by CI")).await.unwrap().api_key.unwrap();
        assert_eq!(second.created_by, id.to_string());
        let request = GetKeyPolicyRequest { workspace_id: second.workspace_id, key_id: second.id };
        let gateway = world.identity.called_by(proto::Role::Gateway);
        let policy = gateway.get_key_policy(&world.anonymous(), request).await.unwrap();
        assert_eq!(policy.user_id, call.actor());
    })
    .await;
}

#[tokio::test]
async fn keys_are_listed_newest_first_page_by_page() {
    everywhere(async |world| {
        let call = caller(&world);
        for name in ["1", "2", "3", "4", "5"] {
            create(&world, &call, named(name)).await.unwrap();
        }
        create(&world, &world.in_workspace(other_workspace(&world), ALL), named("foreign")).await.unwrap();
        let (mut names, mut token) = (vec![], String::new());
        loop {
            let page = list(&world, &call, 2, &token).await.unwrap();
            assert!(page.api_keys.len() <= 2);
            names.extend(page.api_keys.into_iter().map(|k| k.name));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(names, ["5", "4", "3", "2", "1"]);
        assert_eq!(reason(list(&world, &call, 201, "").await), Reason::InvalidArgument);
        assert_eq!(reason(list(&world, &call, 0, "nonsense").await), Reason::InvalidArgument);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_stays_listed_and_everybody_hears_of_it_within_a_second() {
    everywhere(async |world| {
        let call = caller(&world);
        let made = create(&world, &call, named("CI")).await.unwrap();
        let id = made.api_key.unwrap().id;
        let replica = world.replica(identity::Config::default());
        let mut feed = replica.watch(&world.anonymous(), WatchRequest { after: None }).await.unwrap();
        let next = async |feed: &mut tonic::codegen::BoxStream<_>| {
            let next = tokio::time::timeout(Duration::from_secs(10), feed.next()).await.expect("in time");
            let batch: proto::feed::WatchResponse = next.unwrap().unwrap();
            batch
        };
        assert!(next(&mut feed).await.events.is_empty(), "it begins now");

        let revoked = revoke(&world, &call, &id).await.unwrap();
        assert!(!revoked.active && revoked.revoked_at.is_some());
        let request = GetKeyPolicyRequest { workspace_id: revoked.workspace_id.clone(), key_id: id.clone() };
        let gateway = world.identity.called_by(proto::Role::Gateway);
        let policy = gateway.get_key_policy(&world.anonymous(), request).await.unwrap();
        assert_eq!(policy.ends_at, revoked.revoked_at, "what it began ends with it");
        let started = std::time::Instant::now();
        let event = loop {
            if let Some(event) = next(&mut feed).await.events.pop() {
                break event;
            }
            assert!(started.elapsed() < Duration::from_secs(10));
        };
        assert_eq!((event.kind.as_str(), event.subject.as_str()), ("api_key.revoked", id.as_str()));
        assert_eq!((event.workspace_id, event.actor), (call.workspace.unwrap().to_string(), call.actor()));

        assert_eq!(reason(resolve(&world, &made.key).await), Reason::KeyRevoked);
        world.later(TimeDelta::minutes(1));
        assert_eq!(revoke(&world, &call, &id).await.unwrap(), revoked, "again changes nothing");
        assert_eq!(list(&world, &call, 0, "").await.unwrap().api_keys, [revoked]);
        assert_eq!(world.kinds().await, ["api_key.created", "api_key.revoked"]);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_key_is_gone_and_works_no_more() {
    everywhere(async |world| {
        let call = caller(&world);
        let made = create(&world, &call, named("CI")).await.unwrap();
        let id = made.api_key.unwrap().id;
        delete(&world, &call, &id).await.unwrap();
        assert_eq!(reason(resolve(&world, &made.key).await), Reason::KeyRevoked);
        assert_eq!(list(&world, &call, 0, "").await.unwrap().api_keys, []);
        assert_eq!(reason(delete(&world, &call, &id).await), Reason::NotFound);
        assert_eq!(reason(revoke(&world, &call, &id).await), Reason::NotFound);
        assert_eq!(world.kinds().await, ["api_key.created", "api_key.deleted"]);
    })
    .await;
}

#[tokio::test]
async fn keys_of_another_workspace_are_not_found() {
    everywhere(async |world| {
        let made = create(&world, &caller(&world), named("CI")).await.unwrap();
        let id = made.api_key.unwrap().id;
        let stranger = world.in_workspace(other_workspace(&world), ALL);
        for id in [id.as_str(), "key_nonsense", "", "usr_00000000000000000000000000"] {
            assert_eq!(reason(revoke(&world, &stranger, id).await), Reason::NotFound, "{id}");
            assert_eq!(reason(delete(&world, &stranger, id).await), Reason::NotFound, "{id}");
        }
        resolve(&world, &made.key).await.expect("it works as before");
    })
    .await;
}

#[tokio::test]
async fn the_last_use_of_a_key_only_moves_forward() {
    everywhere(async |world| {
        let call = caller(&world);
        let made = create(&world, &call, named("CI")).await.unwrap().api_key.unwrap();
        let start = world.now();
        world.later(TimeDelta::minutes(10));
        let at = |minutes| KeyUse {
            workspace_id: made.workspace_id.clone(),
            key_id: made.id.clone(),
            at: Some(proto::time::to_proto(start + TimeDelta::minutes(minutes))),
        };
        let elsewhere = KeyUse { workspace_id: other_workspace(&world).to_string(), ..at(9) };
        let nonsense = KeyUse { key_id: "nonsense".to_owned(), ..at(9) };
        for (uses, last) in
            [(vec![at(3), at(5), at(4)], 5), (vec![at(2)], 5), (vec![elsewhere, nonsense], 5), (vec![at(60)], 10)]
        {
            world.identity.record_key_use(&world.anonymous(), RecordKeyUseRequest { uses }).await.unwrap();
            let shown = list(&world, &call, 0, "").await.unwrap().api_keys.pop().unwrap();
            assert_eq!(shown.last_used_at, Some(proto::time::to_proto(start + TimeDelta::minutes(last))));
        }
        let other = create(&world, &call, named("other")).await.unwrap().api_key.unwrap();
        world.later(TimeDelta::minutes(10));
        let uses = vec![at(20), KeyUse { key_id: other.id, ..at(15) }];
        world.identity.record_key_use(&world.anonymous(), RecordKeyUseRequest { uses }).await.unwrap();
        let shown = list(&world, &call, 0, "").await.unwrap().api_keys;
        let last = [15, 20].map(|m| Some(proto::time::to_proto(start + TimeDelta::minutes(m))));
        assert_eq!([shown[0].last_used_at, shown[1].last_used_at], last, "one report for many keys");
        world.identity.record_key_use(&world.anonymous(), RecordKeyUseRequest::default()).await.unwrap();
    })
    .await;
}

fn caller(world: &World) -> Call {
    world.in_workspace(other_workspace(world), ALL)
}

/// The same for a person, of whom identity need know nothing here.
fn person(world: &World) -> Call {
    let (id, session) = (UserId::from_uuid(world.ids.uuid()), SessionId::from_uuid(world.ids.uuid()));
    Call { principal: Principal::User { id, session }, ..caller(world) }
}

fn other_workspace(world: &World) -> WorkspaceId {
    WorkspaceId::from_uuid(world.ids.uuid())
}

fn named(name: &str) -> CreateApiKeyRequest {
    CreateApiKeyRequest { name: name.to_owned(), ..CreateApiKeyRequest::default() }
}

async fn create(world: &World, call: &Call, request: CreateApiKeyRequest) -> Result<CreateApiKeyResponse, Failure> {
    world.identity.create_api_key(call, request).await.map_err(failure)
}

async fn list(world: &World, call: &Call, page_size: i32, token: &str) -> Result<ListApiKeysResponse, Failure> {
    let request = ListApiKeysRequest { page_size, page_token: token.to_owned(), ..ListApiKeysRequest::default() };
    world.identity.list_api_keys(call, request).await.map_err(failure)
}

async fn revoke(world: &World, call: &Call, id: &str) -> Result<ApiKey, Failure> {
    let done = world.identity.revoke_api_key(call, RevokeApiKeyRequest { key_id: id.to_owned() }).await;
    done.map(|r| r.api_key.expect("a key")).map_err(failure)
}

async fn delete(world: &World, call: &Call, id: &str) -> Result<DeleteApiKeyResponse, Failure> {
    world.identity.delete_api_key(call, DeleteApiKeyRequest { key_id: id.to_owned() }).await.map_err(failure)
}

async fn resolve(world: &World, key: &str) -> Result<ResolveKeyResponse, Failure> {
    let sha256 = host::door::key::hash(key).to_vec().into();
    world.identity.resolve_key(&world.anonymous(), ResolveKeyRequest { sha256 }).await.map_err(failure)
}
