//! The second factor, as people with an app and thieves without one meet it.

use crate::{app, world::*};
use chrono::TimeDelta;
use identity::{
    Config,
    operators::{self, Host},
};
use proto::{Call, Failure, PlatformRole, Reason, identity::*};

/// Somebody with an app.
struct Guarded {
    person: Person,
    call: Call,
    secret: String,
    recovery: Vec<String>,
}

impl World {
    /// Sets an app up, and puts it in force.
    async fn guard(&self, person: Person) -> Guarded {
        let call = self.call(&person.access).await;
        let secret = self.set_up(&call, PASSWORD).await.expect("a secret").secret;
        let recovery = self.confirm(&call, &app::code(&secret, self.now())).await.expect("the first code");
        // The next login is in another half minute.
        self.later(TimeDelta::seconds(30));
        Guarded { person, call, secret, recovery }
    }

    async fn set_up(&self, call: &Call, password: &str) -> Result<SetUpTotpResponse, Failure> {
        let request = SetUpTotpRequest { password: password.to_owned() };
        self.identity.set_up_totp(call, request).await.map_err(failure)
    }

    async fn confirm(&self, call: &Call, code: &str) -> Result<Vec<String>, Failure> {
        let request = ConfirmTotpRequest { code: code.to_owned() };
        self.identity.confirm_totp(call, request).await.map(|done| done.recovery_codes).map_err(failure)
    }

    async fn step_up(&self, call: &Call, code: &str) -> Result<(), Failure> {
        let request = StepUpRequest { code: code.to_owned(), ..Default::default() };
        self.identity.step_up(call, request).await.map(drop).map_err(failure)
    }

    async fn remove(&self, call: &Call) -> Result<(), Failure> {
        self.identity.remove_totp(call, RemoveTotpRequest {}).await.map(drop).map_err(failure)
    }

    async fn renew(&self, call: &Call) -> Result<Vec<String>, Failure> {
        let renewed = self.identity.renew_recovery_codes(call, RenewRecoveryCodesRequest {}).await;
        renewed.map(|made| made.recovery_codes).map_err(failure)
    }

    async fn login_with(&self, totp: &str) -> Result<LoginResponse, Failure> {
        let request = LoginRequest { totp: totp.to_owned(), ..login_of(EMAIL, PASSWORD) };
        self.identity.login(&self.anonymous(), request).await.map_err(failure)
    }

    async fn mfa(&self, call: &Call) -> GetMfaResponse {
        self.identity.get_mfa(call, GetMfaRequest {}).await.expect("a state")
    }

    async fn change_password(&self, call: &Call, from: &str, to: &str) -> Result<(), Failure> {
        let request = ChangePasswordRequest { current_password: from.to_owned(), password: to.to_owned() };
        self.identity.change_password(call, request).await.map(drop).map_err(failure)
    }
}

impl Guarded {
    fn code(&self, world: &World) -> String {
        app::code(&self.secret, world.now())
    }
}

#[tokio::test]
async fn an_app_is_asked_for_once_it_has_shown_its_first_code() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let phone = world.login(EMAIL, PASSWORD).await.unwrap();
        let call = world.call(&ana.access).await;
        assert_eq!(reason(world.set_up(&call, "not the password").await), Reason::LoginFailed);
        assert_eq!(reason(world.confirm(&call, "123456").await), Reason::NotFound, "nothing was set up");
        let made = world.set_up(&call, PASSWORD).await.unwrap();
        assert_eq!(made.secret.len(), 32, "160 bits");
        assert!(made.uri.starts_with("otpauth://totp/Perpetuo:ana%40example.com?secret="), "{}", made.uri);
        assert!(!format!("{made:?}").contains(&made.secret), "it cannot be printed");
        world.login(EMAIL, PASSWORD).await.expect("nothing is asked for yet");
        let wrong = app::code("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", world.now());
        assert_eq!(reason(world.confirm(&call, &wrong).await), Reason::MfaCodeInvalid);

        let codes = world.confirm(&call, &app::code(&made.secret, world.now())).await.unwrap();
        assert_eq!(codes.len(), 10);
        assert_eq!(reason(world.resolve(&phone.access).await), Reason::SessionEnded, "it was opened without an app");
        world.resolve(&ana.access).await.expect("this one goes on");
        let state = world.mfa(&call).await;
        assert!(state.enabled_at.is_some() && state.shown_at.is_some() && state.recovery_codes_left == 10, "{state:?}");
        let me = world.identity.get_me(&call, GetMeRequest {}).await.unwrap();
        assert!(me.user.expect("a user").mfa_enabled);
        assert_eq!(reason(world.set_up(&call, PASSWORD).await), Reason::Conflict, "it is in force");
        assert_eq!(reason(world.confirm(&call, &app::code(&made.secret, world.now())).await), Reason::NotFound);
        let kinds = world.kinds().await;
        assert!(kinds.contains(&"user.mfa_enabled".to_owned()), "{kinds:?}");
    })
    .await;
}

#[tokio::test]
async fn a_set_up_waits_for_a_quarter_of_an_hour_and_another_one_replaces_it() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let call = world.call(&ana.access).await;
        let first = world.set_up(&call, PASSWORD).await.unwrap();
        let second = world.set_up(&call, PASSWORD).await.unwrap();
        assert_ne!(first.secret, second.secret);
        assert_eq!(reason(world.confirm(&call, &app::code(&first.secret, world.now())).await), Reason::MfaCodeInvalid);
        world.later(TimeDelta::minutes(15));
        assert_eq!(reason(world.confirm(&call, &app::code(&second.secret, world.now())).await), Reason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn the_password_alone_opens_nothing_and_a_code_works_once() {
    everywhere(async |world| {
        let person = world.sign_up(EMAIL).await;
        let ana = world.guard(person).await;
        assert_eq!(reason(world.login_with("").await), Reason::MfaRequired);
        let wrong_password = LoginRequest { totp: ana.code(&world), ..login_of(EMAIL, "not the password") };
        let refused = world.identity.login(&world.anonymous(), wrong_password).await.map_err(failure);
        assert_eq!(reason(refused), Reason::LoginFailed, "a code helps nobody without the password");

        let code = ana.code(&world);
        assert_eq!(
            reason(world.login_with(&app::code(&ana.secret, world.now() - TimeDelta::minutes(2))).await),
            Reason::MfaCodeInvalid
        );
        let done = world.login_with(&format!("{} {}", &code[..3], &code[3..])).await.unwrap();
        assert!(done.user.expect("a user").mfa_enabled);
        assert_eq!(reason(world.login_with(&code).await), Reason::MfaCodeInvalid, "it was used");
        world.later(TimeDelta::seconds(30));
        let earlier = app::code(&ana.secret, world.now() - TimeDelta::seconds(30));
        assert_eq!(reason(world.login_with(&earlier).await), Reason::MfaCodeInvalid, "still");
        world.login_with(&ana.code(&world)).await.expect("the next one");
    })
    .await;
}

#[tokio::test]
async fn of_many_who_show_the_same_code_at_once_one_gets_in() {
    everywhere(async |world| {
        let person = world.sign_up(EMAIL).await;
        let ana = world.guard(person).await;
        let code = ana.code(&world);
        let all = futures::future::join_all((0..4).map(|_| world.login_with(&code))).await;
        assert_eq!(all.iter().filter(|login| login.is_ok()).count(), 1, "{all:?}");
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_works_once_in_the_place_of_the_app_and_its_owner_hears_of_it() {
    everywhere(async |world| {
        let person = world.sign_up(EMAIL).await;
        let ana = world.guard(person).await;
        world.post.round(&world.service).await;
        let first = ana.recovery[0].to_uppercase().replace('-', "");
        world.login_with(&first).await.unwrap();
        assert_eq!(reason(world.login_with(&first).await), Reason::MfaCodeInvalid, "it was used");
        assert_eq!(world.mfa(&ana.call).await.recovery_codes_left, 9);
        let letters = world.post.round(&world.service).await;
        assert_eq!(letters.iter().map(|l| l.subject.as_str()).collect::<Vec<_>>(), ["A recovery code was used"]);

        let other = world.renew(&ana.call).await.unwrap();
        assert_eq!(other.len(), 10);
        assert_eq!(reason(world.login_with(&ana.recovery[1]).await), Reason::MfaCodeInvalid, "from before");
        world.login_with(&other[9]).await.unwrap();
        let kinds = world.kinds().await;
        for kind in ["user.recovery_code_used", "user.recovery_codes_renewed"] {
            assert!(kinds.contains(&kind.to_owned()), "{kind} in {kinds:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn codes_cannot_be_guessed_not_even_from_many_places() {
    everywhere(async |world| {
        let person = world.sign_up(EMAIL).await;
        let ana = world.guard(person).await;
        for n in 0..5 {
            let call = Call { client: Some([203, 0, 113, n].into()), ..world.anonymous() };
            let request = LoginRequest { totp: format!("00000{n}"), ..login_of(EMAIL, PASSWORD) };
            assert_eq!(reason(world.identity.login(&call, request).await.map_err(failure)), Reason::MfaCodeInvalid);
        }
        let refused = world.login_with(&ana.code(&world)).await.expect_err("too many");
        assert_eq!((refused.reason, refused.get("layer")), (Reason::RateLimited, Some("second_factor")));
        assert!(refused.retry_after.is_some());
        world.later(TimeDelta::seconds(30));
        world.login_with(&ana.code(&world)).await.expect("it is time");
    })
    .await;
}

#[tokio::test]
async fn sensitive_changes_need_a_code_that_was_shown_just_now() {
    everywhere(async |world| {
        let person = world.sign_up(EMAIL).await;
        let ana = world.guard(person).await;
        world.later(TimeDelta::minutes(10));
        let call = &ana.call;
        let other = "another horse entirely";
        let email = ChangeEmailRequest { email: "ana@example.org".to_owned(), password: PASSWORD.to_owned() };
        assert_eq!(reason(world.change_password(call, PASSWORD, other).await), Reason::StepUpRequired);
        let refused = world.identity.change_email(call, email.clone()).await.map_err(failure);
        assert_eq!(reason(refused), Reason::StepUpRequired);
        assert_eq!(reason(world.renew(call).await), Reason::StepUpRequired);
        assert_eq!(reason(world.remove(call).await), Reason::StepUpRequired);

        assert_eq!(reason(world.step_up(call, "").await), Reason::MfaRequired);
        assert_eq!(reason(world.step_up(call, "000000").await), Reason::MfaCodeInvalid);
        let code = ana.code(&world);
        world.step_up(call, &code).await.unwrap();
        assert_eq!(reason(world.step_up(call, &code).await), Reason::MfaCodeInvalid, "it was used");
        world.identity.change_email(call, email).await.expect("it was shown just now");
        assert_eq!(
            reason(world.change_password(call, "not it at all", other).await),
            Reason::LoginFailed,
            "and the password"
        );
        world.change_password(call, PASSWORD, other).await.unwrap();
        world.remove(call).await.unwrap();
        assert_eq!(reason(world.remove(call).await), Reason::NotFound, "there is none any more");
        assert_eq!(reason(world.step_up(call, &code).await), Reason::NotFound);
        world.login(EMAIL, other).await.expect("no code is asked for any more");
        let kinds = world.kinds().await;
        for kind in ["session.stepped_up", "user.mfa_disabled"] {
            assert!(kinds.contains(&kind.to_owned()), "{kind} in {kinds:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn another_session_that_showed_a_code_does_not_make_this_one_fresh() {
    everywhere(async |world| {
        let person = world.sign_up(EMAIL).await;
        let ana = world.guard(person).await;
        world.later(TimeDelta::minutes(10));
        let phone = world.login_with(&ana.code(&world)).await.unwrap().tokens.expect("tokens").access_token;
        assert_eq!(reason(world.remove(&ana.call).await), Reason::StepUpRequired);
        let phone = world.call(&phone).await;
        world.remove(&phone).await.expect("who has just logged in with a code has shown one");
    })
    .await;
}

#[tokio::test]
async fn a_link_in_a_letter_asks_for_the_code_as_well_and_stays_good_meanwhile() {
    everywhere(async |world| {
        let person = world.sign_up(EMAIL).await;
        let verify = world.post.round(&world.service).await.remove(0).token;
        let request = VerifyEmailRequest { token: verify, ..Default::default() };
        world.identity.verify_email(&world.anonymous(), request).await.unwrap();
        let ana = world.guard(person).await;
        world.post.round(&world.service).await;
        let ask = SendMagicLinkRequest { email: EMAIL.to_owned() };
        world.identity.send_magic_link(&world.anonymous(), ask).await.unwrap();
        let token = world.post.round(&world.service).await.remove(0).token;
        let follow = async |totp: &str| {
            let request =
                LoginWithMagicLinkRequest { token: token.clone(), totp: totp.to_owned(), ..Default::default() };
            world.identity.login_with_magic_link(&world.anonymous(), request).await.map_err(failure)
        };
        assert_eq!(reason(follow("").await), Reason::MfaRequired);
        assert_eq!(reason(follow("000000").await), Reason::MfaCodeInvalid);
        follow(&ana.code(&world)).await.expect("the link is good still");
        assert_eq!(reason(follow(&ana.recovery[0]).await), Reason::TokenInvalid, "once");
        assert_eq!(world.mfa(&ana.call).await.recovery_codes_left, 10, "what was refused is not spent");

        // Another password opens nothing without the app, either.
        let forgot = ForgotPasswordRequest { email: EMAIL.to_owned() };
        world.identity.forgot_password(&world.anonymous(), forgot).await.unwrap();
        let token = world.post.round(&world.service).await.remove(0).token;
        let request = ResetPasswordRequest { token, password: "another horse entirely".to_owned() };
        world.identity.reset_password(&world.anonymous(), request).await.unwrap();
        assert_eq!(reason(world.login(EMAIL, "another horse entirely").await), Reason::MfaRequired);
    })
    .await;
}

#[tokio::test]
async fn an_app_that_a_stranger_set_up_ends_when_the_owner_of_the_address_comes() {
    for by_reset in [false, true] {
        everywhere(async |world| {
            let eve = world.sign_up(EMAIL).await;
            let eve = world.guard(eve).await;
            world.post.round(&world.service).await;
            if by_reset {
                let forgot = ForgotPasswordRequest { email: EMAIL.to_owned() };
                world.identity.forgot_password(&world.anonymous(), forgot).await.unwrap();
                let token = world.post.round(&world.service).await.remove(0).token;
                let request = ResetPasswordRequest { token, password: "another horse entirely".to_owned() };
                world.identity.reset_password(&world.anonymous(), request).await.unwrap();
                world.login(EMAIL, "another horse entirely").await.expect("no app of a stranger is asked for");
            } else {
                let ask = SendMagicLinkRequest { email: EMAIL.to_owned() };
                world.identity.send_magic_link(&world.anonymous(), ask).await.unwrap();
                let token = world.post.round(&world.service).await.remove(0).token;
                let request = LoginWithMagicLinkRequest { token, ..Default::default() };
                world.identity.login_with_magic_link(&world.anonymous(), request).await.expect("no app is asked for");
            }
            assert_eq!(reason(world.resolve(&eve.person.access).await), Reason::SessionEnded);
        })
        .await;
    }
}

#[tokio::test]
async fn operators_are_such_only_in_sessions_that_have_shown_a_code() {
    let config = Config { operators_need_mfa: Some(true), ..Config::default() };
    everywhere_with(config, async |world| {
        let person = world.sign_up(EMAIL).await;
        let host = Host {
            db: world.fresh.db.clone(),
            clock: world.clock.clone(),
            ids: world.ids.clone(),
            actor: "operator:root@host".to_owned(),
        };
        operators::grant(&host, EMAIL, PlatformRole::Admin).await.unwrap();
        let role = async |access: &str| world.resolve(access).await.expect("a token").platform_role;
        let without = world.login(EMAIL, PASSWORD).await.unwrap();
        assert_eq!(role(&without.access).await, "", "no second factor");

        let ana = world.guard(person).await;
        assert_eq!(role(&ana.person.access).await, "", "this token was not given for it");
        let now = world.refresh(&ana.person.refresh).await.unwrap();
        assert_eq!(role(&now.access).await, "admin");
        let login = world.login_with(&ana.code(&world)).await.unwrap().tokens.expect("tokens");
        assert_eq!(role(&login.access_token).await, "admin");
        let refreshed = world.refresh(&login.refresh_token).await.unwrap();
        assert_eq!(role(&refreshed.access).await, "admin", "a session remembers it");

        let call = world.call(&refreshed.access).await;
        world.remove(&call).await.unwrap();
        for access in [&now.access, &login.access_token, &refreshed.access] {
            assert_eq!(role(access).await, "", "without it nobody is an operator any more");
        }
    })
    .await;
}

#[tokio::test]
async fn neither_secret_nor_recovery_code_is_in_the_database_or_the_feed() {
    everywhere(async |world| {
        let person = world.sign_up(EMAIL).await;
        let ana = world.guard(person).await;
        let told = format!("{:?}", world.events().await);
        let plain = ana.recovery[0].replace('-', "");
        for secret in [&ana.secret, &ana.recovery[0], &plain] {
            assert!(!told.contains(secret.as_str()));
            if let store::Backend::Sqlite { dir } = &world.fresh.backend {
                for entry in std::fs::read_dir(dir).unwrap().flatten() {
                    let bytes = std::fs::read(entry.path()).unwrap();
                    assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{:?}", entry.path());
                }
            }
        }
    })
    .await;
}
