//! Signing in with an account elsewhere, as it should go.

use crate::{
    app,
    issuer::{Issuer, PAGE},
    world::*,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use identity::{Config, SignUps};
use proto::{Failure, Reason, identity::*};

pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A sign-in whose browser is at the provider.
pub struct Begun {
    pub state: String,
    pub code: String,
    pub browser: String,
    pub url: String,
}

pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, VERIFIER.as_bytes()))
}

impl World {
    pub async fn start(&self, request: StartSignInRequest) -> Result<StartSignInResponse, Failure> {
        self.identity.start_sign_in(&self.anonymous(), request).await.map_err(failure)
    }

    /// To the provider, and through its login.
    pub async fn begin(&self, issuer: &Issuer, request: StartSignInRequest) -> Begun {
        let request = StartSignInRequest { provider: "acme".to_owned(), ..request };
        let begun = self.start(request).await.expect("a provider that answers");
        let (state, code) = issuer.log_in(&begun.authorization_url);
        Begun { state, code, browser: begun.browser, url: begun.authorization_url }
    }

    pub async fn finish(&self, begun: &Begun) -> Result<FinishSignInResponse, Failure> {
        self.finish_as(begun, &begun.browser).await
    }

    pub async fn finish_as(&self, begun: &Begun, browser: &str) -> Result<FinishSignInResponse, Failure> {
        let request = FinishSignInRequest {
            provider: "acme".to_owned(),
            state: begun.state.clone(),
            code: begun.code.clone(),
            browser: browser.to_owned(),
            ..FinishSignInRequest::default()
        };
        self.identity.finish_sign_in(&self.anonymous(), request).await.map_err(failure)
    }

    pub async fn exchange(&self, request: ExchangeSignInRequest) -> Result<ExchangeSignInResponse, Failure> {
        self.identity.exchange_sign_in(&self.anonymous(), request).await.map_err(failure)
    }

    /// All of it, in one browser.
    pub async fn sign_in(&self, issuer: &Issuer) -> Result<ExchangeSignInResponse, Failure> {
        let begun = self.begin(issuer, StartSignInRequest::default()).await;
        let done = self.finish(&begun).await?;
        self.exchange(ExchangeSignInRequest { code: done.code, browser: begun.browser, ..Default::default() }).await
    }

    /// Makes an address known, by a link.
    pub async fn confirm_address(&self) {
        let ask = SendMagicLinkRequest { email: EMAIL.to_owned() };
        self.identity.send_magic_link(&self.anonymous(), ask).await.expect("a letter");
        let letters = self.post.round(&self.service).await;
        let letter = letters.iter().find(|l| l.text.contains("email/verify")).expect("the letter of the sign-up");
        let request = VerifyEmailRequest { token: letter.token.clone(), ..Default::default() };
        self.identity.verify_email(&self.anonymous(), request).await.expect("a link that works");
    }
}

#[tokio::test]
async fn somebody_new_gets_an_account_and_the_same_one_the_next_time() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let listed = world.identity.list_sign_in_providers(&world.anonymous(), Default::default()).await.unwrap();
        assert_eq!((listed.providers[0].name.as_str(), listed.providers[0].label.as_str()), ("acme", "Acme"));
        let first = world.sign_in(&issuer).await.expect("a session");
        let user = first.user.expect("a user");
        assert_eq!((user.email.as_str(), user.name.as_str(), user.email_verified), (EMAIL, "Ana Souza", true));
        assert_eq!(first.workspace.expect("a workspace").role, "owner");
        let again = world.sign_in(&issuer).await.expect("a session");
        assert_eq!(again.user.expect("a user").id, user.id);
        let kinds = world.kinds().await;
        let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
        assert_eq!((count("user.created"), count("user.identity_linked"), count("session.created")), (1, 1, 2));
        // Whatever happens to the address, the account is the person's.
        issuer.script().claims = serde_json::json!({"email": "ana@elsewhere.example", "email_verified": false});
        assert_eq!(world.sign_in(&issuer).await.expect("a session").user.expect("a user").id, user.id);
        issuer.script().claims = serde_json::json!({});
    })
    .await;
}

#[tokio::test]
async fn an_account_without_a_password_is_like_a_wrong_password_until_a_letter_sets_one() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        world.sign_in(&issuer).await.expect("an account");
        assert_eq!(reason(world.login(EMAIL, "anything at all").await), Reason::LoginFailed);
        let ask = ForgotPasswordRequest { email: EMAIL.to_owned() };
        world.identity.forgot_password(&world.anonymous(), ask).await.unwrap();
        let token = world.post.round(&world.service).await.pop().expect("a letter").token;
        let request = ResetPasswordRequest { token, password: PASSWORD.to_owned() };
        world.identity.reset_password(&world.anonymous(), request).await.unwrap();
        world.login(EMAIL, PASSWORD).await.expect("a session");
        world.sign_in(&issuer).await.expect("that goes on");
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_there_is_linked_only_if_both_sides_know_the_address() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let ana = world.sign_up(EMAIL).await;
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::LinkRequired, "we do not know it");
        world.confirm_address().await;
        issuer.script().claims = serde_json::json!({"email_verified": false});
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::LinkRequired, "the provider does not vouch for it");
        issuer.script().claims = serde_json::json!({"email_verified": null});
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::LinkRequired, "nor here");
        issuer.script().claims = serde_json::json!({});
        let session = world.sign_in(&issuer).await.expect("a session");
        assert_eq!(session.user.expect("a user").id, ana.user.id);
        let letters = world.post.round(&world.service).await;
        assert!(letters.iter().any(|letter| letter.subject.contains("Another way")), "{letters:?}");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_not_vouched_for_learns_nothing_about_the_address() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        issuer.script().claims = serde_json::json!({"email_verified": false});
        let unknown = world.sign_in(&issuer).await.expect_err("it is nobody's");
        world.sign_up(EMAIL).await;
        let known = world.sign_in(&issuer).await.expect_err("it is somebody's");
        assert_eq!((unknown.reason, &unknown.message), (known.reason, &known.message));
        issuer.script().claims = serde_json::json!({});
    })
    .await;
}

#[tokio::test]
async fn a_page_gets_a_code_and_never_a_token() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let request =
            StartSignInRequest { redirect_to: PAGE.to_owned(), code_challenge: challenge(), ..Default::default() };
        let begun = world.begin(&issuer, request).await;
        let done = world.finish(&begun).await.unwrap();
        assert_eq!(done.location, format!("{PAGE}?code={}", done.code));
        assert_eq!(done.expires_in, 60);
        assert!(!format!("{done:?}").contains(&done.code), "it cannot be printed");
        let exchange = |code_verifier: &str, browser: &str| ExchangeSignInRequest {
            code: done.code.clone(),
            code_verifier: code_verifier.to_owned(),
            browser: browser.to_owned(),
            ..Default::default()
        };
        let stolen = world.exchange(exchange("", &begun.browser)).await;
        assert_eq!(reason(stolen), Reason::TokenInvalid, "the browser is not asked for here");
        assert_eq!(reason(world.exchange(exchange("another-verifier", "")).await), Reason::TokenInvalid);
        world.exchange(exchange(VERIFIER, "")).await.expect("a session");
        assert_eq!(reason(world.exchange(exchange(VERIFIER, "")).await), Reason::TokenInvalid, "it works once");
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_the_code_waits_for_it() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let ana = world.sign_up(EMAIL).await;
        world.confirm_address().await;
        let call = world.call(&ana.access).await;
        let set_up = SetUpTotpRequest { password: PASSWORD.to_owned() };
        let secret = world.identity.set_up_totp(&call, set_up).await.unwrap().secret;
        let confirm = ConfirmTotpRequest { code: app::code(&secret, world.now()) };
        world.identity.confirm_totp(&call, confirm).await.unwrap();
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        let done = world.finish(&begun).await.unwrap();
        let exchange = |totp: &str| ExchangeSignInRequest {
            code: done.code.clone(),
            browser: begun.browser.clone(),
            totp: totp.to_owned(),
            ..Default::default()
        };
        assert_eq!(reason(world.exchange(exchange("")).await), Reason::MfaRequired);
        assert!(!world.kinds().await.contains(&"user.identity_linked".to_owned()), "nothing was linked");
        world.later(TimeDelta::minutes(4));
        issuer.script().now += 240;
        assert_eq!(reason(world.exchange(exchange("000000")).await), Reason::MfaCodeInvalid);
        world.exchange(exchange(&app::code(&secret, world.now()))).await.expect("a session");
        issuer.script().now -= 240;
    })
    .await;
}

#[tokio::test]
async fn who_may_sign_up_holds_here_too() {
    let issuer = Issuer::start().await;
    let config = Config { signup: Some(SignUps::Invite), ..issuer.config() };
    everywhere_with(config, async |world| {
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::SignUpClosed);
        world.workspaces.state().invited.push(("inv_1".to_owned(), EMAIL.to_owned()));
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        let done = world.finish(&begun).await.unwrap();
        let exchange = |invitation: &str| ExchangeSignInRequest {
            code: done.code.clone(),
            browser: begun.browser.clone(),
            invitation: invitation.to_owned(),
            ..Default::default()
        };
        assert_eq!(reason(world.exchange(exchange("inv_2")).await), Reason::SignUpClosed);
        world.exchange(exchange("inv_1")).await.expect("an account");
        world.sign_in(&issuer).await.expect("who has an account needs no invitation");
    })
    .await;
}

#[tokio::test]
async fn what_the_token_leaves_out_its_provider_is_asked_for() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        issuer.script().claims = serde_json::json!({"email": null, "email_verified": null, "name": null});
        let sub = issuer.script().sub.clone();
        let info = serde_json::json!({"sub": sub, "email": EMAIL, "email_verified": true, "name": "Ana"});
        issuer.script().info = Some(info.clone());
        let user = world.sign_in(&issuer).await.expect("a session").user.expect("a user");
        assert_eq!((user.email.as_str(), user.name.as_str()), (EMAIL, "Ana"));
        let mut of_another = info;
        of_another["sub"] = serde_json::json!("another");
        issuer.script().info = Some(of_another);
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::SignInFailed, "it speaks of somebody else");
        issuer.script().info = None;
        issuer.script().claims = serde_json::json!({});
    })
    .await;
}
