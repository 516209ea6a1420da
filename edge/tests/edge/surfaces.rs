//! What is no chat, and Anthropic's face.

use crate::{
    ask::{Answer, Edge, ok, request},
    fake::TOKEN,
};
use serde_json::Value;

async fn ask(edge: &Edge, path: &str, model: &str) -> Answer {
    edge.put("POST", path, format!(r#"{{"model":"{model}"}}"#)).await
}

#[tokio::test]
async fn each_route_asks_for_its_operation_with_the_clients_bytes() {
    for (path, operation) in [
        ("/v1/responses", "Responses"),
        ("/v1/completions", "Completions"),
        ("/v1/embeddings", "Embeddings"),
        ("/v1/moderations", "Moderations"),
        ("/v1/images/generations", "Images"),
        ("/v1/audio/speech", "Speech"),
        ("/v1/rerank", "Rerank"),
        ("/v1/messages", "Messages"),
        ("/v1/messages/count_tokens", "CountTokens"),
    ] {
        let edge = Edge::new();
        ok(&ask(&edge, path, "plain").await);
        let seen = edge.fakes.last("complete").request;
        assert!(seen.contains(&format!("operation: {operation},")), "{path}: {seen}");
    }
}

#[tokio::test]
async fn a_form_passes_with_its_boundary_and_nothing_else_is_taken_for_one() {
    let edge = Edge::new();
    let form = || request("POST", "/v1/audio/transcriptions").header("authorization", format!("Bearer {TOKEN}"));
    let sent = form().header("content-type", "multipart/form-data; boundary=xy").body("{\"model\":\"plain\"}".into());
    ok(&edge.send(sent.unwrap()).await);
    assert!(edge.fakes.last("complete").request.contains("multipart/form-data; boundary=xy"));
    let sent = form().header("content-type", "application/json").body("{\"model\":\"plain\"}".into()).unwrap();
    edge.send(sent).await.openai(415, "unsupported_media_type");
}

#[tokio::test]
async fn failures_of_messages_have_anthropics_shape() {
    let edge = Edge::new();
    let answer = ask(&edge, "/v1/messages", "claude-9").await;
    let error = answer.json();
    assert_eq!(
        (answer.status, &error["type"], &error["error"]["type"]),
        (404, &"error".into(), &"not_found_error".into())
    );
    assert_eq!(error["request_id"], answer.header("x-request-id"));
    let answer = ask(&edge, "/v1/messages", "limited").await;
    assert_eq!((answer.status, &answer.json()["error"]["type"]), (429, &"rate_limit_error".into()));
    assert_eq!(answer.header("retry-after"), "2");
    let answer = edge.post_anonymous("/v1/messages", "{}").await;
    assert_eq!((answer.status, &answer.json()["error"]["type"]), (401, &"authentication_error".into()));
}

#[tokio::test]
async fn a_key_may_come_in_anthropics_header_on_anthropics_routes_only() {
    let edge = Edge::new();
    let sent = |path: &str| {
        let sent = request("POST", path).header("x-api-key", &*edge.fakes.key).header("anthropic-beta", "tools-1");
        sent.header("content-type", "application/json").body("{\"model\":\"plain\"}".into()).unwrap()
    };
    ok(&edge.send(sent("/v1/messages")).await);
    assert!(edge.fakes.last("complete").request.contains("\"anthropic-beta\": \"tools-1\""));
    assert_eq!(edge.send(sent("/v1/chat/completions")).await.status, 401);
}

#[tokio::test]
async fn a_stream_that_breaks_says_so_in_the_words_of_its_operation() {
    let edge = Edge::new();
    let last = |answer: &Answer| -> (String, Value) {
        let events: Vec<&str> = answer.text().split_terminator("\n\n").collect();
        let (name, data) = events.last().and_then(|last| last.split_once('\n')).expect("a named event");
        (name.to_owned(), serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("JSON"))
    };
    let (name, data) = last(&ask(&edge, "/v1/messages", "stream-cut").await);
    assert_eq!(
        (name.as_str(), &data["type"], &data["error"]["type"]),
        ("event: error", &"error".into(), &"api_error".into())
    );
    let (name, data) = last(&ask(&edge, "/v1/responses", "stream-cut").await);
    assert_eq!(
        (name.as_str(), &data["type"], &data["code"]),
        ("event: error", &"error".into(), &"upstream_incomplete".into())
    );
    assert!(data["message"].is_string() && data["sequence_number"].is_i64(), "{data}");
}
