//! What operators of the platform ask.

use crate::{
    ask::{Edge, bearer, request},
    fake::{ANA, FOREIGN, OPERATOR_TOKEN, TOKEN},
};
use axum::body::Body;
use proto::PlatformRole;
use serde_json::json;

#[tokio::test]
async fn an_operator_asks_with_a_call_that_has_no_workspace_and_only_what_operators_may() {
    let edge = Edge::new();
    let sent = request("GET", "/admin/users?limit=7&email=ana@example.com");
    let sent = sent.header("authorization", bearer(OPERATOR_TOKEN)).body(Body::empty()).unwrap();
    let answer = edge.send(sent).await;
    assert_eq!(
        answer.json(),
        json!({
            "data": [{
                "id": ANA, "email": "ana@example.com", "name": "Ana", "locale": "en", "email_verified": false,
                "mfa_enabled": false, "created_at": "2026-09-21T14:13:20Z", "platform_role": "developer",
                "disabled_at": null,
            }],
            "next_cursor": null,
        })
    );
    let seen = edge.fakes.last("list_users");
    let theirs = PlatformRole::Developer.scopes().with(proto::Permission::Account);
    assert_eq!((seen.call.workspace, seen.call.scopes), (None, theirs));
    assert!(seen.request.contains("page_size: 7") && seen.request.contains("ana@example.com"), "{}", seen.request);
}

#[tokio::test]
async fn the_usage_of_all_workspaces_is_summed_up_for_operators_only() {
    let edge = Edge::new();
    let ask = async |credential: &str, query: &str| {
        let sent = request("GET", &format!("/admin/usage{query}")).header("authorization", bearer(credential));
        edge.send(sent.body(Body::empty()).unwrap()).await
    };
    for (query, by) in [("", "Workspace"), ("?group_by=day&from=2026-10-01&to=2026-11-01", "Day")] {
        let answer = ask(OPERATOR_TOKEN, query).await.json();
        let group = &answer["data"][0];
        assert_eq!((&group["value"], &group["requests"]), (&by.into(), &3.into()));
        assert_eq!(group["costs"], json!([{"currency": "USD", "cost_micros": 7, "list_cost_micros": 5}]));
    }
    ask(OPERATOR_TOKEN, "?group_by=colour").await.problem(400, "INVALID_ARGUMENT");
    ask(TOKEN, "").await.problem(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn nobody_else_gets_past_the_permission() {
    let edge = Edge::new();
    for credential in [TOKEN, &edge.fakes.key.clone()] {
        let sent = request("GET", "/api/v1/admin/users").header("authorization", bearer(credential));
        let refused = edge.send(sent.body(Body::empty()).unwrap()).await.problem(403, "PERMISSION_DENIED");
        assert_eq!(refused["permission"], "platform.read");
    }
    assert!(!edge.fakes.was_called("list_users"));
}

#[tokio::test]
async fn what_operators_may_does_not_open_other_workspaces() {
    let edge = Edge::new();
    let sent = request("GET", &format!("/workspaces/{FOREIGN}")).header("authorization", bearer(OPERATOR_TOKEN));
    edge.send(sent.body(Body::empty()).unwrap()).await.problem(404, "NOT_FOUND");
}
