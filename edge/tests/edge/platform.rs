//! Providers of the platform, which operators change.

use crate::{
    ask::{Edge, ok},
    fake::{ADMIN_TOKEN, OPERATOR_TOKEN, PROVIDER, TOKEN, WORKSPACE},
    plans::ask,
};
use serde_json::{Value, json};

fn shown(name: &str) -> Value {
    json!({
        "id": PROVIDER, "provider": "openai", "name": name, "base_url": "https://api.openai.com/v1", "priority": 0,
        "weight": 1, "enabled": true, "models": ["gpt-5-mini"], "key_hint": "abcd", "options": {"include_usage": false},
        "plans": ["pro"], "workspaces": [WORKSPACE], "created_at": "2026-09-21T14:13:20Z",
        "updated_at": "2026-09-21T14:13:20Z",
    })
}

#[tokio::test]
async fn an_admin_adds_changes_tries_and_removes_them_and_a_developer_looks() {
    let edge = Edge::new();
    let one = format!("/admin/providers/{PROVIDER}");
    let new = json!({
        "provider": "openai", "api_key": "sk-secret-abcd", "name": "house", "models": ["gpt-5-mini"], "priority": 3,
        "plans": ["pro"], "workspaces": [WORKSPACE],
    });
    let made = ask(&edge, ADMIN_TOKEN, ("POST", "/api/v1/admin/providers"), new.to_string()).await;
    assert_eq!((made.status, made.json()), (201, shown("house")));
    assert_eq!(made.header("location"), format!("/api/v1/admin/providers/{PROVIDER}"));
    let seen = edge.fakes.last("create_platform_provider");
    assert_eq!(seen.call.workspace, None);
    for part in ["priority: Some(3)", "plans: [\"pro\"]", WORKSPACE] {
        assert!(seen.request.contains(part), "{part} in {}", seen.request);
    }
    assert!(!seen.request.contains("secret") && !made.text().contains("secret"));
    let listed = ask(&edge, OPERATOR_TOKEN, ("GET", "/admin/providers?limit=3"), "").await;
    assert_eq!(listed.json(), json!({"data": [shown("house")], "next_cursor": null}));
    assert_eq!(ask(&edge, OPERATOR_TOKEN, ("GET", &one), "").await.json(), shown("house"));
    let changed = ask(&edge, ADMIN_TOKEN, ("PUT", &one), r#"{"enabled":false,"plans":[]}"#).await;
    ok(&changed);
    let seen = edge.fakes.last("update_platform_provider").request;
    for part in [PROVIDER, "enabled: Some(false)", "plans: Some(Names { names: [] })", "workspaces: None"] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    let tried = ask(&edge, ADMIN_TOKEN, ("POST", &format!("{one}/test")), "").await;
    assert_eq!(tried.json(), json!({"ok": true, "latency_ms": 3, "models": ["m"], "error": null}));
    assert_eq!(ask(&edge, ADMIN_TOKEN, ("DELETE", &one), "").await.status, 204);
    let foreign = one.replace(PROVIDER, "prov_00000000000000000000000000");
    ask(&edge, OPERATOR_TOKEN, ("GET", &foreign), "").await.problem(404, "NOT_FOUND");
    ask(&edge, OPERATOR_TOKEN, ("GET", "/admin/providers/main"), "").await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn what_is_written_wrongly_is_named() {
    let edge = Edge::new();
    for (body, field) in [
        (r#"{"plans":["pro"]}"#, "provider"),
        (r#"{"provider":"openai","plan":"pro"}"#, "plan"),
        (r#"{"provider":"openai","plans":"pro"}"#, "plans"),
        (r#"{"provider":"openai","workspaces":[1]}"#, "workspaces[0]"),
    ] {
        let problem =
            ask(&edge, ADMIN_TOKEN, ("POST", "/admin/providers"), body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    assert!(!edge.fakes.was_called("create_platform_provider"));
}

#[tokio::test]
async fn nobody_in_a_workspace_sees_or_changes_them_and_developers_only_look() {
    let edge = Edge::new();
    let (one, key) = (format!("/admin/providers/{PROVIDER}"), edge.fakes.key.clone());
    let test = format!("{one}/test");
    for (route, body, permission) in [
        (("GET", "/admin/providers"), "", "platform.read"),
        (("GET", one.as_str()), "", "platform.read"),
        (("POST", "/admin/providers"), r#"{"provider":"openai"}"#, "platform.write"),
        (("PUT", &one), "{}", "platform.write"),
        (("DELETE", &one), "", "platform.write"),
        (("POST", &test), "", "platform.write"),
    ] {
        let developer = (permission == "platform.write").then_some(OPERATOR_TOKEN);
        for credential in [TOKEN, &key].into_iter().chain(developer) {
            let refused = ask(&edge, credential, route, body).await.problem(403, "PERMISSION_DENIED");
            assert_eq!(refused["permission"], permission, "{route:?}");
        }
    }
    let called = ["create", "list", "get", "update", "delete", "test"];
    assert!(!called.iter().any(|verb| edge.fakes.was_called(&format!("{verb}_platform_provider"))));
    assert!(!edge.fakes.was_called("list_platform_providers"));
}

#[tokio::test]
async fn a_workspace_says_whether_it_wants_them() {
    let edge = Edge::new();
    let routing = format!("/workspaces/{WORKSPACE}/routing");
    for (wish, told) in [("without_own", "WithoutOwn"), ("fallback", "Fallback"), ("off", "Off")] {
        let answer = edge.put("PUT", &routing, json!({"platform": wish}).to_string()).await;
        ok(&answer);
        let seen = edge.fakes.last("put_routing").request;
        assert!(seen.contains(&format!("platform: {told}")), "{seen}");
    }
    edge.put("PUT", &routing, r#"{"platform":"always"}"#).await.problem(400, "INVALID_ARGUMENT");
}
