//! What a key is bound to, how it changes its text, and with whom it ends.

use crate::world::*;
use chrono::TimeDelta;
use proto::{
    Call, Failure, Permission, Principal, Reason, Scopes,
    feed::Event,
    id::{EventId, SessionId, UserId, WorkspaceId},
    identity::*,
};
use std::time::Duration;

const MEMBER: &[Permission] = &[Permission::Inference, Permission::KeysRead, Permission::KeysWrite];

/// A person in a workspace.
pub fn person(world: &World, workspace: WorkspaceId, scopes: &[Permission]) -> Call {
    let (id, session) = (UserId::from_uuid(world.ids.uuid()), SessionId::from_uuid(world.ids.uuid()));
    Call { principal: Principal::User { id, session }, ..world.in_workspace(workspace, scopes) }
}

pub fn workspace(world: &World) -> WorkspaceId {
    WorkspaceId::from_uuid(world.ids.uuid())
}

pub fn named(name: &str) -> CreateApiKeyRequest {
    CreateApiKeyRequest { name: name.to_owned(), ..CreateApiKeyRequest::default() }
}

pub async fn create(world: &World, call: &Call, request: CreateApiKeyRequest) -> Result<(ApiKey, String), Failure> {
    let made = world.identity.create_api_key(call, request).await.map_err(failure)?;
    Ok((made.api_key.expect("a key"), made.key))
}

pub async fn rotate(world: &World, call: &Call, id: &str, grace: Option<i64>) -> Result<(ApiKey, String), Failure> {
    let request = RotateApiKeyRequest { key_id: id.to_owned(), grace_seconds: grace };
    let done = world.identity.rotate_api_key(call, request).await.map_err(failure)?;
    Ok((done.api_key.expect("a key"), done.key))
}

pub async fn resolve(world: &World, key: &str) -> Result<ResolveKeyResponse, Failure> {
    let sha256 = host::door::key::hash(key).to_vec().into();
    world.identity.resolve_key(&world.anonymous(), ResolveKeyRequest { sha256 }).await.map_err(failure)
}

fn names(names: &[&str]) -> Option<Names> {
    Some(Names { names: names.iter().map(|name| (*name).to_owned()).collect() })
}

#[tokio::test]
async fn what_a_key_is_bound_to_is_kept_changed_and_lifted() {
    everywhere(async |world| {
        let call = person(&world, workspace(&world), MEMBER);
        let request = CreateApiKeyRequest {
            allowed_models: vec!["gpt-5".into(), "anthropic/*".into()],
            allowed_ips: vec!["203.0.113.7".into(), "10.0.0.0/8".into()],
            ..named("CI")
        };
        let (made, key) = create(&world, &call, request).await.unwrap();
        assert_eq!(made.allowed_models, ["gpt-5", "anthropic/*"]);
        assert_eq!(made.allowed_ips, ["203.0.113.7/32", "10.0.0.0/8"]);
        assert_eq!(resolve(&world, &key).await.unwrap().allowed_ips, made.allowed_ips);
        let policy = async || {
            let request = GetKeyPolicyRequest { workspace_id: made.workspace_id.clone(), key_id: made.id.clone() };
            let gateway = world.identity.called_by(proto::Role::Gateway);
            gateway.get_key_policy(&world.anonymous(), request).await.unwrap().allowed_models
        };
        assert_eq!(policy().await, made.allowed_models);
        let change = async |request: UpdateApiKeyRequest| {
            let request = UpdateApiKeyRequest { key_id: made.id.clone(), ..request };
            world.identity.update_api_key(&call, request).await.map_err(failure).map(|done| done.api_key.unwrap())
        };
        let one = UpdateApiKeyRequest { allowed_models: names(&["gpt-5"]), ..UpdateApiKeyRequest::default() };
        let changed = change(one.clone()).await.unwrap();
        assert_eq!(
            (changed.allowed_models.as_slice(), changed.allowed_ips.len()),
            (["gpt-5".to_owned()].as_slice(), 2)
        );
        change(one).await.unwrap();
        let lifted = UpdateApiKeyRequest { allowed_models: names(&[]), allowed_ips: names(&[]), ..<_>::default() };
        let lifted = change(lifted).await.unwrap();
        assert!(lifted.allowed_models.is_empty() && lifted.allowed_ips.is_empty() && policy().await.is_empty());
        let told: Vec<_> = world.events().await.into_iter().filter(|e| e.kind == "api_key.updated").collect();
        assert_eq!(told.len(), 2, "a change that changes nothing is none");
        assert!(told[1].payload.contains(r#"["allowed_models","allowed_ips"]"#), "{told:?}");
        for (request, field) in [
            (UpdateApiKeyRequest { allowed_models: names(&["a", "*b"]), ..<_>::default() }, "allowed_models[1]"),
            (UpdateApiKeyRequest { allowed_ips: names(&["everywhere"]), ..<_>::default() }, "allowed_ips[0]"),
        ] {
            let failure = change(request).await.expect_err("wrong");
            assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::RefusedValue, field));
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_bound_makes_itself_no_other() {
    everywhere(async |world| {
        let call = person(&world, workspace(&world), MEMBER);
        let scopes = vec!["keys.write".to_owned(), "inference".to_owned()];
        for bound in [
            CreateApiKeyRequest { allowed_models: vec!["gpt-5".into()], scopes: scopes.clone(), ..named("models") },
            CreateApiKeyRequest { allowed_ips: vec!["10.0.0.1".into()], scopes: scopes.clone(), ..named("addresses") },
        ] {
            let (made, _) = create(&world, &call, bound).await.unwrap();
            let by_key = Call { principal: Principal::Key { id: made.id.parse().unwrap() }, ..call.clone() };
            let lift = UpdateApiKeyRequest {
                key_id: made.id.clone(),
                allowed_models: names(&[]),
                allowed_ips: names(&[]),
                ..UpdateApiKeyRequest::default()
            };
            for reason in [
                reason(create(&world, &by_key, named("free")).await),
                reason(rotate(&world, &by_key, &made.id, None).await),
                reason(world.identity.update_api_key(&by_key, lift).await.map_err(failure)),
            ] {
                assert_eq!(reason, Reason::PermissionDenied);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_rotated_key_has_two_texts_for_a_while_and_then_one() {
    everywhere(async |world| {
        let call = person(&world, workspace(&world), MEMBER);
        let (made, first) = create(&world, &call, named("CI")).await.unwrap();
        let (rotated, second) = rotate(&world, &call, &made.id, Some(600)).await.unwrap();
        assert!(first != second && host::door::key::checksum_ok(&second));
        assert_eq!((rotated.id.as_str(), rotated.prefix.as_str()), (made.id.as_str(), &second[..9]));
        let ends = proto::time::to_proto(world.now() + TimeDelta::seconds(600));
        assert_eq!((rotated.rotated_at.is_some(), rotated.previous_expires_at), (true, Some(ends)));
        let (old, new) = (resolve(&world, &first).await.unwrap(), resolve(&world, &second).await.unwrap());
        assert_eq!((old.key_id.as_str(), old.expires_at), (made.id.as_str(), Some(ends)));
        assert_eq!((new.key_id.as_str(), new.expires_at), (made.id.as_str(), None));
        world.later(TimeDelta::seconds(600));
        assert_eq!(reason(resolve(&world, &first).await), Reason::KeyRevoked);
        resolve(&world, &second).await.unwrap();

        // Of several texts only the last two work, and without grace only the last.
        let (_, third) = rotate(&world, &call, &made.id, None).await.unwrap();
        let (_, fourth) = rotate(&world, &call, &made.id, Some(60)).await.unwrap();
        assert_eq!(reason(resolve(&world, &second).await), Reason::UnknownKey);
        resolve(&world, &third).await.unwrap();
        let (last, fifth) = rotate(&world, &call, &made.id, Some(0)).await.unwrap();
        assert_eq!((reason(resolve(&world, &fourth).await), last.previous_expires_at), (Reason::UnknownKey, None));
        resolve(&world, &fifth).await.unwrap();
        assert_eq!(world.kinds().await.iter().filter(|kind| *kind == "api_key.rotated").count(), 4);
        assert!(!format!("{:?}", world.events().await).contains(&fifth));

        for wrong in [-1, 2_592_001] {
            let failure = rotate(&world, &call, &made.id, Some(wrong)).await.expect_err("wrong");
            assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::RefusedValue, "grace_seconds"));
        }
        let revoke = RevokeApiKeyRequest { key_id: made.id.clone() };
        world.identity.revoke_api_key(&call, revoke).await.unwrap();
        assert_eq!(reason(resolve(&world, &fifth).await), Reason::KeyRevoked);
        assert_eq!(reason(rotate(&world, &call, &made.id, None).await), Reason::Conflict);
    })
    .await;
}

#[tokio::test]
async fn both_texts_of_a_key_end_with_it() {
    everywhere(async |world| {
        let call = person(&world, workspace(&world), MEMBER);
        let ends = world.now() + TimeDelta::minutes(5);
        let request = CreateApiKeyRequest { expires_at: Some(proto::time::to_proto(ends)), ..named("CI") };
        let (made, first) = create(&world, &call, request).await.unwrap();
        let (_, second) = rotate(&world, &call, &made.id, Some(3600)).await.unwrap();
        for key in [&first, &second] {
            assert_eq!(resolve(&world, key).await.unwrap().expires_at, Some(proto::time::to_proto(ends)));
        }
        world.later(TimeDelta::minutes(5));
        for key in [&first, &second] {
            assert_eq!(reason(resolve(&world, key).await), Reason::KeyExpired);
        }
        assert_eq!(reason(rotate(&world, &call, &made.id, None).await), Reason::Conflict);
    })
    .await;
}

#[tokio::test]
async fn a_rotation_repeated_under_its_idempotency_key_gives_the_same_text() {
    everywhere(async |world| {
        let call = person(&world, workspace(&world), MEMBER);
        let (made, _) = create(&world, &call, named("CI")).await.unwrap();
        let once = Call { idempotency_key: Some("once".into()), ..call.clone() };
        let request = RotateApiKeyRequest { key_id: made.id, grace_seconds: None };
        let first = world.identity.rotate_api_key(&once, request.clone()).await.unwrap();
        let again = world.identity.rotate_api_key(&once, request).await.unwrap();
        assert_eq!(again, RotateApiKeyResponse { replayed: true, ..first });
        let poorer = Call { scopes: Scopes::NONE.with(Permission::KeysWrite), ..once };
        let request = RotateApiKeyRequest { key_id: again.api_key.unwrap().id, grace_seconds: None };
        let refused = world.identity.rotate_api_key(&poorer, request).await.map_err(failure);
        assert_eq!(reason(refused), Reason::PermissionDenied, "whoever lost a permission gets no key that has it");
    })
    .await;
}

#[tokio::test]
async fn nobody_takes_a_key_by_rotating_it() {
    everywhere(async |world| {
        let there = workspace(&world);
        let admin: Vec<_> = Permission::ALL.iter().copied().filter(|p| p.is_of_keys()).collect();
        let (ana, bob) = (person(&world, there, &admin), person(&world, there, MEMBER));
        let strong = CreateApiKeyRequest { scopes: vec!["providers.write".into()], ..named("strong") };
        let (strong, _) = create(&world, &ana, strong).await.unwrap();
        let (plain, _) = create(&world, &ana, named("plain")).await.unwrap();
        let (own, _) = create(&world, &bob, named("own")).await.unwrap();
        let service = CreateApiKeyRequest { service_account: true, ..named("service") };
        let (service, _) = create(&world, &ana, service).await.unwrap();
        for (id, why) in [(&strong.id, "more scopes"), (&plain.id, "another's account"), (&service.id, "nobody's")] {
            assert_eq!(reason(rotate(&world, &bob, id, None).await), Reason::PermissionDenied, "{why}");
        }
        rotate(&world, &bob, &own.id, None).await.unwrap();
        for id in [&strong.id, &plain.id, &own.id, &service.id] {
            rotate(&world, &ana, id, None).await.expect("who looks after members and the workspace may");
        }
        let elsewhere = person(&world, workspace(&world), &admin);
        assert_eq!(reason(rotate(&world, &elsewhere, &own.id, None).await), Reason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn keys_end_with_the_membership_of_who_made_them_and_service_accounts_stay() {
    everywhere(async |world| {
        let there = workspace(&world);
        let admin: Vec<_> = Permission::ALL.iter().copied().filter(|p| p.is_of_keys()).collect();
        let (ana, bob) = (person(&world, there, &admin), person(&world, there, &admin));
        let service = CreateApiKeyRequest { service_account: true, ..named("service") };
        let (shown, service) = create(&world, &bob, service).await.unwrap();
        assert_eq!((shown.user_id.as_str(), shown.created_by), ("", bob.actor()));
        let (_, of_ana) = create(&world, &ana, named("Ana's")).await.unwrap();
        let scopes = vec!["keys.write".into(), "inference".into()];
        let (maker, of_bob) = create(&world, &bob, CreateApiKeyRequest { scopes, ..named("Bob's") }).await.unwrap();
        assert_eq!(maker.user_id, bob.actor());
        let by_key = Call { principal: Principal::Key { id: maker.id.parse().unwrap() }, ..bob.clone() };
        let (_, by_bobs_key) = create(&world, &by_key, named("made by Bob's")).await.unwrap();
        let elsewhere = Call { workspace: Some(workspace(&world)), ..bob.clone() };
        let (_, elsewhere) = create(&world, &elsewhere, named("elsewhere")).await.unwrap();

        let left = Event {
            id: EventId::from_uuid(world.ids.uuid()).to_string(),
            kind: "member.removed".into(),
            workspace_id: there.to_string(),
            subject: bob.actor(),
            actor: ana.actor(),
            at: Some(proto::time::to_proto(world.now())),
            ..Event::default()
        };
        // Bob came back before identity heard that he had gone: what he makes then stays.
        world.later(TimeDelta::seconds(1));
        let (_, later) = create(&world, &bob, named("later")).await.unwrap();
        world.workspaces.tell(Event { subject: "nonsense".into(), ..left.clone() });
        world.workspaces.tell(Event { kind: "member.added".into(), ..left.clone() });
        world.workspaces.tell(left);
        let (_one, _other) = (world.follower(), world.follower());
        for _ in 0..200 {
            if resolve(&world, &of_bob).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for key in [&of_bob, &by_bobs_key] {
            assert_eq!(reason(resolve(&world, key).await), Reason::KeyRevoked);
        }
        for key in [&service, &of_ana, &elsewhere, &later] {
            resolve(&world, key).await.expect("it is not Bob's there, or not from then");
        }
        let revoked: Vec<_> = world.events().await.into_iter().filter(|e| e.kind == "api_key.revoked").collect();
        assert_eq!(revoked.len(), 2, "{revoked:?}");
        assert!(revoked.iter().all(|e| e.actor == ana.actor() && e.payload.contains("member.removed")), "{revoked:?}");
    })
    .await;
}

#[tokio::test]
async fn keys_end_with_their_workspace_and_are_gone_with_it() {
    everywhere(async |world| {
        let (there, elsewhere) = (workspace(&world), workspace(&world));
        let all: Vec<_> = Permission::ALL.iter().copied().filter(|p| p.is_of_keys()).collect();
        let (ana, bob) = (person(&world, there, &all), person(&world, elsewhere, &all));
        let (_, of_ana) = create(&world, &ana, named("Ana's")).await.unwrap();
        let service = CreateApiKeyRequest { service_account: true, ..named("service") };
        let (_, service) = create(&world, &ana, service).await.unwrap();
        let (_, of_bob) = create(&world, &bob, named("Bob's")).await.unwrap();
        let deleted = Event {
            id: EventId::from_uuid(world.ids.uuid()).to_string(),
            kind: "workspace.deleted".into(),
            workspace_id: there.to_string(),
            subject: there.to_string(),
            actor: ana.actor(),
            at: Some(proto::time::to_proto(world.now())),
            ..Event::default()
        };
        // Restored before identity heard of its end: what is made then works.
        world.later(TimeDelta::seconds(1));
        let (_, later) = create(&world, &ana, named("later")).await.unwrap();
        world.workspaces.tell(deleted.clone());
        let _follower = world.follower();
        let ended = async |key: &str, reason: Reason| {
            for _ in 0..200 {
                if resolve(&world, key).await.is_err_and(|failure| failure.reason == reason) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("{reason:?} does not come about");
        };
        ended(&of_ana, Reason::KeyRevoked).await;
        ended(&service, Reason::KeyRevoked).await;
        for key in [&later, &of_bob] {
            resolve(&world, key).await.expect("it is of another workspace, or from later");
        }
        // The newest event of all stays: it says how far the feed has come.
        create(&world, &bob, named("newest")).await.unwrap();
        world.workspaces.tell(Event { kind: "workspace.purged".into(), ..deleted });
        for key in [&of_ana, &service, &later] {
            ended(key, Reason::UnknownKey).await;
        }
        resolve(&world, &of_bob).await.expect("it is of another workspace");
        let of_there: Vec<_> =
            world.events().await.into_iter().filter(|e| e.workspace_id == there.to_string()).collect();
        assert!(of_there.is_empty(), "{of_there:?}");
    })
    .await;
}

#[tokio::test]
async fn a_service_account_is_made_by_who_looks_after_the_workspace() {
    everywhere(async |world| {
        let there = workspace(&world);
        let request = CreateApiKeyRequest { service_account: true, ..named("service") };
        let failure = create(&world, &person(&world, there, MEMBER), request.clone()).await.expect_err("refused");
        assert_eq!((failure.reason, failure.get("permission")), (Reason::PermissionDenied, Some("workspace.write")));
        let scopes = [MEMBER, &[Permission::WorkspaceWrite]].concat();
        let (made, key) = create(&world, &person(&world, there, &scopes), request).await.unwrap();
        assert_eq!((made.user_id, resolve(&world, &key).await.unwrap().user_id), (String::new(), String::new()));
        // Giving the workspace away is for people: no key is made that could.
        let own = CreateApiKeyRequest { scopes: vec!["workspace.own".into()], ..named("own") };
        let all = person(&world, there, Permission::ALL);
        assert_eq!(reason(create(&world, &all, own).await), Reason::RefusedValue);
    })
    .await;
}
