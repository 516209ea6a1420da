//! Signing up, in and out, and one's own account.

use crate::{
    ask::{Edge, bearer, ok, request},
    fake::{ANA, SESSION, STAFF, TOKEN, WORKSPACE},
};
use axum::body::Body;
use proto::Principal;
use serde_json::json;

const SIGN_UP: &str = r#"{"email":"ana@example.com","password":"correct horse","name":"Ana"}"#;

#[tokio::test]
async fn signing_up_answers_with_the_account_and_its_tokens_at_every_path() {
    let edge = Edge::new();
    for path in ["/auth/signup", "/auth/register", "/api/v1/auth/register", "/api/v1/auth/signup"] {
        let answer = edge.post_anonymous(path, SIGN_UP).await;
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
        assert_eq!(
            answer.json(),
            json!({
                "user": {
                    "id": ANA, "email": "ana@example.com", "name": "Ana", "locale": "en", "email_verified": false,
                    "mfa_enabled": false, "created_at": "2026-09-21T14:13:20Z",
                },
                "workspace": {"id": WORKSPACE, "name": "Acme", "role": "owner"},
                "access_token": TOKEN, "refresh_token": "rt_1", "token_type": "Bearer", "expires_in": 900,
            })
        );
        assert_eq!((answer.header("location"), answer.header("cache-control")), ("/api/v1/me", "no-store"));
    }
}

#[tokio::test]
async fn the_language_of_the_client_reaches_the_account() {
    let edge = Edge::new();
    let sent = request("POST", "/auth/signup").header("content-type", "application/json");
    edge.send(sent.header("accept-language", "pt-BR,pt;q=0.9").body(SIGN_UP.into()).unwrap()).await;
    assert!(edge.fakes.last("sign_up").request.contains("pt-BR,pt;q=0.9"));
}

#[tokio::test]
async fn a_taken_address_is_a_conflict() {
    let answer = Edge::new().post_anonymous("/auth/signup", SIGN_UP.replace("ana@", "taken@")).await;
    answer.problem(409, "EMAIL_TAKEN");
}

#[tokio::test]
async fn a_wrong_password_is_401_and_asks_for_bearer() {
    let answer = Edge::new().post_anonymous("/auth/login", r#"{"email":"a@b.c","password":"wrong"}"#).await;
    answer.problem(401, "LOGIN_FAILED");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a_login_may_carry_a_code_of_a_second_factor() {
    let edge = Edge::new();
    let null = r#"{"email":"mfa@example.com","password":"right","totp":null}"#;
    let asked = edge.post_anonymous("/auth/login", null).await;
    asked.problem(401, "MFA_REQUIRED");
    ok(&edge.post_anonymous("/auth/login", null.replace("null", "\"287082\"")).await);
    assert!(!edge.fakes.last("login").request.contains("287082"), "codes are not printed");
    for path in ["/auth/magic-link/verify", "/auth/email/verify"] {
        ok(&edge.post_anonymous(path, r#"{"token":"ot_good","totp":"287082"}"#).await);
    }
}

#[tokio::test]
async fn a_login_that_has_to_wait_is_told_for_how_long() {
    let edge = Edge::new();
    let answer = edge.post_anonymous("/auth/login", r#"{"email":"slow@example.com","password":"right"}"#).await;
    assert_eq!(answer.problem(429, "RATE_LIMITED")["layer"], "account");
    assert_eq!(answer.header("retry-after"), "5");
}

#[tokio::test]
async fn a_second_factor_is_set_up_confirmed_renewed_and_removed() {
    let edge = Edge::new();
    let answer = edge.get("/api/v1/me/mfa").await;
    ok(&answer);
    let expected = json!({"enabled": true, "enabled_at": "2026-09-21T14:13:20Z", "recovery_codes_left": 9, "passkeys": 1, "shown_at": null});
    assert_eq!(answer.json(), expected);
    let made = edge.put("POST", "/me/mfa/totp", r#"{"password":"right"}"#).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.json()["secret"], "GEZDGNBV");
    assert!(made.json()["otpauth_uri"].as_str().is_some_and(|uri| uri.starts_with("otpauth://totp/")));
    let wrong = edge.put("POST", "/me/mfa/totp/confirm", r#"{"code":"000000"}"#).await;
    wrong.problem(401, "MFA_CODE_INVALID");
    let done = edge.put("POST", "/me/mfa/totp/confirm", r#"{"code":"287082"}"#).await;
    assert_eq!(done.json(), json!({"recovery_codes": ["abcdef-000000-000000-000000"]}));
    let refused = edge.put("DELETE", "/me/mfa/totp", "").await;
    refused.problem(403, "STEP_UP_REQUIRED");
    assert_eq!(edge.put("POST", "/me/mfa/step-up", r#"{"code":"287082"}"#).await.status, 204);
    assert_eq!(edge.fakes.last("step_up").request, "(\"287082\", \"\")");
    ok(&edge.put("POST", "/me/mfa/recovery-codes", "").await);
    for (method, path) in [("GET", "/me/mfa"), ("POST", "/me/mfa/recovery-codes"), ("DELETE", "/me/mfa/totp")] {
        let nobody = edge.send(request(method, path).body(Body::empty()).unwrap()).await;
        nobody.problem(401, "CREDENTIALS_MISSING");
    }
}

#[tokio::test]
async fn a_refresh_token_buys_a_new_pair() {
    let answer = Edge::new().post_anonymous("/auth/refresh", r#"{"refresh_token":"rt_0"}"#).await;
    ok(&answer);
    let session = answer.json();
    assert_eq!((&session["refresh_token"], &session["workspace"]), (&json!("rt_1"), &json!(null)));
}

#[tokio::test]
async fn logging_out_takes_either_token_and_needs_one() {
    let edge = Edge::new();
    let logout = |token: Option<&str>, body: &'static str| {
        let mut sent = request("POST", "/auth/logout");
        if let Some(token) = token {
            sent = sent.header("authorization", bearer(token));
        }
        if !body.is_empty() {
            sent = sent.header("content-type", "application/json");
        }
        edge.send(sent.body(Body::from(body)).unwrap())
    };
    assert_eq!(logout(Some(TOKEN), "").await.status, 204);
    assert!(matches!(edge.fakes.last("logout").call.principal, Principal::User { .. }));
    assert_eq!(logout(Some(TOKEN), r#"{"all":true}"#).await.status, 204);
    assert_eq!(edge.fakes.last("logout").request, "true");
    assert_eq!(logout(None, r#"{"refresh_token":"rt_1"}"#).await.status, 204);
    assert_eq!(edge.fakes.last("logout").call.principal, Principal::Anonymous);
    assert_eq!(logout(Some("ana.expired.token"), r#"{"refresh_token":"rt_1"}"#).await.status, 204);
    logout(Some("ana.expired.token"), "").await.problem(401, "TOKEN_EXPIRED");
    logout(None, "").await.problem(401, "CREDENTIALS_MISSING");
    logout(None, "{}").await.problem(401, "CREDENTIALS_MISSING");
}

#[tokio::test]
async fn one_reads_and_changes_ones_own_account() {
    let edge = Edge::new();
    for path in ["/me", "/auth/me", "/api/v1/me", "/api/v1/auth/me"] {
        let answer = edge.get(path).await;
        ok(&answer);
        assert_eq!(answer.json()["workspaces"], json!([{"id": WORKSPACE, "name": "Acme", "role": "owner"}]));
        assert_eq!(answer.json()["id"], ANA);
    }
    ok(&edge.put("PUT", "/api/v1/me", r#"{"name":"Ana de Souza"}"#).await);
    assert!(edge.fakes.last("update_me").request.contains("Some(\"Ana de Souza\"), locale: None"));
}

#[tokio::test]
async fn switching_needs_a_credential() {
    let edge = Edge::new();
    let body = format!(r#"{{"workspace_id":"{WORKSPACE}"}}"#);
    ok(&edge.put("POST", "/auth/switch", body.clone()).await);
    edge.post_anonymous("/auth/switch", body).await.problem(401, "CREDENTIALS_MISSING");
}

#[tokio::test]
async fn public_keys_are_for_everybody() {
    let answer = Edge::new().send(request("GET", "/.well-known/jwks.json").body(Body::empty()).unwrap()).await;
    ok(&answer);
    assert_eq!(answer.json()["keys"][0]["kid"], "k1");
}

#[tokio::test]
async fn every_bad_credential_is_401_and_never_reaches_a_service() {
    let edge = Edge::new();
    let bad_checksum = "pk_0000000000000000000000000000000000000A";
    for (header, code) in [
        ("Bearer not-a-token", "TOKEN_INVALID"),
        ("Bearer ana.expired.token", "TOKEN_EXPIRED"),
        (&bearer(bad_checksum), "UNKNOWN_KEY"),
        (&bearer(host::door::key::generate().expose()), "UNKNOWN_KEY"),
        ("Basic YW5hOnB3", "CREDENTIALS_MISSING"),
        ("Bearer", "CREDENTIALS_MISSING"),
    ] {
        let answer =
            edge.send(request("GET", "/me").header("authorization", header).body(Body::empty()).unwrap()).await;
        answer.problem(401, code);
        let sent = request("GET", "/v1/models").header("authorization", header);
        let answer = edge.send(sent.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"));
        assert!(answer.json()["error"]["message"].is_string());
    }
    assert!(!edge.fakes.was_called("get_me") && !edge.fakes.was_called("list_models"));
}

#[tokio::test]
async fn where_addresses_are_confirmed_first_a_sign_up_only_says_that_a_letter_is_on_its_way() {
    let edge = Edge::new();
    let answer = edge.post_anonymous("/auth/signup", SIGN_UP.replace("ana@", "later@")).await;
    assert_eq!((answer.status, answer.json()), (202, json!({"status": "verification_sent"})));
    assert_eq!(answer.header("location"), "");
}

#[tokio::test]
async fn letters_are_asked_for_alike_and_their_links_open_a_session() {
    let edge = Edge::new();
    for path in ["/auth/magic-link", "/auth/password/forgot"] {
        let answer = edge.post_anonymous(path, r#"{"email":"a@b.co"}"#).await;
        assert_eq!((answer.status, answer.json()), (202, json!({"status": "sent"})), "{path}");
    }
    for path in ["/auth/magic-link/verify", "/auth/email/verify"] {
        let answer = edge.post_anonymous(path, r#"{"token":"ot_good"}"#).await;
        ok(&answer);
        assert_eq!(answer.json()["access_token"], TOKEN);
        edge.post_anonymous(path, r#"{"token":"ot_bad"}"#).await.problem(401, "TOKEN_INVALID");
    }
    let reset = r#"{"token":"ot_good","password":"another horse"}"#;
    assert_eq!(edge.post_anonymous("/auth/password/reset", reset).await.status, 204);
    let seen = edge.fakes.last("reset_password").request;
    assert!(!seen.contains("ot_good") && !seen.contains("another horse"), "{seen}");
}

#[tokio::test]
async fn devices_are_listed_and_logged_out() {
    let edge = Edge::new();
    let devices = edge.get("/me/sessions").await.json();
    let expected = json!({"data": [{
        "id": SESSION, "user_agent": "curl/8", "address": null, "created_at": "2026-09-21T14:13:20Z",
        "last_used_at": "2026-09-21T14:15:00Z", "expires_at": "2026-09-21T14:16:40Z", "current": true, "impersonation": {
                    "id": SESSION, "operator_id": STAFF, "user_id": ANA, "workspace_id": WORKSPACE,
                    "reason": "Ticket 4711: nothing is shown", "write": false, "created_at": "2026-09-21T14:13:20Z",
                    "expires_at": "2026-09-21T14:43:20Z", "ended_at": null, "end_reason": null,
                },
    }]});
    assert_eq!(devices, expected);
    assert_eq!(edge.put("DELETE", &format!("/api/v1/me/sessions/{SESSION}"), "").await.status, 204);
    edge.put("DELETE", "/me/sessions/nonsense", "").await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn what_the_client_calls_itself_reaches_the_account_cut_to_a_length() {
    let edge = Edge::new();
    let sent = request("POST", "/auth/signup").header("content-type", "application/json");
    edge.send(sent.header("user-agent", "x".repeat(1000)).body(SIGN_UP.into()).unwrap()).await;
    assert_eq!(edge.fakes.last("sign_up").call.user_agent.map(|agent| agent.len()), Some(256));
}
