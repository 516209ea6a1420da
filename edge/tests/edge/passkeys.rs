//! Passkeys over HTTP: what browsers write is passed on as it is, and what they read is theirs, too.

use crate::{
    ask::{Edge, request},
    fake::{PASSKEY, TOKEN},
};
use axum::body::Body;
use http::header::CONTENT_TYPE;
use serde_json::json;

#[tokio::test]
async fn somebody_makes_renames_and_removes_a_passkey() {
    let edge = Edge::new();
    let passkey = json!({
        "id": PASSKEY, "name": "Ana's phone", "created_at": "2026-09-21T14:13:20Z", "last_used_at": null,
        "aaguid": "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "transports": ["internal", "hybrid"],
        "backup_eligible": true, "backed_up": false,
    });
    assert_eq!(edge.get("/me/passkeys").await.json(), json!({"data": [passkey]}));
    let asked = edge.put("POST", "/api/v1/me/passkeys/options", r#"{"password":"right"}"#).await;
    assert_eq!((asked.status, asked.json()), (200, json!({"challenge": "AQID", "rp": {"id": "example.com"}})));
    assert_eq!(edge.fakes.last("begin_passkey").request, "\"right\"");
    edge.put("POST", "/me/passkeys/options", r#"{"pass":"right"}"#).await.problem(400, "INVALID_ARGUMENT");

    let made = r#"{"name":"Laptop","credential":{"id":"AQID","clientExtensionResults":{}}}"#;
    let added = edge.put("POST", "/me/passkeys", made).await;
    assert_eq!((added.status, &added.json()["name"]), (201, &json!("Laptop")));
    let passed_on = edge.fakes.last("add_passkey").request;
    assert!(passed_on.contains("AQID") && passed_on.contains("clientExtensionResults"), "{passed_on}");
    for odd in [r#"{"name":"Laptop"}"#, r#"{"name":"Laptop","credential":"AQID"}"#, r#"{"credential":{}}"#] {
        edge.put("POST", "/me/passkeys", odd).await.problem(400, "INVALID_ARGUMENT");
    }
    let renamed = edge.put("PATCH", &format!("/me/passkeys/{PASSKEY}"), r#"{"name":"Old"}"#).await;
    assert_eq!((renamed.status, &renamed.json()["name"]), (200, &json!("Old")));
    edge.put("DELETE", &format!("/me/passkeys/{PASSKEY}"), "").await.problem(409, "CONFLICT");
    edge.put("DELETE", "/me/passkeys/nonsense", "").await.problem(404, "NOT_FOUND");
    let nobody = edge.send(request("GET", "/me/passkeys").body(Body::empty()).unwrap()).await;
    nobody.problem(401, "CREDENTIALS_MISSING");
}

#[tokio::test]
async fn anybody_signs_in_with_a_passkey_or_shows_one_in_the_place_of_a_code() {
    let edge = Edge::new();
    let anybody = async |path: &str, body: &str| {
        let request = request("POST", path).header(CONTENT_TYPE, "application/json");
        edge.send(request.body(Body::from(body.to_owned())).unwrap()).await
    };
    let asked = anybody("/auth/passkey/options", "").await;
    assert_eq!((asked.status, asked.json()), (200, json!({"challenge": "AQID", "allowCredentials": []})));
    let session = anybody("/api/v1/auth/passkey", r#"{"credential":{"id":"right"}}"#).await;
    assert_eq!((session.status, &session.json()["access_token"]), (200, &json!(TOKEN)));
    anybody("/auth/passkey", r#"{"credential":{"id":"wrong"}}"#).await.problem(401, "LOGIN_FAILED");
    anybody("/auth/passkey", r#"{"credential":"right"}"#).await.problem(400, "INVALID_ARGUMENT");

    let asked = edge.put("POST", "/me/mfa/step-up/options", "").await;
    assert_eq!((asked.status, asked.json()), (200, json!({"challenge": "AQID", "allowCredentials": [{}]})));
    assert_eq!(edge.put("POST", "/me/mfa/step-up", r#"{"passkey":{"id":"right"}}"#).await.status, 204);
    assert!(edge.fakes.last("step_up").request.contains("right"));
}
