//! Credentials at the door, as their owners and thieves meet it.

use super::*;
use crate::{
    feed::Freshness,
    testing::{World, reason},
};
use chrono::Duration as Span;
use std::sync::atomic::Ordering::SeqCst;
use tokio::time::sleep;

const HERE: Option<std::net::IpAddr> = Some(std::net::IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7)));

impl Door {
    pub(crate) fn freshness(&self) -> (Freshness, Freshness) {
        (self.identity_feed.freshness(), self.workspace_feed.freshness())
    }
}

impl World {
    async fn identify(&self, credential: &str) -> Result<Who, Status> {
        self.door.identify(credential, HERE, &self.call()).await
    }
}

async fn wait(millis: u64) {
    sleep(Duration::from_millis(millis)).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_in_use_costs_identity_one_look_up() {
    let world = World::new().await;
    let (key, id, workspace) = world.key();
    for _ in 0..100 {
        let who = world.identify(&key).await.expect("a key");
        assert!(matches!(who, Who::Key { id: i, workspace: w, .. } if i == id && w == workspace));
    }
    assert_eq!(world.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_key_stops_working_within_a_second() {
    let world = World::new().await;
    let (key, id, _) = world.key();
    let (other, ..) = world.key();
    world.identify(&key).await.expect("a key");
    world.identify(&other).await.expect("a key");
    world.revoke_silently(&key);
    assert!(world.identify(&key).await.is_ok(), "nobody has said so yet");
    world.state.identity_feed.emit("api_key.revoked", "", id);
    wait(1_000).await;
    assert_eq!(reason(world.identify(&key).await), Reason::KeyRevoked);
    let asked = world.asked();
    world.identify(&other).await.expect("another key is not affected");
    assert_eq!(world.asked(), asked, "and is still cached");
}

#[tokio::test(start_paused = true)]
async fn an_ended_session_stops_working_within_a_second() {
    let world = World::new().await;
    let (token, user, session) = world.token(None);
    world.identify(&token).await.expect("a token");
    world.state.tokens.lock().unwrap().insert(token.clone(), Err(Reason::SessionEnded));
    world.state.identity_feed.emit("session.ended", "", session);
    wait(1_000).await;
    assert_eq!(reason(world.identify(&token).await), Reason::SessionEnded);
    let (token, user2, _) = world.token(None);
    assert_ne!(user, user2);
    world.identify(&token).await.expect("a token");
    world.state.tokens.lock().unwrap().insert(token.clone(), Err(Reason::SessionEnded));
    world.state.identity_feed.emit("user.disabled", "", user2);
    wait(1_000).await;
    assert_eq!(reason(world.identify(&token).await), Reason::SessionEnded);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_that_a_revocation_overtook_is_not_remembered() {
    let world = World::new().await;
    let (key, id, _) = world.key();
    world.state.slow_ms.store(500, SeqCst);
    let revoked_meanwhile = async {
        wait(100).await;
        world.revoke_silently(&key);
        world.state.identity_feed.emit("api_key.revoked", "", id);
    };
    let (first, ()) = tokio::join!(world.identify(&key), revoked_meanwhile);
    first.expect("it was good when it was asked for");
    assert_eq!(reason(world.identify(&key).await), Reason::KeyRevoked);
}

#[tokio::test(start_paused = true)]
async fn without_heartbeats_every_use_is_asked_for_again() {
    let world = World::new().await;
    let (key, ..) = world.key();
    world.identify(&key).await.expect("a key");
    world.state.identity_feed.muted.store(true, SeqCst);
    wait(1_200).await;
    let asked = world.asked();
    world.identify(&key).await.expect("identity still knows it");
    world.identify(&key).await.expect("identity still knows it");
    assert_eq!(world.asked(), asked + 2);
    world.revoke_silently(&key);
    assert_eq!(reason(world.identify(&key).await), Reason::KeyRevoked);
}

#[tokio::test(start_paused = true)]
async fn identity_may_be_away_for_five_seconds_and_no_longer() {
    let world = World::new().await;
    let (key, ..) = world.key();
    world.identify(&key).await.expect("a key");
    world.state.away.store(true, SeqCst);
    world.state.identity_feed.away.store(true, SeqCst);
    world.state.identity_feed.cut();
    wait(3_000).await;
    world.identify(&key).await.expect("the cache counts while identity is away for a moment");
    let (unknown, ..) = world.key();
    assert_eq!(reason(world.identify(&unknown).await), Reason::ServiceUnavailable);
    wait(3_000).await;
    assert_eq!(reason(world.identify(&key).await), Reason::ServiceUnavailable);
    world.state.away.store(false, SeqCst);
    world.identify(&key).await.expect("it can be asked again, though its feed is not back");
    world.state.identity_feed.away.store(false, SeqCst);
    wait(3_000).await;
    world.identify(&key).await.expect("a key");
    let asked = world.asked();
    world.identify(&key).await.expect("a key");
    assert_eq!(world.asked(), asked, "with the feed the cache is back");
}

#[tokio::test(start_paused = true)]
async fn an_expired_key_or_token_is_refused_though_it_is_cached() {
    let world = World::new().await;
    let ((key, ..), (token, ..)) = (world.key(), world.token(None));
    world.identify(&key).await.expect("a key");
    world.identify(&token).await.expect("a token");
    world.hand.advance(Span::minutes(15));
    assert_eq!(reason(world.identify(&token).await), Reason::TokenExpired);
    world.identify(&key).await.expect("a key");
    world.hand.advance(Span::days(1));
    assert_eq!(reason(world.identify(&key).await), Reason::KeyExpired);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_a_credential_costs_no_look_up() {
    let world = World::new().await;
    let mut typo = world.key().0;
    typo.replace_range(10..11, if &typo[10..11] == "x" { "y" } else { "x" });
    assert_eq!(reason(world.identify(&typo).await), Reason::UnknownKey);
    for garbage in ["", "hello", "a.b", "pk_", "a.b.c.d", &"a.b.c".repeat(2_000)] {
        assert!(
            matches!(reason(world.identify(garbage).await), Reason::TokenInvalid | Reason::UnknownKey),
            "{garbage}"
        );
    }
    assert_eq!(world.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn guessing_keys_from_one_address_is_slowed_down() {
    let world = World::new().await;
    let (good, ..) = world.key();
    world.identify(&good).await.expect("a key");
    let guess = key::generate();
    for _ in 0..10 {
        assert_eq!(reason(world.identify(guess.expose()).await), Reason::UnknownKey);
    }
    assert_eq!(world.asked(), 2, "the same guess again is refused without asking");
    for _ in 0..59 {
        assert_eq!(reason(world.identify(key::generate().expose()).await), Reason::UnknownKey);
    }
    let refused = world.identify(key::generate().expose()).await.expect_err("too many");
    let refused = proto::Failure::from(&refused);
    assert_eq!(refused.reason, Reason::RateLimited);
    assert!(refused.retry_after.is_some_and(|w| w <= Duration::from_secs(60)), "{refused:?}");
    world.identify(&good).await.expect("a key in use is not held up");
    let elsewhere = Some([198, 51, 100, 1].into());
    let other = world.door.identify(key::generate().expose(), elsewhere, &world.call()).await;
    assert_eq!(reason(other), Reason::UnknownKey);
    wait(61_000).await;
    assert_eq!(reason(world.identify(key::generate().expose()).await), Reason::UnknownKey);
}

#[tokio::test(start_paused = true)]
async fn a_person_acts_in_their_workspaces_with_their_permissions_only() {
    let world = World::new().await;
    let (own, foreign) = (world.workspace(), world.workspace());
    let (token, user, session) = world.token(Some(own));
    world.state.members.lock().unwrap().insert((user.into(), own.into()), vec!["inference", "keys.read"]);
    let who = world.identify(&token).await.expect("a token");
    for named in [None, Some(own)] {
        let call = world.door.call(&who, named, world.call()).await.expect("a call");
        assert_eq!(call.principal, Principal::User { id: user, session });
        assert_eq!(call.workspace, Some(own));
        let scopes: Scopes = [Permission::Account, Permission::Inference, Permission::KeysRead].into_iter().collect();
        assert_eq!(call.scopes, scopes);
    }
    assert_eq!(reason(world.door.call(&who, Some(foreign), world.call()).await), Reason::NotFound);
    world.state.members.lock().unwrap().clear();
    world.state.workspace_feed.emit("member.removed", &String::from(own), user);
    wait(1_000).await;
    assert_eq!(reason(world.door.call(&who, Some(own), world.call()).await), Reason::NotFound);
    let call = world.door.call(&who, None, world.call()).await.expect("the account is still theirs");
    assert_eq!((call.workspace, call.scopes), (None, Scopes::NONE.with(Permission::Account)));
}

#[tokio::test(start_paused = true)]
async fn an_operator_who_acts_for_somebody_holds_less_and_stays_in_one_workspace() {
    let world = World::new().await;
    let (own, foreign) = (world.workspace(), world.workspace());
    let (_, operator, session) = world.token(None);
    for may_write in [false, true] {
        let (token, user, _) = world.token(Some(own));
        if let Some(Ok(found)) = world.state.tokens.lock().unwrap().get_mut(&token) {
            found.impersonator_id = operator.into();
            found.impersonator_session_id = session.into();
            found.impersonator_may_write = may_write;
        }
        let permissions = vec!["workspace.read", "workspace.write", "webhooks.write", "exports.write", "keys.write"];
        world.state.members.lock().unwrap().insert((user.into(), own.into()), permissions);
        let who = world.identify(&token).await.expect("a token");
        let call = world.door.call(&who, None, world.call()).await.expect("a call");
        assert_eq!(call.impersonation.map(|acting| (acting.operator, acting.may_write)), Some((operator, may_write)));
        let reads = Scopes::NONE.with(Permission::Account).with(Permission::WorkspaceRead);
        assert_eq!(call.scopes, if may_write { reads.with(Permission::WorkspaceWrite) } else { reads });
        let elsewhere = world.door.call(&who, Some(foreign), world.call()).await;
        assert_eq!(reason(elsewhere), Reason::ImpersonationForbidden);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_workspace_reaches_all_of_its_members() {
    let world = World::new().await;
    let own = world.workspace();
    let (token, user, _) = world.token(Some(own));
    world.state.members.lock().unwrap().insert((user.into(), own.into()), vec!["inference"]);
    let who = world.identify(&token).await.expect("a token");
    world.door.call(&who, None, world.call()).await.expect("a call");
    world.state.members.lock().unwrap().insert((user.into(), own.into()), vec!["usage.read"]);
    world.state.workspace_feed.emit("workspace.suspended", &String::from(own), own);
    wait(1_000).await;
    let call = world.door.call(&who, None, world.call()).await.expect("a call");
    assert!(!call.scopes.contains(Permission::Inference) && call.scopes.contains(Permission::UsageRead));
}

#[tokio::test(start_paused = true)]
async fn an_operator_may_what_their_role_says_until_it_is_taken_away() {
    let world = World::new().await;
    let (token, user, session) = world.token(Some(world.workspace()));
    let speaks_for = |role: &str| {
        let mut tokens = world.state.tokens.lock().unwrap();
        let found = tokens.get_mut(&token).unwrap().as_mut().unwrap();
        role.clone_into(&mut found.platform_role);
    };
    speaks_for("admin");
    let who = world.identify(&token).await.expect("a token");
    let call = Door::call_of_operator(&who, world.call());
    assert_eq!((call.principal, call.workspace), (Principal::User { id: user, session }, None));
    assert_eq!(call.scopes, PlatformRole::Admin.scopes().with(Permission::Account));
    speaks_for("");
    world.state.identity_feed.emit("user.platform_role_revoked", "", user);
    wait(1_000).await;
    let who = world.identify(&token).await.expect("the account is still theirs");
    assert!(!Door::call_of_operator(&who, world.call()).scopes.is_operators());
    speaks_for("emperor");
    world.state.identity_feed.emit("user.platform_role_granted", "", user);
    wait(1_000).await;
    let who = world.identify(&token).await.expect("a token");
    assert!(!Door::call_of_operator(&who, world.call()).scopes.is_operators(), "a role that we do not know is none");
}

#[tokio::test(start_paused = true)]
async fn neither_a_workspace_nor_a_key_makes_an_operator() {
    let world = World::new().await;
    let own = world.workspace();
    let (token, user, _) = world.token(Some(own));
    let everything: Vec<_> = Permission::ALL.iter().map(|p| p.as_str()).collect();
    world.state.members.lock().unwrap().insert((user.into(), own.into()), everything.clone());
    let who = world.identify(&token).await.expect("a token");
    assert!(!world.door.call(&who, None, world.call()).await.expect("a call").scopes.is_operators());
    let (key, ..) = world.key();
    if let Some(Ok(found)) = world.state.keys.lock().unwrap().get_mut(&key::hash(&key).to_vec()) {
        found.scopes = everything.into_iter().map(str::to_owned).collect();
    }
    let who = world.identify(&key).await.expect("a key");
    for call in
        [world.door.call(&who, None, world.call()).await.expect("a call"), Door::call_of_operator(&who, world.call())]
    {
        assert!(!call.scopes.is_operators() && !call.scopes.contains(Permission::Account), "{:?}", call.scopes);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_acts_in_its_one_workspace_only() {
    let world = World::new().await;
    let (key, id, own) = world.key();
    let who = world.identify(&key).await.expect("a key");
    let call = world.door.call(&who, Some(own), world.call()).await.expect("a call");
    assert_eq!((call.principal, call.workspace), (Principal::Key { id }, Some(own)));
    assert!(call.scopes.contains(Permission::Inference) && !call.scopes.contains(Permission::Account));
    let foreign = world.workspace();
    assert_eq!(reason(world.door.call(&who, Some(foreign), world.call()).await), Reason::NotFound);
}

#[tokio::test(start_paused = true)]
async fn last_use_of_a_key_is_told_in_batches_and_before_the_end() {
    let world = World::new().await;
    let ((one, one_id, _), (other, other_id, _)) = (world.key(), world.key());
    for _ in 0..50 {
        world.identify(&one).await.expect("a key");
    }
    wait(2_500).await;
    assert_eq!(*world.state.used.lock().unwrap(), [String::from(one_id)]);
    world.state.away.store(true, SeqCst);
    world.identify(&one).await.expect("a key");
    wait(2_500).await;
    world.state.away.store(false, SeqCst);
    world.identify(&other).await.expect("a key");
    assert!(world.tasks.shutdown(Duration::from_secs(5)).await);
    let mut used = world.state.used.lock().unwrap().split_off(1);
    used.sort();
    assert_eq!(used, [String::from(one_id), String::from(other_id)], "also what identity was away for");
}

/// A key of somebody, used from somewhere.
fn bound_key(world: &World, user: Option<UserId>, networks: &[&str]) -> (String, WorkspaceId) {
    let (key, _, workspace) = world.key();
    let hash = key::hash(&key).to_vec();
    let mut keys = world.state.keys.lock().unwrap();
    let found = keys.get_mut(&hash).unwrap().as_mut().unwrap();
    found.user_id = user.map(String::from).unwrap_or_default();
    found.allowed_ips = networks.iter().map(|network| (*network).to_owned()).collect();
    (key, workspace)
}

#[tokio::test(start_paused = true)]
async fn a_key_is_good_from_its_own_addresses_only() {
    let world = World::new().await;
    let (key, _) = bound_key(&world, None, &["203.0.113.0/24", "2001:db8::/32"]);
    let from = async |address: Option<&str>| {
        let address = address.map(|text| text.parse().unwrap());
        world.door.identify(&key, address, &world.call()).await
    };
    // A stranger's try does not spoil it for its owner, before it is known as little as after.
    assert_eq!(reason(from(Some("198.51.100.1")).await), Reason::AddressNotAllowed);
    for good in ["203.0.113.9", "2001:db8::7", "::ffff:203.0.113.9"] {
        from(Some(good)).await.expect(good);
    }
    for bad in [Some("203.0.114.9"), Some("2001:db9::7"), Some("::ffff:203.0.114.9"), None] {
        let refused = proto::Failure::from(&from(bad).await.expect_err("elsewhere"));
        assert_eq!(refused.reason, Reason::AddressNotAllowed, "{bad:?}");
        assert!(refused.get("address").is_some(), "{refused:?}");
    }
    let (unreadable, _) = bound_key(&world, None, &["10.0.0.0/8", "the moon"]);
    assert_eq!(reason(world.identify(&unreadable).await), Reason::ServiceUnavailable, "not open to everybody");
}

#[tokio::test(start_paused = true)]
async fn other_addresses_of_a_key_hold_within_a_second() {
    let world = World::new().await;
    let (key, id, _) = world.key();
    world.identify(&key).await.expect("from anywhere");
    let hash = key::hash(&key).to_vec();
    let bind = |networks: Vec<String>| {
        world.state.keys.lock().unwrap().get_mut(&hash).unwrap().as_mut().unwrap().allowed_ips = networks;
        world.state.identity_feed.emit("api_key.updated", "", id);
    };
    bind(vec!["10.0.0.0/8".to_owned()]);
    wait(1_000).await;
    assert_eq!(reason(world.identify(&key).await), Reason::AddressNotAllowed);
    bind(vec![]);
    wait(1_000).await;
    world.identify(&key).await.expect("from anywhere");
}

#[tokio::test(start_paused = true)]
async fn a_key_may_do_no_more_than_whoever_answers_for_it() {
    let world = World::new().await;
    let user = UserId::from_uuid(world.ids.uuid());
    let (key, workspace) = bound_key(&world, Some(user), &[]);
    let (of_nobody, _) = bound_key(&world, None, &[]);
    let member = (String::from(user), String::from(workspace));
    let scopes = async |key: &str| {
        let who = world.identify(key).await.expect("a key");
        world.door.call(&who, None, world.call()).await.map(|call| call.scopes.names())
    };
    let is = |permissions: Option<Vec<&'static str>>| {
        let mut members = world.state.members.lock().unwrap();
        match permissions {
            Some(permissions) => members.insert(member.clone(), permissions),
            None => members.remove(&member),
        };
    };
    is(Some(vec!["inference", "keys.read", "keys.write"]));
    assert_eq!(scopes(&key).await.unwrap(), ["inference", "keys.read"], "its own scopes");
    is(Some(vec!["keys.read"]));
    world.state.workspace_feed.emit("member.role_changed", &String::from(workspace), user);
    wait(1_000).await;
    assert_eq!(scopes(&key).await.unwrap(), ["keys.read"]);
    is(None);
    world.state.workspace_feed.emit("member.removed", &String::from(workspace), user);
    wait(1_000).await;
    assert_eq!(reason(scopes(&key).await), Reason::KeyRevoked);
    assert_eq!(scopes(&of_nobody).await.unwrap(), ["inference", "keys.read"], "a service account is nobody's");
}

#[tokio::test(start_paused = true)]
async fn a_key_of_a_team_works_while_its_team_and_its_persons_place_in_it_are_there() {
    let world = World::new().await;
    let user = UserId::from_uuid(world.ids.uuid());
    let team = TeamId::from_uuid(world.ids.uuid());
    let (text, id, workspace) = world.key();
    let of_team = |user: Option<UserId>| Who::Key {
        id,
        workspace,
        scopes: Scopes::NONE.with(Permission::Inference),
        user,
        team: Some(team),
    };
    let with_team = |found: &mut Result<proto::identity::ResolveKeyResponse, Reason>| {
        let found = found.as_mut().expect("a key");
        (found.team_id, found.user_id) = (team.into(), user.into());
    };
    world.state.keys.lock().unwrap().values_mut().for_each(with_team);
    let who = world.identify(&text).await.expect("a key");
    assert!(matches!(who, Who::Key { team: Some(t), user: Some(u), .. } if t == team && u == user));
    world.state.members.lock().unwrap().insert((user.into(), workspace.into()), vec!["inference"]);
    let call = |who: Who| {
        let (door, base) = (world.door.clone(), world.call());
        async move { door.call(&who, None, base).await }
    };
    assert_eq!(reason(call(who).await), Reason::KeyRevoked, "nobody is in it");
    let seats = [(team.into(), user.into()), (team.into(), String::new())];
    *world.state.seats.lock().unwrap() = seats.clone().into();
    call(who).await.expect("in the team");
    call(of_team(None)).await.expect("of a service account");
    let asked = world.asked();
    call(who).await.expect("in the team");
    assert_eq!(world.asked(), asked, "and is remembered");
    // They leave it: the service account stays.
    world.state.seats.lock().unwrap().remove(&seats[0]);
    call(who).await.expect("nobody has said so yet");
    world.state.workspace_feed.emit("team.member_removed", "", team);
    wait(1_000).await;
    assert_eq!(reason(call(who).await), Reason::KeyRevoked);
    call(of_team(None)).await.expect("of a service account");
    // It goes.
    world.state.seats.lock().unwrap().clear();
    world.state.workspace_feed.emit("team.deleted", "", team);
    wait(1_000).await;
    assert_eq!(reason(call(of_team(None)).await), Reason::KeyRevoked);
}
