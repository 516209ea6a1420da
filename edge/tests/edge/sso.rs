//! Domains and single sign-on of workspaces over HTTP.

use crate::{
    ask::{Edge, request},
    fake::WORKSPACE,
};
use axum::body::Body;
use http::header::CONTENT_TYPE;
use serde_json::json;

#[tokio::test]
async fn owners_add_verify_and_remove_domains() {
    let edge = Edge::new();
    let path = format!("/api/v1/workspaces/{WORKSPACE}/domains");
    let listed = edge.get(&path).await.json();
    let record = json!({
        "type": "TXT", "name": "_perpetuo-challenge.acme.example", "value": "perpetuo-domain-verification=token",
    });
    assert_eq!(
        listed["data"][0],
        json!({
            "domain": "acme.example", "verified": true, "created_at": "2026-09-21T14:13:20Z",
            "verified_at": "2026-09-21T14:15:00Z", "checked_at": "2026-09-21T14:15:00Z", "missing_since": null,
            "record": record,
        })
    );
    assert_eq!(listed["data"][1]["verified"], false);
    let added = edge.put("POST", &path, r#"{"domain":"bücher.example"}"#).await;
    assert_eq!((added.status, &added.json()["verified_at"]), (200, &json!(null)));
    assert!(edge.fakes.last("add_domain").request.contains("bücher.example"));
    edge.put("POST", &path, r#"{"name":"acme.example"}"#).await.problem(400, "INVALID_ARGUMENT");
    let verified = edge.put("POST", &format!("{path}/acme.example/verify"), "").await;
    assert_eq!((verified.status, &verified.json()["verified"]), (200, &json!(true)));
    let unproved = edge.put("POST", &format!("{path}/other.example/verify"), "").await;
    let problem = unproved.problem(409, "DOMAIN_UNPROVED");
    assert_eq!(problem["record"], "_perpetuo-challenge.other.example");
    assert_eq!(edge.put("DELETE", &format!("{path}/acme.example"), "").await.status, 204);
    assert!(edge.fakes.last("remove_domain").request.contains("acme.example"));
}

#[tokio::test]
async fn owners_set_up_single_sign_on_and_the_secret_never_comes_back() {
    let edge = Edge::new();
    let path = format!("/api/v1/workspaces/{WORKSPACE}/sso");
    let body = r#"{"issuer":"https://login.acme.example","client_id":"perpetuo","client_secret":"hunter2"}"#;
    let put = edge.put("PUT", &path, body).await;
    assert_eq!((put.status, &put.json()["has_client_secret"]), (200, &json!(true)));
    assert!(!put.text().contains("hunter2"));
    let shown = edge.get(&path).await.json();
    let callback = format!("https://api.example.com/api/v1/auth/sso/{WORKSPACE}/callback");
    assert_eq!((&shown["callback_url"], &shown["default_role"]), (&json!(callback), &json!("member")));
    edge.put("PUT", &path, r#"{"issuer":"https://login.acme.example"}"#).await.problem(400, "INVALID_ARGUMENT");
    assert_eq!(edge.put("DELETE", &path, "").await.status, 204);
}

#[tokio::test]
async fn anybody_begins_and_comes_back_with_the_cookie_of_their_browser() {
    let edge = Edge::new();
    let start = request("POST", "/auth/sso/start").header(CONTENT_TYPE, "application/json");
    let begun = edge.send(start.body(Body::from(r#"{"email":"bob@acme.example"}"#)).unwrap()).await;
    assert_eq!(begun.json(), json!({"authorization_url": "https://login.acme.example/auth"}));
    let cookie = begun.header("set-cookie");
    assert!(cookie.starts_with("__Host-perpetuo-sign-in=bbb") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(edge.fakes.last("start_sso").request.contains("bob@acme.example"));
    let back = format!("/api/v1/auth/sso/{WORKSPACE}/callback?state=s&code=c");
    let done = edge.send(request("GET", &back).body(Body::empty()).unwrap()).await;
    let asked = edge.fakes.last("finish_sign_in").request;
    assert!(asked.contains(WORKSPACE), "{asked}");
    assert!(done.status < 500, "{}", done.status);
    let nowhere = edge.send(request("GET", "/auth/sso/nonsense/callback").body(Body::empty()).unwrap()).await;
    nowhere.problem(404, "NOT_FOUND");
}
