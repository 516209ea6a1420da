//! Teams of a workspace over HTTP.

use crate::{
    ask::{Edge, ok},
    fake::{ANA, TEAM, WORKSPACE},
};
use serde_json::json;

fn teams(rest: &str) -> String {
    format!("/workspaces/{WORKSPACE}/teams{rest}")
}

fn one(rest: &str) -> String {
    teams(&format!("/{TEAM}{rest}"))
}

#[tokio::test]
async fn a_team_is_made_listed_read_changed_and_removed() {
    let edge = Edge::new();
    let body = r#"{"name":"Research","limits":{"rpm":60,"budgets":[{"amount_micros":25000000,"period":"day"}]}}"#;
    let made = edge.put("POST", &teams(""), body).await;
    assert_eq!((made.status, made.header("location")), (201, format!("/api/v1{}", one("")).as_str()));
    let shown = made.json();
    assert_eq!(
        (&shown["name"], &shown["limits"]["rpm"], &shown["members"]),
        (&json!("Research"), &json!(60), &json!(0))
    );
    assert_eq!(shown["limits"]["budgets"][0]["amount_micros"], 25_000_000);
    let listed = edge.get(&teams(&format!("?name=research&external_id=8f2e&user_id={ANA}&limit=7"))).await;
    assert_eq!((listed.status, &listed.json()["data"][0]["external_id"]), (200, &json!("8f2e")));
    let seen = edge.fakes.last("list_teams").request;
    assert!(seen.contains(r#"name: "research""#) && seen.contains("page_size: 7") && seen.contains(ANA), "{seen}");
    ok(&edge.get(&one("")).await);
    ok(&edge.put("PATCH", &one(""), r#"{"external_id":null}"#).await);
    let seen = edge.fakes.last("update_team").request;
    assert!(seen.contains(r#"external_id: Some("")"#) && seen.contains("name: None, "), "{seen}");
    let gone = edge.put("DELETE", &one(""), "").await;
    assert_eq!((gone.status, gone.json()), (200, json!({"revoked_api_keys": 2})));
    edge.get(&teams("/team_00000000000000000000000000")).await.problem(404, "NOT_FOUND");
    edge.get(&teams("/research")).await.problem(404, "NOT_FOUND");
    edge.put("POST", &teams(""), r#"{"title":"Research"}"#).await.problem(400, "INVALID_ARGUMENT");
}

#[tokio::test]
async fn who_is_in_a_team_is_listed_said_and_changed_one_by_one() {
    let edge = Edge::new();
    let listed = edge.get(&one("/members?limit=5")).await;
    assert_eq!((listed.status, &listed.json()["data"][0]["user_id"]), (200, &json!(ANA)));
    let said = edge.put("PUT", &one("/members"), format!(r#"{{"user_ids":["{ANA}"]}}"#)).await;
    assert_eq!((said.status, said.json()), (200, json!({"added": 1, "removed": 1})));
    let seat = one(&format!("/members/{ANA}"));
    let added = edge.put("PUT", &seat, "").await;
    assert_eq!((added.status, &added.json()["role"]), (200, &json!("owner")));
    assert_eq!(edge.put("DELETE", &seat, "").await.status, 204);
    let seen = edge.fakes.last("remove_team_member").request;
    assert!(seen.contains(ANA) && seen.contains(TEAM), "{seen}");
}

#[tokio::test]
async fn keys_usage_and_logs_name_the_team() {
    let edge = Edge::new();
    let keys = format!("/workspaces/{WORKSPACE}/api-keys");
    edge.put("POST", &keys, format!(r#"{{"name":"CI","team_id":"{TEAM}"}}"#)).await;
    assert!(edge.fakes.last("create_api_key").request.contains(TEAM));
    ok(&edge.get(&format!("{keys}?team_id={TEAM}")).await);
    assert!(edge.fakes.last("list_api_keys").request.contains(TEAM));
    ok(&edge.get(&format!("/workspaces/{WORKSPACE}/logs?team_id={TEAM}")).await);
    assert!(edge.fakes.last("list_logs").request.contains(TEAM));
    let used = edge.get(&format!("/workspaces/{WORKSPACE}/usage/by-team")).await;
    assert_eq!((used.status, &used.json()["data"][0]["team_id"]), (200, &json!(TEAM)));
}
