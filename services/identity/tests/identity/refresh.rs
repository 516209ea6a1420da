use crate::world::*;
use chrono::TimeDelta;
use proto::{Reason, identity::SwitchWorkspaceRequest, workspace::Membership};
use std::collections::HashSet;

#[tokio::test]
async fn each_use_gives_a_new_pair_for_the_same_session() {
    everywhere(async |world| {
        let first = world.sign_up(EMAIL).await;
        world.later(TimeDelta::minutes(14));
        let second = world.refresh(&first.refresh).await.unwrap();
        assert_ne!(second.refresh, first.refresh);
        assert_eq!((&second.user, &second.workspace), (&first.user, &first.workspace));
        world.later(TimeDelta::minutes(14));
        assert_eq!(reason(world.resolve(&first.access).await), Reason::TokenExpired);
        world.resolve(&second.access).await.expect("the new access token");
        world.refresh(&second.refresh).await.expect("the new refresh token");
        assert_eq!(world.kinds().await, ["user.created", "session.created"], "a rotation is no news");
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again_for_half_a_minute() {
    everywhere(async |world| {
        let first = world.sign_up(EMAIL).await;
        let second = world.refresh(&first.refresh).await.unwrap();
        world.later(TimeDelta::seconds(30));
        let again = world.refresh(&first.refresh).await.unwrap();
        assert_eq!(again.refresh, second.refresh);
        world.resolve(&again.access).await.expect("its access token works");
    })
    .await;
}

#[tokio::test]
async fn a_spent_token_used_later_ends_the_session() {
    everywhere(async |world| {
        let first = world.sign_up(EMAIL).await;
        let second = world.refresh(&first.refresh).await.unwrap();
        world.later(TimeDelta::seconds(31));
        assert_eq!(reason(world.refresh(&first.refresh).await), Reason::RefreshReused);
        assert_eq!(reason(world.refresh(&second.refresh).await), Reason::SessionEnded);
        assert_eq!(reason(world.resolve(&second.access).await), Reason::SessionEnded);
        let last = world.events().await.pop().unwrap();
        assert_eq!(last.kind, "session.ended");
        assert!(last.payload.contains("refresh_reused"), "{}", last.payload);
    })
    .await;
}

#[tokio::test]
async fn a_spent_token_ends_the_session_as_soon_as_its_successor_was_used() {
    everywhere(async |world| {
        let first = world.sign_up(EMAIL).await;
        let other_device = world.login(EMAIL, PASSWORD).await.unwrap();
        let second = world.refresh(&first.refresh).await.unwrap();
        let third = world.refresh(&second.refresh).await.unwrap();
        assert_eq!(reason(world.refresh(&first.refresh).await), Reason::RefreshReused);
        assert_eq!(reason(world.refresh(&third.refresh).await), Reason::SessionEnded);
        world.refresh(&other_device.refresh).await.expect("another family lives on");
    })
    .await;
}

#[tokio::test]
async fn fifty_refreshes_at_once_get_one_successor() {
    everywhere(async |world| {
        let first = world.sign_up(EMAIL).await;
        let replica = world.replica(identity::Config::default());
        let call = world.anonymous();
        let request = || proto::identity::RefreshRequest { refresh_token: first.refresh.clone() };
        let all = futures::future::join_all((0..50).map(|i| {
            let at = if i % 2 == 0 { &world.identity } else { &replica };
            at.refresh(&call, request())
        }))
        .await;
        let successors: HashSet<String> =
            all.into_iter().map(|r| r.expect("an answer").tokens.expect("tokens").refresh_token).collect();
        assert_eq!(successors.len(), 1);
        let successor = successors.into_iter().next().unwrap();
        world.refresh(&successor).await.expect("the one live family");
    })
    .await;
}

#[tokio::test]
async fn tokens_that_are_not_ours_are_refused() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let middle = ana.refresh.len() / 2;
        let mut altered = ana.refresh.clone();
        altered.replace_range(middle..=middle, if &altered[middle..=middle] == "A" { "B" } else { "A" });
        for garbage in ["", "rt_", "pk_123", "ção", &altered, &ana.access, &"x".repeat(100_000)] {
            assert_eq!(reason(world.refresh(garbage).await), Reason::TokenInvalid, "{garbage:.80}");
        }
        world.refresh(&ana.refresh).await.expect("the real one");
    })
    .await;
}

#[tokio::test]
async fn a_token_that_was_not_used_for_thirty_days_has_expired() {
    everywhere(async |world| {
        let mut ana = world.sign_up(EMAIL).await;
        for _ in 0..5 {
            world.later(TimeDelta::days(29));
            ana = world.refresh(&ana.refresh).await.unwrap();
        }
        world.later(TimeDelta::days(30));
        assert_eq!(reason(world.refresh(&ana.refresh).await), Reason::TokenExpired);
    })
    .await;
}

#[tokio::test]
async fn half_a_year_after_login_a_session_ends_however_often_it_was_used() {
    everywhere(async |world| {
        let mut ana = world.sign_up(EMAIL).await;
        for _ in 0..8 {
            world.later(TimeDelta::days(20));
            ana = world.refresh(&ana.refresh).await.unwrap();
        }
        world.later(TimeDelta::days(20));
        assert_eq!(reason(world.refresh(&ana.refresh).await), Reason::TokenExpired);
    })
    .await;
}

#[tokio::test]
async fn a_token_is_not_spent_while_the_workspace_service_is_away() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        world.workspaces.state().away = true;
        assert_eq!(reason(world.refresh(&ana.refresh).await), Reason::ServiceUnavailable);
        world.workspaces.state().away = false;
        world.later(TimeDelta::hours(1));
        world.refresh(&ana.refresh).await.expect("nothing had happened");
    })
    .await;
}

#[tokio::test]
async fn switching_moves_the_session_to_another_workspace() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let bob = world.sign_up("bob@example.com").await;
        let shared = Membership { role: "member".to_owned(), ..ours(&bob.workspace) };
        world.workspaces.state().members.push((ana.user.id.clone(), shared));
        let call = world.call(&ana.access).await;
        let switch = async |id: &str| {
            let request = SwitchWorkspaceRequest { workspace_id: id.to_owned() };
            world.identity.switch_workspace(&call, request).await.map_err(failure)
        };

        let done = switch(&bob.workspace.workspace_id).await.unwrap();
        let (workspace, tokens) = (done.workspace.unwrap(), done.tokens.unwrap());
        assert_eq!(
            (workspace.workspace_id.as_str(), workspace.role.as_str()),
            (bob.workspace.workspace_id.as_str(), "member")
        );
        let (before, after) =
            (world.resolve(&ana.access).await.unwrap(), world.resolve(&tokens.access_token).await.unwrap());
        assert_eq!(before.session_id, after.session_id);
        assert_eq!(after.workspace_id, bob.workspace.workspace_id);
        let next = world.refresh(&tokens.refresh_token).await.unwrap();
        assert_eq!(next.workspace.workspace_id, bob.workspace.workspace_id, "the session stays there");

        world.workspaces.state().members.retain(|(_, m)| m.role != "member");
        let next = world.refresh(&next.refresh).await.unwrap();
        assert_eq!(next.workspace, ana.workspace, "no longer a member: back to one's own");

        for absent in ["ws_nonsense", &bob.workspace.workspace_id, "ws_00000000000000000000000000"] {
            assert_eq!(reason(switch(absent).await), Reason::NotFound, "{absent}");
        }
    })
    .await;
}

fn ours(m: &proto::identity::Membership) -> Membership {
    Membership { workspace_id: m.workspace_id.clone(), name: m.name.clone(), role: m.role.clone() }
}
