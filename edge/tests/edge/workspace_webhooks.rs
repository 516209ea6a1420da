//! Webhooks of a workspace, and what operators see of workspaces.

use crate::{
    ask::{Edge, bearer, ok, request},
    fake::{ANA, DELIVERY, FOREIGN, OPERATOR_TOKEN, TOKEN, WEBHOOK, WORKSPACE},
    plans::ask,
};
use axum::body::Body;
use serde_json::{Value, json};

const SECRET: &str = "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29r";

fn shown() -> Value {
    json!({
        "id": WEBHOOK, "url": "https://example.com/hooks", "description": "to the CRM", "event_types": ["member.added"],
        "enabled": false, "disabled_because": "gone", "failing_since": "2026-09-21T14:13:20Z",
        "previous_secret_expires_at": null, "created_at": "2026-09-21T14:13:20Z", "updated_at": "2026-09-21T14:13:20Z",
    })
}

fn with_secret() -> Value {
    let mut shown = shown();
    shown["secret"] = SECRET.into();
    shown
}

fn delivery() -> Value {
    json!({
        "id": DELIVERY, "webhook_id": WEBHOOK, "event_id": "evt_01k9tq6j3se5mb1pt2xdv6q3kz", "event_type": "member.added",
        "status": "pending", "next_attempt_at": "2026-09-21T14:13:25Z", "created_at": "2026-09-21T14:13:20Z",
        "body": {"type": "member.added"},
        "attempts": [{"at": "2026-09-21T14:13:20Z", "status_code": 503, "error": "the receiver answered 503",
            "duration_ms": 12, "answer": "later"}],
    })
}

fn all() -> String {
    format!("/workspaces/{WORKSPACE}/webhooks")
}

fn one() -> String {
    format!("{}/{WEBHOOK}", all())
}

#[tokio::test]
async fn they_are_added_read_changed_tried_and_removed() {
    let edge = Edge::new();
    let new = json!({"url": "https://example.com/hooks", "event_types": ["member.added"], "description": "to the CRM"});
    let made = edge.put("POST", &all(), new.to_string()).await;
    assert_eq!((made.status, made.json()), (201, with_secret()));
    assert_eq!(made.header("location"), format!("/api/v1{}", one()));
    let seen = edge.fakes.last("create_webhook").request;
    for part in ["https://example.com/hooks", "event_types: [\"member.added\"]", "to the CRM"] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    let listed = edge.get(&format!("{}?limit=3", all())).await;
    assert_eq!(listed.json(), json!({"data": [shown()], "next_cursor": "more"}));
    assert_eq!(edge.get(&one()).await.json(), shown());
    let changed = edge.put("PATCH", &one(), r#"{"enabled":true,"event_types":["*"]}"#).await;
    ok(&changed);
    let seen = edge.fakes.last("update_webhook").request;
    for part in ["enabled: Some(true)", "names: [\"*\"]", "url: None"] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    let tried = edge.put("POST", &format!("{}/test", one()), "").await;
    assert_eq!((tried.status, tried.json()), (202, delivery()));
    let removed = edge.put("DELETE", &one(), "").await;
    assert_eq!(removed.status, 204, "{removed:?}");
}

#[tokio::test]
async fn a_secret_is_replaced_with_or_without_a_body() {
    let edge = Edge::new();
    let path = format!("{}/rotate", one());
    for (body, seconds) in [(r#"{"grace_seconds":60}"#, "Some(60)"), ("{}", "None")] {
        let rotated = edge.put("POST", &path, body).await;
        assert_eq!((rotated.status, rotated.json()), (200, with_secret()));
        let seen = edge.fakes.last("rotate_webhook_secret").request;
        assert!(seen.contains(&format!("grace_seconds: {seconds}")), "{seen}");
    }
    let bare = request("POST", &path).header("authorization", bearer(TOKEN)).header("idempotency-key", "again");
    let again = edge.send(bare.body(Body::empty()).unwrap()).await;
    ok(&again);
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn deliveries_are_listed_and_sent_again() {
    let edge = Edge::new();
    let listed = edge.get(&format!("{}/deliveries?status=failed&limit=2", one())).await;
    assert_eq!(listed.json(), json!({"data": [delivery()], "next_cursor": null}));
    let seen = edge.fakes.last("list_webhook_deliveries").request;
    assert!(seen.contains("status: \"failed\"") && seen.contains("page_size: 2"), "{seen}");
    let path = format!("{}/deliveries/{DELIVERY}/retry", one());
    let again = edge.put("POST", &path, "").await;
    assert_eq!((again.status, again.json()), (202, delivery()));
    let seen = edge.fakes.last("retry_webhook_delivery").request;
    assert!(seen.contains(WEBHOOK) && seen.contains(DELIVERY), "{seen}");
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_and_what_is_written_wrongly_is_named() {
    let edge = Edge::new();
    let foreign = one().replace(WEBHOOK, "hook_00000000000000000000000000");
    for path in [
        foreign.clone(),
        one().replace(WEBHOOK, "main"),
        format!("{foreign}/deliveries"),
        one().replace(WORKSPACE, FOREIGN),
    ] {
        edge.get(&path).await.problem(404, "NOT_FOUND");
    }
    for path in [format!("{}/deliveries/main/retry", one()), format!("{foreign}/deliveries/{DELIVERY}/retry")] {
        edge.put("POST", &path, "").await.problem(404, "NOT_FOUND");
    }
    for (body, field) in [
        (r#"{"event_types":["*"]}"#, "url"),
        (r#"{"url":"https://example.com/","events":["*"]}"#, "events"),
        (r#"{"url":"https://example.com/","event_types":"*"}"#, "event_types"),
        (r#"{"url":"https://example.com/","secret":"whsec_x"}"#, "secret"),
    ] {
        let problem = edge.put("POST", &all(), body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    edge.get(&format!("{}/deliveries?limit=201", one())).await.problem(400, "INVALID_ARGUMENT");
    assert!(!edge.fakes.was_called("create_webhook"));
}

#[tokio::test]
async fn a_key_without_the_scope_does_nothing() {
    let (edge, retry) = (Edge::new(), format!("{}/deliveries/{DELIVERY}/retry", one()));
    let (test, rotate) = (format!("{}/test", one()), format!("{}/rotate", one()));
    for ((method, path), permission) in [
        (("GET", all()), "webhooks.read"),
        (("GET", one()), "webhooks.read"),
        (("GET", format!("{}/deliveries", one())), "webhooks.read"),
        (("POST", all()), "webhooks.write"),
        (("PATCH", one()), "webhooks.write"),
        (("DELETE", one()), "webhooks.write"),
        (("POST", test), "webhooks.write"),
        (("POST", rotate), "webhooks.write"),
        (("POST", retry), "webhooks.write"),
    ] {
        let body = if path == all() { r#"{"url":"https://example.com/"}"# } else { "{}" };
        let refused = ask(&edge, &edge.fakes.key, (method, &path), body).await.problem(403, "PERMISSION_DENIED");
        assert_eq!(refused["permission"], permission, "{method} {path}");
    }
}

#[tokio::test]
async fn operators_see_the_workspaces_of_everybody_and_nobody_else_does() {
    let edge = Edge::new();
    let listed = ask(&edge, OPERATOR_TOKEN, ("GET", "/admin/workspaces?limit=7&query=acme"), "").await;
    let expected = json!({
        "id": WORKSPACE, "name": "Acme", "plan": "free", "currency": "USD",
        "owner": {"id": ANA, "email": "ana@example.com"}, "members": 3, "created_at": "2026-09-21T14:13:20Z",
    });
    assert_eq!(listed.json()["data"][0], expected);
    assert_eq!(listed.json()["data"][1]["owner"], Value::Null);
    let seen = edge.fakes.last("list_all_workspaces");
    assert!(seen.call.workspace.is_none(), "{seen:?}");
    assert!(seen.request.contains("query: \"acme\"") && seen.request.contains("page_size: 7"), "{seen:?}");
    for credential in [TOKEN, &edge.fakes.key] {
        let refused = ask(&edge, credential, ("GET", "/admin/workspaces"), "").await.problem(403, "PERMISSION_DENIED");
        assert_eq!(refused["permission"], "platform.read");
    }
}
