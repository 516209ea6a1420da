//! API keys of teams: who makes them, and how they end.

use crate::{
    bounds::{create, named, person, resolve, rotate, workspace},
    world::*,
};
use chrono::TimeDelta;
use proto::{
    Call, Permission, Principal, Reason,
    feed::Event,
    id::{EventId, TeamId, WorkspaceId},
    identity::*,
};
use std::time::Duration;

const MEMBER: &[Permission] = &[Permission::Inference, Permission::KeysRead, Permission::KeysWrite];

fn admin() -> Vec<Permission> {
    Permission::ALL.iter().copied().filter(|permission| permission.is_of_keys()).collect()
}

/// A team of these people.
fn team(world: &World, there: WorkspaceId, people: &[&Call]) -> TeamId {
    let team = TeamId::from_uuid(world.ids.uuid());
    let mut state = world.workspaces.state();
    state.seats.push((there.to_string(), team.to_string(), String::new()));
    state.seats.extend(people.iter().map(|call| (there.to_string(), team.to_string(), call.actor())));
    team
}

fn of(team: TeamId, name: &str) -> CreateApiKeyRequest {
    CreateApiKeyRequest { team_id: team.into(), ..named(name) }
}

fn service(team: TeamId) -> CreateApiKeyRequest {
    CreateApiKeyRequest { service_account: true, ..of(team, "service") }
}

fn event(world: &World, there: WorkspaceId, kind: &str, team: TeamId, payload: &str) -> Event {
    Event {
        id: EventId::from_uuid(world.ids.uuid()).to_string(),
        kind: kind.into(),
        workspace_id: there.to_string(),
        subject: team.to_string(),
        actor: "usr_somebody".into(),
        at: Some(proto::time::to_proto(world.now())),
        payload: payload.into(),
        ..Event::default()
    }
}

async fn ended(world: &World, key: &str) {
    for _ in 0..200 {
        if resolve(world, key).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(reason(resolve(world, key).await), Reason::KeyRevoked);
}

async fn count(world: &World, call: &Call, team: TeamId) -> i64 {
    let request = CountTeamKeysRequest { team_id: team.into() };
    world.identity.count_team_keys(call, request).await.expect("they are counted").active
}

#[tokio::test]
async fn keys_of_a_team_are_made_by_who_is_in_it_or_looks_after_members() {
    everywhere(async |world| {
        let there = workspace(&world);
        let (ana, bob) = (person(&world, there, &admin()), person(&world, there, MEMBER));
        let research = team(&world, there, &[&bob]);
        let elsewhere = team(&world, workspace(&world), &[&bob]);
        let (shown, key) = create(&world, &bob, of(research, "Bob's")).await.unwrap();
        assert_eq!(shown.team_id, research.to_string());
        assert_eq!(resolve(&world, &key).await.unwrap().team_id, research.to_string());
        let policy = GetKeyPolicyRequest { workspace_id: there.into(), key_id: shown.id.clone() };
        let gateway = Call::service(proto::Role::Gateway, bob.request_id);
        let policy = world.identity.called_by(proto::Role::Gateway).get_key_policy(&gateway, policy).await.unwrap();
        assert_eq!(policy.team_id, research.to_string());
        // Who is not in it would have a key that never works; what belongs to the workspace is another matter.
        assert_eq!(reason(create(&world, &ana, of(research, "Ana's")).await), Reason::RefusedValue);
        let (shown, _) = create(&world, &ana, service(research)).await.unwrap();
        assert_eq!((shown.team_id, shown.user_id.as_str()), (research.to_string(), ""));
        let writers = [MEMBER, &[Permission::WorkspaceWrite]].concat();
        let carl = person(&world, there, &writers);
        assert_eq!(reason(create(&world, &carl, service(research)).await), Reason::PermissionDenied);
        for wrong in [elsewhere.to_string(), TeamId::from_uuid(world.ids.uuid()).to_string(), "research".to_owned()] {
            let request = CreateApiKeyRequest { team_id: wrong, ..named("no team") };
            assert_eq!(reason(create(&world, &bob, request).await), Reason::RefusedValue);
        }
        world.workspaces.state().away = true;
        assert_eq!(reason(create(&world, &bob, of(research, "later")).await), Reason::ServiceUnavailable);
        world.workspaces.state().away = false;
        let (_, plain) = create(&world, &bob, named("plain")).await.unwrap();
        assert_eq!(resolve(&world, &plain).await.unwrap().team_id, "");
        let list = |team_id: String| ListApiKeysRequest { team_id, ..ListApiKeysRequest::default() };
        for (team, number) in
            [(research.to_string(), 2), (String::new(), 3), (elsewhere.to_string(), 0), ("x".into(), 0)]
        {
            let listed = world.identity.list_api_keys(&ana, list(team.clone())).await.unwrap().api_keys;
            assert_eq!(listed.len(), number, "{team}");
        }
        assert_eq!(count(&world, &ana, research).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_key_of_a_team_makes_no_key_that_is_not() {
    everywhere(async |world| {
        let there = workspace(&world);
        let bob = person(&world, there, MEMBER);
        let research = team(&world, there, &[&bob]);
        let scopes = vec!["keys.write".to_owned(), "inference".to_owned()];
        let maker = CreateApiKeyRequest { scopes, ..of(research, "maker") };
        let (maker, _) = create(&world, &bob, maker).await.unwrap();
        let (own, _) = create(&world, &bob, named("own")).await.unwrap();
        let by_key = Call { principal: Principal::Key { id: maker.id.parse().unwrap() }, ..bob.clone() };
        for request in [named("free"), of(research, "bound")] {
            assert_eq!(reason(create(&world, &by_key, request).await), Reason::PermissionDenied);
        }
        assert_eq!(reason(rotate(&world, &by_key, &own.id, None).await), Reason::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn who_leaves_a_team_leaves_its_keys_and_keeps_the_others() {
    everywhere(async |world| {
        let there = workspace(&world);
        let (ana, bob) = (person(&world, there, &admin()), person(&world, there, MEMBER));
        let (research, other) = (team(&world, there, &[&ana, &bob]), team(&world, there, &[&bob]));
        let (_, of_ana) = create(&world, &ana, of(research, "Ana's")).await.unwrap();
        let (_, of_bob) = create(&world, &bob, of(research, "Bob's")).await.unwrap();
        let (_, of_other) = create(&world, &bob, of(other, "Bob's, of another")).await.unwrap();
        let (_, own) = create(&world, &bob, named("own")).await.unwrap();
        let (_, account) = create(&world, &ana, service(research)).await.unwrap();
        let payload = format!(r#"{{"name":"Research","user_ids":["{}"]}}"#, bob.actor());
        let left = event(&world, there, "team.member_removed", research, &payload);
        // Bob came back before identity heard that he had gone: what he makes then stays.
        world.later(TimeDelta::seconds(1));
        let (_, later) = create(&world, &bob, of(research, "later")).await.unwrap();
        world.workspaces.tell(Event { payload: "nonsense".into(), ..left.clone() });
        world.workspaces.tell(Event { kind: "team.member_added".into(), ..left.clone() });
        world.workspaces.tell(left);
        let (_one, _other) = (world.follower(), world.follower());
        ended(&world, &of_bob).await;
        for key in [&of_ana, &of_other, &own, &account, &later] {
            resolve(&world, key).await.expect("it is not Bob's of this team, or not from then");
        }
        let revoked: Vec<_> = world.events().await.into_iter().filter(|e| e.kind == "api_key.revoked").collect();
        assert_eq!(revoked.len(), 1, "{revoked:?}");
        assert!(revoked[0].payload.contains("team.member_removed"), "{revoked:?}");
    })
    .await;
}

#[tokio::test]
async fn a_team_that_goes_takes_its_keys_along() {
    everywhere(async |world| {
        let there = workspace(&world);
        let ana = person(&world, there, &admin());
        let (research, other) = (team(&world, there, &[&ana]), team(&world, there, &[&ana]));
        let (_, own) = create(&world, &ana, of(research, "own")).await.unwrap();
        let (_, account) = create(&world, &ana, service(research)).await.unwrap();
        let (_, of_other) = create(&world, &ana, of(other, "of another")).await.unwrap();
        world.workspaces.tell(event(&world, there, "team.deleted", research, "{}"));
        let _one = world.follower();
        ended(&world, &own).await;
        ended(&world, &account).await;
        resolve(&world, &of_other).await.expect("of another team");
        assert_eq!((count(&world, &ana, research).await, count(&world, &ana, other).await), (0, 1));
    })
    .await;
}
