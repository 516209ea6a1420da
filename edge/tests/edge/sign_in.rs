//! Signing in with an account elsewhere, as browsers and clients meet it.

use crate::{
    ask::{Answer, Edge, ok, request},
    fake::{IDENTITY, TOKEN},
};
use axum::body::Body;
use serde_json::json;

const COOKIE: &str = "theme=dark; __Host-perpetuo-sign-in=a-browser";
const CALLBACK: &str = "/api/v1/auth/oauth/google/callback";

/// What a browser that began gets.
async fn come_back(edge: &Edge, query: &str, accept: &str, language: &str) -> Answer {
    let sent = request("GET", &format!("{CALLBACK}?{query}")).header("cookie", COOKIE);
    edge.send(sent.header("accept", accept).header("accept-language", language).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_browser_is_sent_to_the_provider_with_a_cookie_that_only_we_read() {
    let edge = Edge::new();
    let listed = edge.send(request("GET", "/auth/oauth").body(Body::empty()).unwrap()).await;
    let google = json!({"name": "google", "label": "Google", "start": "/api/v1/auth/oauth/google/start"});
    assert_eq!(listed.json(), json!({"data": [google]}));
    for path in ["/auth/oauth/google/start", "/api/v1/auth/oauth/google/start?redirect_to=https%3A%2F%2Fa.example%2F"] {
        let answer = edge.send(request("GET", path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 302, "{answer:?}");
        assert_eq!(answer.header("location"), "https://accounts.example.com/auth?state=s1");
        let cookie = "__Host-perpetuo-sign-in=a-browser; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax";
        assert_eq!((answer.header("set-cookie"), answer.header("cache-control")), (cookie, "no-store"));
    }
    assert!(edge.fakes.last("start_sign_in").request.contains("https://a.example/"));
    let again = request("GET", "/auth/oauth/google/start").header("cookie", COOKIE).body(Body::empty()).unwrap();
    edge.send(again).await;
    assert!(edge.fakes.last("start_sign_in").request.contains("a-browser"), "it keeps what it has");
    let absent = edge.send(request("GET", "/auth/oauth/other/start").body(Body::empty()).unwrap()).await;
    absent.problem(404, "NOT_FOUND");
    let away = edge.send(request("GET", "/auth/oauth/away/start").body(Body::empty()).unwrap()).await;
    away.problem(502, "SIGN_IN_FAILED");
    let odd = edge.send(request("GET", "/auth/oauth/google/start?next=x").body(Body::empty()).unwrap()).await;
    odd.problem(400, "INVALID_ARGUMENT");
}

#[tokio::test]
async fn the_callback_leads_to_the_page_or_shows_the_code() {
    let edge = Edge::new();
    let led = come_back(&edge, "state=leads&code=c1&scope=whatever", "text/html", "en").await;
    assert_eq!((led.status, led.header("location")), (303, "https://app.example.com/in?code=si_1"));
    assert!(!led.text().contains(TOKEN) && led.header("cache-control") == "no-store", "{led:?}");
    let shown = come_back(&edge, "state=shows&code=c1", "application/json", "en").await;
    assert_eq!(shown.json(), json!({"code": "si_1", "expires_in": 60}));
    for (language, words) in [("en-GB", "You are signed in"), ("pt-BR,pt;q=0.9", "Você entrou")] {
        let page = come_back(&edge, "state=shows&code=c1", "text/html,*/*", language).await;
        ok(&page);
        assert!(page.text().contains(words) && page.text().contains("<code>si_1</code>"), "{}", page.text());
        assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    }
}

#[tokio::test]
async fn a_callback_that_fails_says_why_to_people_and_to_programs() {
    let edge = Edge::new();
    let refused = come_back(&edge, "state=refused&error=access_denied", "application/json", "en").await;
    refused.problem(403, "SIGN_IN_REFUSED");
    let page = come_back(&edge, "state=refused&error=access_denied", "text/html", "pt-BR").await;
    assert_eq!(page.status, 403);
    assert!(
        page.text().contains("Não foi possível entrar") && page.text().contains("&lt;Google&gt;"),
        "{}",
        page.text()
    );
    assert!(page.text().contains("/docs/errors/SIGN_IN_REFUSED"));
    let other = request("GET", &format!("{CALLBACK}?state=leads&code=c1")).body(Body::empty()).unwrap();
    edge.send(other).await.problem(401, "TOKEN_INVALID");
}

#[tokio::test]
async fn a_code_buys_a_session_once() {
    let edge = Edge::new();
    let exchange = async |body: &'static str| {
        let sent = request("POST", "/auth/oauth/exchange").header("cookie", COOKIE).header("accept-language", "pt-BR");
        edge.send(sent.header("content-type", "application/json").body(body.into()).unwrap()).await
    };
    let session = exchange(r#"{"code":"si_1","code_verifier":"v1","totp":"287082"}"#).await;
    ok(&session);
    assert_eq!((&session.json()["access_token"], &session.json()["token_type"]), (&json!(TOKEN), &json!("Bearer")));
    let seen = edge.fakes.last("exchange_sign_in").request;
    assert!(["a-browser", "v1", "pt-BR"].iter().all(|text| seen.contains(text)), "{seen}");
    exchange(r#"{"code":"si_other"}"#).await.problem(409, "LINK_REQUIRED");
    exchange(r#"{"code":"si_2"}"#).await.problem(401, "TOKEN_INVALID");
    exchange(r#"{"token":"si_1"}"#).await.problem(400, "INVALID_ARGUMENT");
}

#[tokio::test]
async fn somebody_sees_links_and_unlinks_accounts_elsewhere() {
    let edge = Edge::new();
    let listed = edge.get("/me/identities").await;
    let identity = json!({
        "id": IDENTITY, "provider": "google", "issuer": "https://accounts.google.com", "email": null,
        "created_at": "2026-09-21T14:13:20Z", "last_used_at": null,
    });
    assert_eq!(listed.json(), json!({"data": [identity], "has_password": true}));
    let linked = edge.put("POST", "/api/v1/me/identities", r#"{"code":"si_1","password":"right"}"#).await;
    assert_eq!((linked.status, linked.json()), (201, identity));
    let last = edge.put("DELETE", &format!("/me/identities/{IDENTITY}"), "").await;
    last.problem(409, "CONFLICT");
    edge.put("DELETE", "/me/identities/nonsense", "").await.problem(404, "NOT_FOUND");
    let nobody = edge.send(request("GET", "/me/identities").body(Body::empty()).unwrap()).await;
    nobody.problem(401, "CREDENTIALS_MISSING");
}
