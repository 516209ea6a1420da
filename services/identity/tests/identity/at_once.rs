//! What works once works once, also for two who show it to two processes at the same moment.

use crate::{app, issuer::Issuer, world::*};
use chrono::TimeDelta;
use identity::Config;
use proto::{
    Call, Failure, Permission, Principal, Reason,
    id::{SessionId, UserId},
    identity::*,
};
use std::fmt::Debug;

/// How many try it at once, at two processes in turn: fewer than failures that make somebody wait.
const MANY: usize = 4;

/// What every try came to, at both processes in turn.
async fn at_once<T>(
    world: &World,
    other: &Identity,
    ask: impl AsyncFn(&Identity, usize) -> Result<T, Failure>,
) -> Vec<Result<T, Failure>> {
    futures::future::join_all((0..MANY).map(|n| ask(if n % 2 == 0 { &world.identity } else { other }, n))).await
}

/// The place of the one who wins. The others get this refusal.
fn one_wins<T: Debug>(what: &str, refusal: Reason, outcomes: Vec<Result<T, Failure>>) -> usize {
    let (mut won, mut refusals) = (vec![], vec![]);
    for (place, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(_) => won.push(place),
            Err(failure) => refusals.push(failure.reason),
        }
    }
    assert_eq!((won.len(), refusals), (1, vec![refusal; MANY - 1]), "{what}: {won:?}");
    won[0]
}

async fn count(world: &World, kind: &str) -> usize {
    world.kinds().await.iter().filter(|k| *k == kind).count()
}

#[tokio::test]
async fn a_link_that_logs_in_opens_one_session() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        world.post.round(&world.service).await;
        world.later(TimeDelta::minutes(1));
        let ask = SendMagicLinkRequest { email: EMAIL.to_owned() };
        world.identity.send_magic_link(&world.anonymous(), ask).await.expect("alike");
        let token = world.post.round(&world.service).await.remove(0).token;
        let (other, call) = (world.replica(Config::default()), world.anonymous());
        let before = count(&world, "session.created").await;
        let tries = at_once(&world, &other, async |identity: &Identity, _: usize| {
            let request = LoginWithMagicLinkRequest { token: token.clone(), ..Default::default() };
            identity.login_with_magic_link(&call, request).await.map_err(failure)
        })
        .await;
        one_wins("a magic link", Reason::TokenInvalid, tries);
        assert_eq!(count(&world, "session.created").await, before + 1);
    })
    .await;
}

#[tokio::test]
async fn a_link_that_sets_a_password_sets_one() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        world.post.round(&world.service).await;
        let ask = ForgotPasswordRequest { email: EMAIL.to_owned() };
        world.identity.forgot_password(&world.anonymous(), ask).await.expect("alike");
        let token = world.post.round(&world.service).await.remove(0).token;
        let (other, call) = (world.replica(Config::default()), world.anonymous());
        let passwords: Vec<String> = (0..MANY).map(|n| format!("another horse entirely {n}")).collect();
        let tries = at_once(&world, &other, async |identity: &Identity, n: usize| {
            let request = ResetPasswordRequest { token: token.clone(), password: passwords[n].clone() };
            identity.reset_password(&call, request).await.map_err(failure)
        })
        .await;
        let winner = one_wins("a reset", Reason::TokenInvalid, tries);
        for (n, password) in passwords.iter().enumerate() {
            assert_eq!(world.login(EMAIL, password).await.is_ok(), n == winner, "the password is the winner's");
        }
    })
    .await;
}

#[tokio::test]
async fn a_link_that_confirms_an_address_makes_one_account() {
    let config = Config { verify_email: Some(true), ..Config::default() };
    everywhere_with(config.clone(), async |world| {
        world.identity.sign_up(&world.anonymous(), sign_up_of(EMAIL)).await.expect("a letter");
        let token = world.post.round(&world.service).await.remove(0).token;
        let (other, call) = (world.somewhere(config.clone(), true), world.anonymous());
        let tries = at_once(&world, &other, async |identity: &Identity, _: usize| {
            let request = VerifyEmailRequest { token: token.clone(), ..Default::default() };
            identity.verify_email(&call, request).await.map_err(failure)
        })
        .await;
        one_wins("a confirmation", Reason::TokenInvalid, tries);
        assert_eq!((count(&world, "user.created").await, count(&world, "session.created").await), (1, 1));
    })
    .await;
}

/// Somebody with an app that is in force: its secret, and recovery codes.
async fn guarded(world: &World) -> (String, Vec<String>) {
    let person = world.sign_up(EMAIL).await;
    let call = world.call(&person.access).await;
    let set_up = SetUpTotpRequest { password: PASSWORD.to_owned() };
    let secret = world.identity.set_up_totp(&call, set_up).await.expect("a secret").secret;
    let confirm = ConfirmTotpRequest { code: app::code(&secret, world.now()) };
    let codes = world.identity.confirm_totp(&call, confirm).await.expect("the first code").recovery_codes;
    world.later(TimeDelta::seconds(30));
    (secret, codes)
}

#[tokio::test]
async fn a_code_of_an_app_and_a_recovery_code_open_one_session_each() {
    everywhere(async |world| {
        let (secret, codes) = guarded(&world).await;
        let (other, call) = (world.replica(Config::default()), world.anonymous());
        for (what, code) in [("a code", app::code(&secret, world.now())), ("a recovery code", codes[0].clone())] {
            let tries = at_once(&world, &other, async |identity: &Identity, _: usize| {
                let request = LoginRequest { totp: code.clone(), ..login_of(EMAIL, PASSWORD) };
                identity.login(&call, request).await.map_err(failure)
            })
            .await;
            one_wins(what, Reason::MfaCodeInvalid, tries);
            world.later(TimeDelta::minutes(30));
        }
    })
    .await;
}

#[tokio::test]
async fn the_code_of_a_sign_in_opens_one_session() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        let done = world.finish(&begun).await.expect("a code");
        let (other, call) = (world.replica(issuer.config()), world.anonymous());
        let tries = at_once(&world, &other, async |identity: &Identity, _: usize| {
            let request = ExchangeSignInRequest {
                code: done.code.clone(),
                browser: begun.browser.clone(),
                ..ExchangeSignInRequest::default()
            };
            identity.exchange_sign_in(&call, request).await.map_err(failure)
        })
        .await;
        one_wins("a sign-in", Reason::TokenInvalid, tries);
        assert_eq!((count(&world, "user.created").await, count(&world, "session.created").await), (1, 1));
    })
    .await;
}

/// Everybody who rotates a key gets a text; which of them work is the same everywhere, and never more than two.
#[tokio::test]
async fn of_the_texts_of_a_key_that_many_rotate_at_once_the_last_two_work() {
    everywhere(async |world| {
        let (id, session) = (UserId::from_uuid(world.ids.uuid()), SessionId::from_uuid(world.ids.uuid()));
        let workspace = proto::id::WorkspaceId::from_uuid(world.ids.uuid());
        let scopes = [Permission::Inference, Permission::KeysRead, Permission::KeysWrite];
        let call = Call { principal: Principal::User { id, session }, ..world.in_workspace(workspace, &scopes) };
        let request = CreateApiKeyRequest { name: "CI".to_owned(), ..Default::default() };
        let made = world.identity.create_api_key(&call, request).await.expect("a key");
        let key_id = made.api_key.expect("a key").id;
        let other = world.replica(Config::default());
        let rotate = async |identity: &Identity, call: &Call, grace: i64| {
            let request = RotateApiKeyRequest { key_id: key_id.clone(), grace_seconds: Some(grace) };
            identity.rotate_api_key(call, request).await.map_err(failure)
        };
        let works = async |key: &str| {
            let request = || ResolveKeyRequest { sha256: host::door::key::hash(key).to_vec().into() };
            let here = world.identity.resolve_key(&call, request()).await.map(drop).map_err(failure);
            let there = other.resolve_key(&call, request()).await.map(drop).map_err(failure);
            assert_eq!(here, there, "both processes say the same");
            here.is_ok()
        };

        let answers =
            at_once(&world, &other, async |identity: &Identity, _: usize| rotate(identity, &call, 600).await).await;
        let texts: Vec<String> = answers.into_iter().map(|done| done.expect("a text").key).collect();
        assert!(!works(&made.key).await, "the text from before all of them");
        let mut working = 0;
        for text in &texts {
            working += usize::from(works(text).await);
        }
        assert_eq!(working, 2, "the last one, and the one before for its while");

        // Who repeats one rotation, anywhere, gets one text.
        let once = Call { idempotency_key: Some("once".into()), ..call.clone() };
        let answers =
            at_once(&world, &other, async |identity: &Identity, _: usize| rotate(identity, &once, 0).await).await;
        let answers: Vec<_> = answers.into_iter().map(|done| done.expect("a text")).collect();
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
        assert!(answers.iter().all(|answer| answer.key == answers[0].key), "one rotation");
        assert!(works(&answers[0].key).await);
        for text in &texts {
            assert!(!works(text).await, "without grace only the last one");
        }
        assert_eq!(count(&world, "api_key.rotated").await, MANY + 1);
    })
    .await;
}
