//! How a workspace routes, as people write it.

use crate::{
    ask::{Edge, bearer, ok, request},
    fake::{REQUEST, WORKSPACE},
};
use serde_json::{Value, json};

fn path() -> String {
    format!("/workspaces/{WORKSPACE}/routing")
}

/// Everything that can be set, as it is shown.
fn everything() -> Value {
    let policy = json!({
        "strategy": "least_busy",
        "retries": {"max": 2, "base_ms": 100, "max_ms": 2000},
        "deadlines": {
            "connect_ms": 1, "headers_ms": 2, "first_content_ms": 3, "idle_ms": 4, "total_ms": 5,
        },
        "min_throughput": {"tokens_per_second": 5, "window_ms": 500},
        "sticky": {"by": "conversation", "idle_seconds": 60},
        "breaker": {"failures": 3, "open_ms": 1000},
        "cache": {
            "ttl_seconds": 60, "max_bytes": 4096,
            "semantic": {"model": "simulator/embed", "threshold": 0.9, "shared": "workspace"},
        },
        "hedge": {"after_ms": 500, "max_percent": 5},
        "shadow": {"model": "simulator/chat", "percent": 0.5},
    });
    json!({
        "aliases": {"smart": {
            "targets": [
                {"model": "gpt-5", "provider": "mine", "priority": 0, "weight": 9},
                {"model": "simulator/chat", "provider": null, "priority": null, "weight": null},
            ],
            "policy": policy,
        }},
        "fallbacks": {"gpt-5": ["smart"]},
        "policy": policy,
    })
}

#[tokio::test]
async fn everything_that_can_be_set_comes_back_as_it_was_written() {
    let edge = Edge::new();
    let put = edge.put("PUT", &path(), everything().to_string()).await;
    assert_eq!((put.status, put.json()), (200, everything()));
    let seen = edge.fakes.last("put_routing").request;
    assert!(seen.contains("LeastBusy") && seen.contains("weight: Some(9)"), "{seen}");
}

#[tokio::test]
async fn what_was_never_set_is_empty() {
    let nothing = json!({
        "strategy": null, "retries": null, "deadlines": null, "min_throughput": null, "sticky": null, "breaker": null,
        "cache": null, "hedge": null, "shadow": null,
    });
    let edge = Edge::new();
    let read = edge.get(&path()).await;
    assert_eq!(read.json(), json!({"aliases": {}, "fallbacks": {}, "policy": nothing}));
    ok(&edge.put("PUT", &path(), "{}").await);
    assert!(edge.fakes.last("put_routing").request.contains("policy: None"));
}

#[tokio::test]
async fn what_is_not_known_is_refused_and_a_zero_is_not_taken_for_nothing() {
    let edge = Edge::new();
    for body in [
        json!({"alias": {}}),
        json!({"aliases": {"a": {"targets": [{"model": "m", "weigth": 1}]}}}),
        json!({"policy": {"strategy": "fastest"}}),
        json!({"policy": {"sticky": {"by": "me"}}}),
        json!({"policy": [null]}),
    ] {
        assert_eq!(edge.put("PUT", &path(), body.to_string()).await.status, 400, "{body}");
    }
    ok(&edge.put("PUT", &path(), json!({"policy": {"deadlines": {"idle_ms": 0}}}).to_string()).await);
    assert!(edge.fakes.last("put_routing").request.contains("idle_ms: -1"), "workspace refuses it");
}

#[tokio::test]
async fn a_dry_run_says_what_would_have_gone_where() {
    let edge = Edge::new();
    let body = json!({"routing": everything(), "last": 20}).to_string();
    let answer = edge.put("POST", &format!("{}/dry-run", path()), body).await;
    let place = json!({"provider": "acme-openai", "model": "gpt-5-mini"});
    let replay = json!({
        "request_id": REQUEST, "created_at": "2026-09-21T14:13:20Z", "requested_model": "smart", "logged": place,
        "outcome": "completed", "now": [place], "then": [],
    });
    let shares = json!([{"place": place, "now": 1, "then": 0}, {"place": null, "now": 0, "then": 1}]);
    assert_eq!(answer.json(), json!({"data": [replay], "changed": 1, "shares": shares}));
    assert!(edge.fakes.last("dry_run_routing").request.contains("last: 20"));
}

#[tokio::test]
async fn who_asks_why_is_told_in_the_log() {
    let edge = Edge::new();
    for (value, explain) in [("", false), ("0", false), ("1", true)] {
        let chat = request("POST", "/v1/chat/completions").header("authorization", bearer(&edge.fakes.key));
        let chat = chat.header("content-type", "application/json").header("x-perpetuo-explain", value);
        ok(&edge.send(chat.body(r#"{"model":"plain","messages":[]}"#.into()).unwrap()).await);
        let seen = edge.fakes.last("complete").request;
        assert!(seen.contains(&format!("explain: {explain}")), "{seen}");
    }
}
