//! Signing in with an account elsewhere, as thieves and broken providers would have it.

use crate::{
    issuer::{Issuer, PAGE},
    sign_in::{Begun, challenge},
    world::*,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use identity::{Config, Preset, Provider};
use proto::{Reason, identity::*};
use serde_json::{Value, json};

/// A sign-in that its provider's answer has to end.
async fn fails(world: &World, issuer: &Issuer, what: &str) {
    let refused = world.sign_in(issuer).await.expect_err(what);
    assert_eq!(refused.reason, Reason::SignInFailed, "{what}: {refused:?}");
    assert!(!world.kinds().await.iter().any(|kind| kind == "user.created"), "{what}: half of it was done");
}

#[tokio::test]
async fn a_token_that_does_not_hold_opens_nothing() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let now = issuer.script().now;
        for (what, claims) in [
            ("another nonce", json!({"nonce": "another"})),
            ("no nonce", json!({"nonce": null})),
            ("another audience", json!({"aud": "somebody-else"})),
            ("an audience beside us", json!({"aud": ["perpetuo-at-acme", "somebody-else"]})),
            ("another party", json!({"azp": "somebody-else"})),
            ("another issuer", json!({"iss": "https://accounts.example.com"})),
            ("no subject", json!({"sub": ""})),
            ("expired", json!({"exp": now - 61})),
            ("issued in time to come", json!({"iat": now + 61})),
            ("of another access token", json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})),
        ] {
            issuer.script().claims = claims;
            fails(&world, &issuer, what).await;
        }
        issuer.script().claims = json!({"exp": now - 59, "iat": now + 59});
        world.sign_in(&issuer).await.expect("clocks may differ by a minute");
        issuer.script().claims = json!({});
    })
    .await;
}

#[tokio::test]
async fn only_a_signature_of_the_provider_counts() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let nonce_of = |begun: &Begun| {
            let url = url::Url::parse(&begun.url).unwrap();
            url.query_pairs().find(|(name, _)| name == "nonce").unwrap().1.into_owned()
        };
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        for alg in ["none", "HS256", "signature"] {
            let begun = world.begin(&issuer, StartSignInRequest::default()).await;
            let claims = issuer.claims(&nonce_of(&begun));
            let token = match alg {
                "none" => format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims)),
                "HS256" => {
                    let key = jsonwebtoken::EncodingKey::from_secret(b"a secret & more");
                    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
                }
                _ => {
                    let mut token = issuer.sign(&claims);
                    let at = token.rfind('.').unwrap() + 5;
                    let other = if &token[at..=at] == "A" { "B" } else { "A" };
                    token.replace_range(at..=at, other);
                    token
                }
            };
            issuer.script().token = Some(token);
            assert_eq!(reason(world.finish(&begun).await), Reason::SignInFailed, "{alg}");
            issuer.script().token = None;
        }
        world.sign_in(&issuer).await.expect("as it should be");
    })
    .await;
}

#[tokio::test]
async fn keys_that_change_are_asked_for_again_and_unknown_ones_not_all_the_time() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        world.sign_in(&issuer).await.expect("a session");
        world.later(TimeDelta::seconds(31));
        issuer.rotate(true);
        world.sign_in(&issuer).await.expect("a session by the new key");
        issuer.rotate(false);
        let asked = || issuer.script().asked.iter().filter(|path| *path == "/jwks").count();
        let before = asked();
        for _ in 0..3 {
            assert_eq!(reason(world.sign_in(&issuer).await), Reason::SignInFailed, "it is not published");
        }
        assert_eq!(asked(), before, "just now");
        world.later(TimeDelta::seconds(31));
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::SignInFailed, "still not");
        assert_eq!(asked(), before + 1);
        issuer.rotate(true);
    })
    .await;
}

#[tokio::test]
async fn a_state_works_once_in_the_browser_that_began_and_for_ten_minutes() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        let thief = world.begin(&issuer, StartSignInRequest::default()).await;
        assert_ne!(begun.browser, thief.browser);
        for browser in [thief.browser.as_str(), ""] {
            assert_eq!(reason(world.finish_as(&begun, browser).await), Reason::TokenInvalid, "another browser");
        }
        world.finish(&begun).await.expect("a thief spends nothing");
        assert_eq!(reason(world.finish(&begun).await), Reason::TokenInvalid, "it was used");
        let old = world.begin(&issuer, StartSignInRequest::default()).await;
        world.later(TimeDelta::minutes(10));
        assert_eq!(reason(world.finish(&old).await), Reason::TokenInvalid, "it is too old");
        let invented = Begun { state: "invented".to_owned(), ..old };
        assert_eq!(reason(world.finish(&invented).await), Reason::TokenInvalid);
    })
    .await;
}

#[tokio::test]
async fn of_two_that_come_back_at_once_one_goes_on() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        let (a, b) = tokio::join!(world.finish(&begun), world.finish(&begun));
        let code = match (a, b) {
            (Ok(done), Err(refused)) | (Err(refused), Ok(done)) => {
                assert_eq!(refused.reason, Reason::TokenInvalid);
                done.code
            }
            both => panic!("{both:?}"),
        };
        let exchange =
            || ExchangeSignInRequest { code: code.clone(), browser: begun.browser.clone(), ..Default::default() };
        let (a, b) = tokio::join!(world.exchange(exchange()), world.exchange(exchange()));
        assert!(a.is_ok() != b.is_ok(), "one session: {a:?} {b:?}");
        let kinds = world.kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "user.created").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_code_is_good_for_a_minute_and_in_its_own_browser() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        let code = world.finish(&begun).await.unwrap().code;
        for browser in ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let stolen =
                ExchangeSignInRequest { code: code.clone(), browser: browser.to_owned(), ..Default::default() };
            assert_eq!(reason(world.exchange(stolen).await), Reason::TokenInvalid);
        }
        world.later(TimeDelta::seconds(60));
        let late = ExchangeSignInRequest { code, browser: begun.browser, ..Default::default() };
        assert_eq!(reason(world.exchange(late).await), Reason::TokenInvalid, "it is too old");
    })
    .await;
}

#[tokio::test]
async fn a_browser_keeps_its_secret_and_can_have_several_sign_ins_open() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let first = world.begin(&issuer, StartSignInRequest::default()).await;
        let request = StartSignInRequest { browser: first.browser.clone(), ..Default::default() };
        let second = world.begin(&issuer, request).await;
        assert_eq!(first.browser, second.browser);
        world.finish(&first).await.expect("the first tab");
        world.finish(&second).await.expect("the second tab");
        let request = StartSignInRequest { browser: "chosen-by-somebody".to_owned(), ..Default::default() };
        assert_ne!(world.begin(&issuer, request).await.browser, "chosen-by-somebody");
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_leads_to_pages_of_the_list_only() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let page = |page: &str, code_challenge: &str| StartSignInRequest {
            provider: "acme".to_owned(),
            redirect_to: page.to_owned(),
            code_challenge: code_challenge.to_owned(),
            browser: String::new(),
        };
        for other in ["https://evil.example/", "https://app.example.com/signed-in/..", "https://app.example.com/"] {
            assert_eq!(reason(world.start(page(other, "")).await), Reason::RefusedValue, "{other}");
        }
        assert_eq!(reason(world.start(page(PAGE, "short")).await), Reason::RefusedValue);
        let absent = StartSignInRequest { provider: "unknown".to_owned(), ..Default::default() };
        assert_eq!(reason(world.start(absent).await), Reason::NotFound);
        let begun = world.begin(&issuer, page(PAGE, &challenge())).await;
        let refused = FinishSignInRequest {
            provider: "acme".to_owned(),
            state: begun.state.clone(),
            error: "access_denied".to_owned(),
            browser: begun.browser.clone(),
            ..Default::default()
        };
        let done = world.identity.finish_sign_in(&world.anonymous(), refused).await.expect("a page");
        assert_eq!(done.location, format!("{PAGE}?error=SIGN_IN_REFUSED"));
        assert!(done.code.is_empty());
        assert_eq!(reason(world.finish(&begun).await), Reason::TokenInvalid, "it is over");
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_is_away_is_said_to_be_and_leaves_nothing() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let start = || StartSignInRequest { provider: "acme".to_owned(), ..Default::default() };
        issuer.script().away = true;
        let away = world.start(start()).await.expect_err("it is away");
        assert_eq!(away.reason, Reason::SignInFailed);
        assert!(away.message.contains("Acme does not answer"), "{away:?}");
        issuer.script().away = false;
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        issuer.script().away = true;
        assert_eq!(reason(world.finish(&begun).await), Reason::SignInFailed);
        issuer.script().away = false;
        assert_eq!(reason(world.finish(&begun).await), Reason::TokenInvalid, "begin again");
        assert!(world.kinds().await.is_empty(), "nothing has happened");
        world.sign_in(&issuer).await.expect("it is back");
    })
    .await;
}

#[tokio::test]
async fn people_of_other_domains_stay_outside() {
    let issuer = Issuer::start().await;
    let provider = Provider { allowed_domains: vec!["acme.example".to_owned()], ..issuer.provider() };
    everywhere_with(Config { oidc: vec![provider], ..issuer.config() }, async |world| {
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::SignInRefused);
        issuer.script().claims = json!({"email": "eve@acme.example", "email_verified": false});
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::SignInRefused, "nobody vouches for it");
        issuer.script().claims = json!({"email": "eve@acme.example"});
        world.sign_in(&issuer).await.expect("one of them");
        issuer.script().claims = json!({});
    })
    .await;
}

#[tokio::test]
async fn what_microsoft_tells_as_an_address_opens_nobodys_account() {
    let issuer = Issuer::start().await;
    let provider = Provider { preset: Some(Preset::Microsoft), ..issuer.provider() };
    everywhere_with(Config { oidc: vec![provider], ..issuer.config() }, async |world| {
        let ana = world.sign_up(EMAIL).await;
        world.confirm_address().await;
        // As the administrator of any tenant can make it.
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::LinkRequired);
        issuer.script().claims = json!({"xms_edov": true, "email_verified": null});
        let session = world.sign_in(&issuer).await.expect("the owner of the domain has proven it");
        assert_eq!(session.user.expect("a user").id, ana.user.id);
        issuer.script().claims = json!({});
    })
    .await;
}

#[tokio::test]
async fn a_description_of_somebody_else_is_not_believed() {
    let issuer = Issuer::start().await;
    let provider =
        Provider { issuer: Some(format!("http://localhost:{}", issuer.address.port())), ..issuer.provider() };
    everywhere_with(Config { oidc: vec![provider], ..issuer.config() }, async |world| {
        let request = StartSignInRequest { provider: "acme".to_owned(), ..Default::default() };
        assert_eq!(reason(world.start(request).await), Reason::SignInFailed);
    })
    .await;
}
