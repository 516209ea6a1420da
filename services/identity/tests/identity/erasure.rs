//! People go for ever, and what they agreed to is kept.

use crate::world::*;
use chrono::TimeDelta;
use identity::{Config, Consent};
use proto::{Call, Failure, Reason, identity::*};

impl World {
    async fn erase(&self, call: &Call, email: &str, password: &str) -> Result<EraseMeResponse, Failure> {
        let request = EraseMeRequest { email: email.to_owned(), password: password.to_owned() };
        self.identity.erase_me(call, request).await.map_err(failure)
    }
}

#[tokio::test]
async fn who_is_erased_is_nobody_and_the_address_signs_up_anew() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let call = world.call(&ana.access).await;
        assert_eq!(reason(world.erase(&call, "other@example.com", PASSWORD).await), Reason::RefusedValue);
        assert_eq!(reason(world.erase(&call, EMAIL, "").await), Reason::InvalidArgument);
        assert_eq!(reason(world.erase(&call, EMAIL, "not the password").await), Reason::LoginFailed);
        let erased = world.erase(&call, &EMAIL.to_uppercase(), PASSWORD).await.expect("an end");
        assert_eq!(erased.user_id, ana.user.id);
        assert_eq!(world.workspaces.state().departed[0].email, EMAIL);
        assert_eq!(reason(world.resolve(&ana.access).await), Reason::SessionEnded);
        assert_eq!(reason(world.refresh(&ana.refresh).await), Reason::TokenInvalid);
        assert_eq!(reason(world.login(EMAIL, PASSWORD).await), Reason::LoginFailed);
        assert_eq!(reason(world.erase(&call, EMAIL, PASSWORD).await), Reason::SessionEnded);
        let events = world.events().await;
        assert!(events.iter().all(|event| !event.payload.contains("ana@") && !event.payload.contains("Ana")));
        let last = events.last().expect("the end is told");
        assert_eq!((last.kind.as_str(), last.subject.as_str()), ("user.erased", ana.user.id.as_str()));
        let again = world.sign_up(EMAIL).await;
        assert_ne!(again.user.id, ana.user.id);
    })
    .await;
}

#[tokio::test]
async fn who_owns_a_workspace_alone_stays_as_they_are() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let call = world.call(&ana.access).await;
        world.workspaces.state().stays.push(ana.user.id.clone());
        assert_eq!(reason(world.erase(&call, EMAIL, PASSWORD).await), Reason::LastOwner);
        world.workspaces.state().away = true;
        assert_eq!(reason(world.erase(&call, EMAIL, PASSWORD).await), Reason::ServiceUnavailable);
        world.workspaces.state().away = false;
        // She may have left workspaces already, so it is not taken back: she may ask again, and a round goes on without her.
        world.workspaces.state().stays.clear();
        let at_once = tokio::join!(world.erase(&call, EMAIL, PASSWORD), world.erase(&call, EMAIL, PASSWORD));
        assert!(at_once.0.is_ok() || at_once.1.is_ok(), "{at_once:?}");
        let others = world.kinds().await.into_iter().filter(|kind| kind == "user.erased").count();
        assert_eq!(others, 1, "once, however many ask at once");
    })
    .await;
}

/// As a process leaves it that was killed after somebody had asked.
const ASKED: store::Sql = store::Sql {
    name: "asked",
    postgres: "insert into erasures (user_id, asked_at, next_at) select id, created_at, created_at from users",
    sqlite: "insert into erasures (user_id, asked_at, next_at) select id, created_at, created_at from users",
};

#[tokio::test]
async fn what_a_killed_process_began_another_one_finishes() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let mut tx = store::GlobalTx::begin(&world.fresh.db).await.expect("a transaction");
        tx.execute(ASKED, &[]).await.expect("she has asked");
        tx.commit().await.expect("it is kept");
        world.service.start(&world.tasks);
        let end = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
        while world.resolve(&ana.access).await.is_ok() {
            assert!(tokio::time::Instant::now() < end, "nobody goes on");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(reason(world.login(EMAIL, PASSWORD).await), Reason::LoginFailed);
        assert_eq!(world.kinds().await.iter().filter(|kind| *kind == "user.erased").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_required_is_asked_for_and_a_newer_version_is_due() {
    let text = |kind: &str, version: &str, required| Consent {
        kind: kind.to_owned(),
        version: version.to_owned(),
        url: format!("https://example.com/{kind}"),
        required,
    };
    let given = |kind: &str, version: &str| ConsentText {
        kind: kind.to_owned(),
        version: version.to_owned(),
        url: String::new(),
    };
    let consents = vec![text("terms", "1", true), text("news", "1", false)];
    let newer = Config { consents: vec![text("terms", "2", true)], ..Config::default() };
    everywhere_with(Config { consents, ..Config::default() }, async |world| {
        let refused = world.try_sign_up(sign_up_of(EMAIL)).await.expect_err("terms are required");
        assert!(refused.reason == Reason::RefusedValue && refused.message.contains("terms"), "{refused:?}");
        let old = SignUpRequest { consents: vec![given("terms", "0")], ..sign_up_of(EMAIL) };
        assert_eq!(reason(world.try_sign_up(old).await), Reason::RefusedValue);
        let right = SignUpRequest { consents: vec![given("terms", "1")], ..sign_up_of(EMAIL) };
        let ana = world.try_sign_up(right).await.expect("a sign-up");
        let call = world.call(&ana.access).await;
        let listed = world.identity.list_consents(&call, ListConsentsRequest {}).await.expect("a list");
        assert_eq!((listed.consents.len(), listed.due.len()), (1, 0), "{listed:?}");
        let replica = world.replica(newer.clone());
        let me = replica.get_me(&call, GetMeRequest {}).await.expect("me");
        assert_eq!((me.consents_due.len(), me.consents_due[0].version.as_str()), (1, "2"));
        let accept = AcceptConsentsRequest { consents: vec![given("terms", "2")] };
        let done = replica.accept_consents(&call, accept).await.expect("agreed");
        assert_eq!((done.consents.len(), done.due.len()), (2, 0), "the one before stays");
    })
    .await;
}

#[tokio::test]
async fn without_a_second_factor_shown_just_now_nobody_is_erased() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let call = world.call(&ana.access).await;
        let made = world.identity.set_up_totp(&call, SetUpTotpRequest { password: PASSWORD.to_owned() }).await;
        let code = crate::app::code(&made.expect("a secret").secret, world.now());
        world.identity.confirm_totp(&call, ConfirmTotpRequest { code }).await.expect("in force");
        world.later(TimeDelta::minutes(11));
        assert_eq!(reason(world.erase(&call, EMAIL, PASSWORD).await), Reason::StepUpRequired);
    })
    .await;
}
