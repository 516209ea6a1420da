//! Roles of a workspace.

use crate::{
    ask::{Edge, bearer, ok, request},
    fake::{ROLE, TOKEN, WORKSPACE},
};
use serde_json::{Value, json};

fn shown() -> Value {
    json!({
        "name": "auditor", "description": "reads the books", "permissions": ["usage.read", "audit.read"],
        "built_in": false, "created_at": "2026-09-21T14:13:20Z", "updated_at": "2026-09-21T14:13:20Z",
    })
}

fn all() -> String {
    format!("/workspaces/{WORKSPACE}/roles")
}

fn one(name: &str) -> String {
    format!("{}/{name}", all())
}

#[tokio::test]
async fn they_are_made_listed_read_changed_and_removed() {
    let edge = Edge::new();
    let new = json!({"name": "auditor", "permissions": ["usage.read", "audit.read"]}).to_string();
    let made = edge.put("POST", &all(), new.clone()).await;
    assert_eq!((made.status, made.json()), (201, shown()));
    assert_eq!(made.header("location"), format!("/api/v1{}", one(ROLE)));
    let seen = edge.fakes.last("create_role").request;
    assert!(seen.contains("\"auditor\"") && seen.contains("[\"usage.read\", \"audit.read\"]"), "{seen}");
    let again = request("POST", &all()).header("authorization", bearer(TOKEN)).header("idempotency-key", "again");
    let again = again.header("content-type", "application/json").body(new.into()).unwrap();
    assert_eq!(edge.send(again).await.header("idempotent-replayed"), "true");
    let listed = edge.get(&all()).await.json();
    let viewer = json!({
        "name": "viewer", "description": "May look", "permissions": ["workspace.read"], "built_in": true,
        "created_at": null, "updated_at": null,
    });
    assert_eq!(listed, json!({"data": [viewer, shown()], "next_cursor": null}));
    assert_eq!(edge.get(&one(ROLE)).await.json(), shown());
    let changed = edge.put("PATCH", &one(ROLE), r#"{"permissions":["audit.read"]}"#).await;
    ok(&changed);
    let seen = edge.fakes.last("update_role").request;
    assert!(seen.contains("description: None") && seen.contains("[\"audit.read\"]"), "{seen}");
    ok(&edge.put("PATCH", &one(ROLE), r#"{"description":""}"#).await);
    let seen = edge.fakes.last("update_role").request;
    assert!(seen.contains("description: Some(\"\")") && seen.contains("permissions: None"), "{seen}");
    assert_eq!(edge.put("DELETE", &one(ROLE), "").await.status, 204);
}

#[tokio::test]
async fn one_that_is_not_there_is_not_found_and_one_that_somebody_has_stays() {
    let edge = Edge::new();
    edge.get(&one("Nobody%20made%20it")).await.problem(404, "NOT_FOUND");
    edge.put("DELETE", &one("other"), "").await.problem(404, "NOT_FOUND");
    let used = edge.put("DELETE", &one("used"), "").await;
    used.problem(409, "CONFLICT");
    assert_eq!((&used.json()["members"], &used.json()["invitations"]), (&json!(2), &json!(1)));
    let unknown = json!({"name": "auditor", "permissions": [], "built_in": true}).to_string();
    edge.put("POST", &all(), unknown).await.problem(400, "INVALID_ARGUMENT");
    edge.put("PATCH", &one(ROLE), r#"{"name":"other"}"#).await.problem(400, "INVALID_ARGUMENT");
}
