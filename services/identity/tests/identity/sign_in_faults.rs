//! Signing in with an account elsewhere, as thieves and broken providers would have it.

use crate::{
    issuer::{Issuer, PAGE},
    sign_in::{Begun, challenge},
    world::*,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use identity::{Config, Login, Preset, Provider, SignUps, operators};
use proto::{Call, PlatformRole, Reason, identity::*};
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
        let shown = page("", &challenge());
        assert_eq!(reason(world.start(shown).await), Reason::InvalidArgument, "it could be read out to a stranger");
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
        let asked = || issuer.script().asked.len();
        let before = asked();
        assert_eq!(reason(world.start(start()).await), Reason::SignInFailed, "it is left alone for a while");
        assert_eq!(asked(), before);
        world.later(TimeDelta::seconds(10));
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        issuer.script().away = true;
        assert_eq!(reason(world.finish(&begun).await), Reason::SignInFailed);
        issuer.script().away = false;
        assert_eq!(reason(world.finish(&begun).await), Reason::TokenInvalid, "begin again");
        assert!(world.kinds().await.is_empty(), "nothing has happened");
        issuer.script().now += 10;
        world.sign_in(&issuer).await.expect("it is back");
        world.later(TimeDelta::minutes(61));
        issuer.script().away = true;
        world.start(start()).await.expect("what it said before is good for a while");
        world.later(TimeDelta::minutes(15));
        assert_eq!(reason(world.start(start()).await), Reason::SignInFailed, "and not for ever");
        issuer.script().away = false;
        issuer.script().now -= 10;
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
    let provider = Provider { preset: Some(Preset::Microsoft), trusts_addresses: false, ..issuer.provider() };
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

/// Of several providers one may be hostile: what was begun with another is not finished with it.
#[tokio::test]
async fn an_answer_of_another_provider_is_not_taken() {
    let issuer = Issuer::start().await;
    let evil = Provider { name: "evil".to_owned(), ..issuer.provider() };
    everywhere_with(Config { oidc: vec![issuer.provider(), evil], ..issuer.config() }, async |world| {
        let finish = async |begun: &Begun, provider: &str, iss: &str| {
            let request = FinishSignInRequest {
                provider: provider.to_owned(),
                state: begun.state.clone(),
                code: "a-code".to_owned(),
                browser: begun.browser.clone(),
                issuer: iss.to_owned(),
                ..Default::default()
            };
            world.identity.finish_sign_in(&world.anonymous(), request).await.map_err(failure)
        };
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        assert_eq!(reason(finish(&begun, "evil", "").await), Reason::TokenInvalid, "its state is of another one");
        let refused = finish(&begun, "acme", "https://evil.example").await;
        assert_eq!(reason(refused), Reason::SignInFailed, "who answered says so");
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        world.finish(&begun).await.expect("the one that was asked");
    })
    .await;
}

#[tokio::test]
async fn many_at_once_ask_a_provider_once() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        issuer.script().asked.clear();
        let start = || StartSignInRequest { provider: "acme".to_owned(), ..Default::default() };
        let all = futures::future::join_all((0..8).map(|_| world.start(start()))).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
        assert_eq!(issuer.script().asked.len(), 2, "its description and its keys");
    })
    .await;
}

#[tokio::test]
async fn one_network_begins_so_many_sign_ins_and_fails_so_often() {
    let issuer = Issuer::start().await;
    let login = Login { address_failures: 3, ..Login::default() };
    everywhere_with(Config { login, ..issuer.config() }, async |world| {
        let call = |last: u8| Call { client: Some([203, 0, 113, last].into()), ..world.anonymous() };
        let start = async |call: Call| {
            let request = StartSignInRequest { provider: "acme".to_owned(), ..Default::default() };
            world.identity.start_sign_in(&call, request).await.map_err(failure)
        };
        for _ in 0..30 {
            start(call(1)).await.expect("it is free");
        }
        assert_eq!(reason(start(call(1)).await), Reason::RateLimited);
        start(call(77)).await.expect("another network");
        let come_back = async |call: Call| {
            let request = FinishSignInRequest {
                provider: "acme".to_owned(),
                state: "made up".to_owned(),
                code: "made up".to_owned(),
                ..Default::default()
            };
            world.identity.finish_sign_in(&call, request).await.map_err(failure)
        };
        for _ in 0..3 {
            assert_eq!(reason(come_back(call(2)).await), Reason::TokenInvalid);
        }
        assert_eq!(reason(come_back(call(2)).await), Reason::RateLimited);
        assert_eq!(reason(come_back(call(77)).await), Reason::TokenInvalid, "another network");
        for _ in 0..5 {
            let begun = world.begin(&issuer, StartSignInRequest::default()).await;
            let request = FinishSignInRequest {
                provider: "acme".to_owned(),
                state: begun.state,
                code: begun.code,
                browser: begun.browser,
                ..Default::default()
            };
            world.identity.finish_sign_in(&call(3), request).await.expect("who does not fail does not wait");
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_that_was_made_up_is_no_fault_of_the_provider() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        let begun = world.begin(&issuer, StartSignInRequest::default()).await;
        let made_up = Begun { code: "made up".to_owned(), ..begun };
        assert_eq!(reason(world.finish(&made_up).await), Reason::SignInRefused);
    })
    .await;
}

#[tokio::test]
async fn an_issuer_of_which_nothing_is_known_opens_no_account_by_an_address() {
    let issuer = Issuer::start().await;
    let provider = Provider { trusts_addresses: false, ..issuer.provider() };
    everywhere_with(Config { oidc: vec![provider], ..issuer.config() }, async |world| {
        world.sign_up(EMAIL).await;
        world.confirm_address().await;
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::LinkRequired);
        // Somebody new is asked whether the address is theirs.
        issuer.script().claims = json!({"email": "new@example.com"});
        let session = world.sign_in(&issuer).await.expect("an account of their own");
        let user = session.user.expect("a user");
        assert!(!user.email_verified, "{user:?}");
        let letters = world.post.round(&world.service).await;
        let letter = letters.iter().find(|l| l.text.contains("email/verify")).expect("a letter");
        let request = VerifyEmailRequest { token: letter.token.clone(), ..Default::default() };
        let session = world.identity.verify_email(&world.anonymous(), request).await.expect("it works");
        assert!(session.user.expect("a user").email_verified);
        let again = world.sign_in(&issuer).await.expect("what the account was made with stays");
        assert_eq!(again.user.expect("a user").id, user.id);
        issuer.script().claims = json!({});
    })
    .await;
}

#[tokio::test]
async fn a_domain_lets_in_only_whose_provider_gives_out_its_addresses() {
    let issuer = Issuer::start().await;
    for (trusts_addresses, expected) in [(false, Err(Reason::SignUpClosed)), (true, Ok(()))] {
        let provider = Provider { trusts_addresses, ..issuer.provider() };
        let config = Config {
            signup: Some(SignUps::Domain),
            signup_domains: vec!["example.com".to_owned()],
            verify_email: Some(true),
            oidc: vec![provider],
            ..issuer.config()
        };
        everywhere_with(config, async |world| {
            let session = world.sign_in(&issuer).await;
            assert_eq!(session.map(drop).map_err(|failure| failure.reason), expected);
        })
        .await;
    }
}

#[tokio::test]
async fn no_provider_opens_the_account_of_an_operator_by_its_address() {
    let issuer = Issuer::start().await;
    everywhere_with(issuer.config(), async |world| {
        world.sign_up(EMAIL).await;
        world.confirm_address().await;
        let host = operators::Host {
            db: world.fresh.db.clone(),
            clock: world.clock.clone(),
            ids: world.ids.clone(),
            actor: "operator:root@host".to_owned(),
        };
        operators::grant(&host, EMAIL, PlatformRole::Admin).await.expect("a role");
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::LinkRequired);
    })
    .await;
}

#[tokio::test]
async fn an_address_beside_the_token_is_not_what_microsofts_token_vouches_for() {
    let issuer = Issuer::start().await;
    let provider = Provider { preset: Some(Preset::Microsoft), trusts_addresses: false, ..issuer.provider() };
    everywhere_with(Config { oidc: vec![provider], ..issuer.config() }, async |world| {
        issuer.script().claims = json!({"email": null, "xms_edov": true});
        let sub = issuer.script().sub.clone();
        issuer.script().info = Some(json!({"sub": sub, "email": EMAIL, "email_verified": true}));
        assert_eq!(reason(world.sign_in(&issuer).await), Reason::LinkRequired);
        issuer.script().info = None;
        issuer.script().claims = json!({});
    })
    .await;
}
