//! Where somebody is logged in, and how they end it.

use crate::world::*;
use chrono::TimeDelta;
use proto::{
    Reason,
    identity::{ChangePasswordRequest, EndSessionRequest, ListSessionsRequest, LoginRequest, LogoutRequest},
};

#[tokio::test]
async fn devices_are_listed_with_what_they_call_themselves_and_end_one_by_one() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        world.later(TimeDelta::minutes(5));
        let call = proto::Call {
            user_agent: Some("Phone/1".into()),
            client: Some([203, 0, 113, 7].into()),
            ..world.anonymous()
        };
        let request = LoginRequest { email: EMAIL.to_owned(), password: PASSWORD.to_owned(), ..Default::default() };
        let phone = world.identity.login(&call, request).await.unwrap().tokens.expect("tokens");

        let call = world.call(&ana.access).await;
        let list = async || world.identity.list_sessions(&call, ListSessionsRequest {}).await.unwrap().sessions;
        let devices = list().await;
        assert_eq!(devices.len(), 2);
        assert_eq!((devices[0].user_agent.as_str(), devices[0].address.as_str()), ("Phone/1", "203.0.113.7"));
        assert_eq!([devices[0].current, devices[1].current], [false, true]);
        let used = |n: usize| devices[n].last_used_at.map(|at| at.seconds);
        assert!(used(0) > used(1));

        let bob = world.sign_up("bob@example.com").await;
        let end = |session_id: &str| EndSessionRequest { session_id: session_id.to_owned() };
        let of_bob = world.call(&bob.access).await;
        let foreign = world.identity.end_session(&of_bob, end(&devices[0].session_id)).await.map_err(failure);
        assert_eq!(reason(foreign), Reason::NotFound);
        world.identity.end_session(&call, end(&devices[0].session_id)).await.unwrap();
        assert_eq!(reason(world.resolve(&phone.access_token).await), Reason::SessionEnded);
        assert_eq!(list().await.len(), 1);
        let again = world.identity.end_session(&call, end(&devices[0].session_id)).await.map_err(failure);
        assert_eq!(reason(again), Reason::NotFound);
        world.resolve(&ana.access).await.expect("this one goes on");
    })
    .await;
}

/// Whoever finds a device that is logged in puts its owner out nowhere else.
#[tokio::test]
async fn other_devices_are_logged_out_by_who_has_just_said_who_they_are() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let found = world.login(EMAIL, PASSWORD).await.unwrap();
        let call = world.call(&ana.access).await;
        let sessions = world.identity.list_sessions(&call, ListSessionsRequest {}).await.unwrap().sessions;
        let other = sessions.iter().find(|session| !session.current).expect("the other one").session_id.clone();
        let own = sessions.iter().find(|session| session.current).expect("this one").session_id.clone();
        let end = |session_id: &str| EndSessionRequest { session_id: session_id.to_owned() };
        let everywhere = |token: &str| LogoutRequest { refresh_token: token.to_owned(), all: true };

        world.later(TimeDelta::minutes(10));
        let refused = world.identity.end_session(&call, end(&other)).await.map_err(failure);
        assert_eq!(reason(refused), Reason::StepUpRequired);
        for (call, token) in [(call.clone(), ""), (world.anonymous(), ana.refresh.as_str())] {
            let refused = world.identity.logout(&call, everywhere(token)).await.map_err(failure);
            assert_eq!(reason(refused), Reason::StepUpRequired);
        }
        world.resolve(&found.access).await.expect("it goes on");
        let again = world.login(EMAIL, PASSWORD).await.unwrap();
        let fresh = world.call(&again.access).await;
        world.identity.end_session(&fresh, end(&other)).await.expect("who was just there");
        assert_eq!(reason(world.resolve(&found.access).await), Reason::SessionEnded);
        world.identity.end_session(&call, end(&own)).await.expect("one's own, at any time");
        assert_eq!(reason(world.resolve(&ana.access).await), Reason::SessionEnded);
        world.identity.logout(&fresh, everywhere("")).await.expect("all of them");
        assert_eq!(reason(world.resolve(&again.access).await), Reason::SessionEnded);
    })
    .await;
}

#[tokio::test]
async fn another_password_ends_every_other_device() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let phone = world.login(EMAIL, PASSWORD).await.unwrap();
        let call = world.call(&ana.access).await;
        let change = async |current: &str, password: &str| {
            let request = ChangePasswordRequest { current_password: current.to_owned(), password: password.to_owned() };
            world.identity.change_password(&call, request).await.map(drop).map_err(failure)
        };
        assert_eq!(reason(change("not it at all", "another horse entirely").await), Reason::LoginFailed);
        assert_eq!(reason(change(PASSWORD, "password1").await), Reason::WeakPassword);
        change(PASSWORD, "another horse entirely").await.unwrap();
        world.resolve(&ana.access).await.expect("this one goes on");
        assert_eq!(reason(world.resolve(&phone.access).await), Reason::SessionEnded);
        world.login(EMAIL, "another horse entirely").await.unwrap();
    })
    .await;
}
