//! The OpenAI face.

use crate::{
    ask::{Answer, Edge, bearer, ok, request},
    fake::{KEY_ID, TOKEN, WORKSPACE},
};
use axum::body::Body;
use http_body_util::BodyExt as _;
use proto::Principal;
use serde_json::json;
use std::{sync::atomic::Ordering::SeqCst, time::Duration};
use tower::ServiceExt as _;

async fn chat(edge: &Edge, model: &str) -> Answer {
    edge.put("POST", "/v1/chat/completions", format!(r#"{{"model":"{model}","messages":[]}}"#)).await
}

#[tokio::test]
async fn an_answer_is_passed_on_with_its_length_and_where_it_came_from() {
    let answer = chat(&Edge::new(), "plain").await;
    ok(&answer);
    assert_eq!(answer.text(), r#"{"id":"chatcmpl-1"}"#);
    for (name, value) in [
        ("content-type", "application/json"),
        ("content-length", "19"),
        ("x-perpetuo-provider", "acme-openai"),
        ("x-perpetuo-model", "gpt-5-mini"),
        ("x-perpetuo-attempts", "2"),
        ("x-perpetuo-dropped", "seed,logit_bias"),
        ("x-perpetuo-guardrails", "pii;input;redact=2"),
        ("x-perpetuo-cache", "hit"),
        ("idempotent-replayed", "true"),
        ("x-perpetuo-overhead-us", "321"),
        ("x-ratelimit-limit-requests", "600"),
        ("x-ratelimit-remaining-tokens", "599"),
        ("x-ratelimit-reset-requests", "1m0s"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn the_gateway_gets_the_clients_bytes_under_the_keys_name() {
    let edge = Edge::new();
    let body = "{\"model\":\"plain\",  \"messages\":[], \"x_unknown\":1.50}";
    let sent = request("POST", "/v1/chat/completions").header("authorization", bearer(&edge.fakes.key));
    let answer = edge.send(sent.header("content-type", "application/json").body(body.into()).unwrap()).await;
    ok(&answer);
    let seen = edge.fakes.last("complete");
    assert!(seen.request.contains(&format!("{:?}", bytes::Bytes::from(body))), "{}", seen.request);
    assert!(matches!(seen.call.principal, Principal::Key { id } if id.to_string() == KEY_ID));
    assert_eq!(seen.call.workspace.map(|id| id.to_string()).as_deref(), Some(WORKSPACE));
    assert_eq!(seen.call.request_id.to_string(), answer.header("x-request-id"), "the log is found by the answer's id");
    assert!(seen.call.deadline.is_none(), "inference has the gateway's deadlines");
}

#[tokio::test]
async fn a_stream_arrives_as_it_is() {
    let answer = chat(&Edge::new(), "stream").await;
    ok(&answer);
    assert_eq!(answer.text(), "data: {\"a\":1}\n\ndata: [DONE]\n\n");
    assert_eq!(
        (answer.header("content-type"), answer.header("content-length")),
        ("text/event-stream; charset=utf-8", "")
    );
    assert_eq!((answer.header("cache-control"), answer.header("x-accel-buffering")), ("no-cache", "no"));
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_an_error_event_and_without_done() {
    let answer = chat(&Edge::new(), "stream-cut").await;
    ok(&answer);
    let events: Vec<_> = answer.text().split_terminator("\n\n").collect();
    assert_eq!((events.len(), events[0]), (2, "data: {\"a\":1}"));
    let error: serde_json::Value = serde_json::from_str(events[1].strip_prefix("data: ").expect("an event")).unwrap();
    assert_eq!(error["error"]["code"], "upstream_incomplete");
    assert!(!answer.text().contains("[DONE]"));
}

#[tokio::test]
async fn an_answer_that_breaks_before_it_is_whole_is_an_error_and_not_half_a_success() {
    chat(&Edge::new(), "plain-cut").await.openai(502, "upstream_incomplete");
}

#[tokio::test]
async fn a_provider_that_refuses_the_request_is_heard() {
    let answer = chat(&Edge::new(), "refused").await;
    assert_eq!((answer.status, answer.json()["error"]["message"].as_str()), (400, Some("bad")));
    assert_eq!(answer.header("x-perpetuo-provider"), "acme-openai");
}

#[tokio::test]
async fn when_the_client_leaves_the_gateway_is_told() {
    let edge = Edge::new();
    let sent = request("POST", "/v1/chat/completions").header("authorization", bearer(TOKEN));
    let sent = sent.header("content-type", "application/json").body(Body::from(r#"{"model":"endless"}"#)).unwrap();
    let mut body = edge.router.clone().oneshot(sent).await.unwrap().into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(first, "data: {\"a\":1}\n\n");
    let waited = tokio::time::timeout(Duration::from_millis(50), body.frame()).await;
    assert!(waited.is_err() && !edge.fakes.dropped.load(SeqCst), "it is still open");
    drop(body);
    assert!(edge.fakes.dropped.load(SeqCst));
}

#[tokio::test]
async fn an_unknown_model_is_named_as_the_wrong_parameter() {
    let edge = Edge::new();
    let error = chat(&edge, "gpt-9").await.openai(404, "model_not_found");
    assert_eq!((&error["param"], &error["type"]), (&json!("model"), &json!("invalid_request_error")));
    let error = edge.put("POST", "/v1/chat/completions", "{}").await.openai(400, "invalid_value");
    assert_eq!(error["param"], "model");
}

#[tokio::test]
async fn a_rate_limit_says_which_one_and_when_to_come_back() {
    let answer = chat(&Edge::new(), "limited").await;
    let error = answer.openai(429, "rate_limit_exceeded");
    assert_eq!(answer.header("retry-after"), "2", "rounded up");
    assert_eq!(
        (answer.header("x-ratelimit-limit-requests"), answer.header("x-ratelimit-reset-requests")),
        ("600", "1.5s")
    );
    for (member, value) in [
        ("layer", json!("workspace")),
        ("limit", json!(600)),
        ("used", json!(600)),
        ("reset_ms", json!(1500)),
        ("limits_url", json!("/v1/limits")),
    ] {
        assert_eq!(error[member], value, "{error}");
    }
}

#[tokio::test]
async fn a_gateway_without_an_answer_is_an_error() {
    chat(&Edge::new(), "headless").await.openai(500, "internal_error");
}

#[tokio::test]
async fn models_are_listed_and_found_by_names_with_slashes() {
    let edge = Edge::new();
    let answer = edge.get("/v1/models").await;
    ok(&answer);
    let model = json!({"id": "simulator/chat", "object": "model", "created": 1_790_000_000, "owned_by": "simulator"});
    assert_eq!(answer.json(), json!({"object": "list", "data": [model]}));
    for (path, id) in [
        ("/v1/models/gpt-5", "gpt-5"),
        ("/v1/models/simulator/chat", "simulator/chat"),
        ("/v1/models/meta%2Fllama%203", "meta/llama 3"),
    ] {
        assert_eq!(edge.get(path).await.json()["id"], id);
    }
    edge.get("/v1/models/%FF").await.openai(404, "not_found");
}

#[tokio::test]
async fn limits_are_shown_to_keys_and_to_people() {
    let edge = Edge::new();
    let own = edge.get("/v1/limits").await;
    ok(&own);
    let limit = own.json()["data"][0].clone();
    assert_eq!(
        (&limit["layer"], &limit["limit"], &limit["remaining"]),
        (&json!("workspace"), &json!(600), &json!(599))
    );
    assert!(limit["resets_at"].as_str().is_some_and(|time| time.ends_with('Z')), "{limit}");
    assert!(["resource", "period", "currency"].iter().all(|field| limit[*field].is_null()), "{limit}");
    let budget = json!({
        "layer": "api_key", "id": KEY_ID, "kind": "budget", "resource": "cost", "period": "total", "limit": 5_000_000,
        "used": 1_250_000, "remaining": 3_750_000, "resets_at": null, "soft": true, "currency": "USD",
    });
    assert_eq!(own.json()["data"][1], budget);
    let of_workspace = edge.get(&format!("/workspaces/{WORKSPACE}/limits")).await;
    assert_eq!(of_workspace.json()["data"][0]["kind"], "requests_per_minute");
}
