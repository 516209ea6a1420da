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

/// Every surface of inference, with a body that the fake answers.
const SURFACES: &[&str] = &[
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/audio/transcriptions",
    "/v1/audio/speech",
    "/v1/rerank",
    "/v1/messages",
    "/v1/messages/count_tokens",
];

#[tokio::test]
async fn on_every_surface_a_client_can_ask_why_and_say_what_is_kept() {
    for path in SURFACES {
        let kind =
            if path.ends_with("transcriptions") { "multipart/form-data; boundary=xy" } else { "application/json" };
        let edge = Edge::new();
        let ask = || {
            let sent = request("POST", path).header("authorization", format!("Bearer {TOKEN}"));
            sent.header("content-type", kind)
        };
        let sent = ask().header("x-perpetuo-explain", "1").header("cache-control", "max-age=0, No-Cache");
        ok(&edge.send(sent.body("{\"model\":\"plain\"}".into()).unwrap()).await);
        let seen = edge.fakes.last("complete").request;
        assert!(seen.contains("explain: true") && seen.contains("no_cache: true, no_store: false"), "{path}: {seen}");
        let sent = ask().header("cache-control", "no-store").header("idempotency-key", "once");
        ok(&edge.send(sent.body("{\"model\":\"plain\"}".into()).unwrap()).await);
        let seen = edge.fakes.last("complete");
        assert!(seen.request.contains("explain: false, no_cache: false, no_store: true"), "{path}: {}", seen.request);
        assert_eq!(seen.call.idempotency_key.as_deref(), Some("once"), "{path}");
    }
}

#[tokio::test]
async fn a_kept_response_is_read_listed_and_erased() {
    let edge = Edge::new();
    let found = edge.get("/v1/responses/resp_1?include[]=reasoning.encrypted_content&stream=false").await;
    ok(&found);
    assert_eq!(found.text(), r#"{ "id":"resp_1", "object":"response" }"#, "as it was answered");
    assert_eq!(found.header("content-type"), "application/json");
    let told = edge.get("/v1/responses/resp_1?stream=true&starting_after=4").await;
    ok(&told);
    assert_eq!(told.header("content-type"), "text/event-stream; charset=utf-8");
    let seen = edge.fakes.last("get_response").request;
    assert!(seen.contains("stream: true, starting_after: Some(4)"), "{seen}");
    let listed = edge.get("/v1/responses/resp_1/input_items?limit=5&order=asc&after=msg_0").await;
    ok(&listed);
    let expected = serde_json::json!({
        "object": "list", "data": [{"id": "msg_1", "type": "message"}], "first_id": "msg_1", "last_id": "msg_1",
        "has_more": true,
    });
    assert_eq!(listed.json(), expected);
    let seen = edge.fakes.last("list_response_input").request;
    assert!(seen.contains("limit: 5, ascending: true, after: \"msg_0\""), "{seen}");
    let deleted = edge.put("DELETE", "/v1/responses/resp_1", "").await;
    assert_eq!(deleted.json(), serde_json::json!({"id": "resp_1", "object": "response", "deleted": true}));
    edge.get("/v1/responses/resp_gone").await.openai(404, "not_found");
}

#[tokio::test]
async fn what_of_a_kept_response_is_not_offered_is_named() {
    let edge = Edge::new();
    for (path, field) in [
        ("/v1/responses/resp_1?starting_after=4", "starting_after"),
        ("/v1/responses/resp_1/input_items?limit=0", "limit"),
        ("/v1/responses/resp_1/input_items?limit=101", "limit"),
        ("/v1/responses/resp_1/input_items?order=up", "order"),
    ] {
        assert_eq!(edge.get(path).await.openai(400, "invalid_value")["param"], field, "{path}");
    }
    assert_eq!(edge.send(request("GET", "/v1/responses/resp_1").body("".into()).unwrap()).await.status, 401);
}

#[tokio::test]
async fn googles_clients_name_the_model_in_the_path_and_the_key_in_their_own_header() {
    let edge = Edge::new();
    let sent = |path: &str, body: &str| {
        let sent = request("POST", path).header("x-goog-api-key", &*edge.fakes.key);
        sent.header("content-type", "application/json").body(body.to_owned().into()).unwrap()
    };
    ok(&edge.send(sent("/v1beta/models/plain:generateContent", "{\"contents\":[]}")).await);
    let seen = edge.fakes.last("complete").request;
    assert!(seen.contains("operation: GenerateContent,") && seen.contains("stream\\\":false"), "{seen}");
    let answer = edge.send(sent("/v1beta/models/stream-cut:streamGenerateContent?alt=sse", "{\"contents\":[]}")).await;
    ok(&answer);
    let last = answer.text().trim_end().rsplit("data: ").next().expect("an event");
    let error: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!((&error["error"]["code"], &error["error"]["status"]), (&502.into(), &"UNAVAILABLE".into()));
    let answer = edge.send(sent("/v1beta/models/gemini-9:generateContent", "{\"contents\":[]}")).await;
    assert_eq!((answer.status, &answer.json()["error"]["status"]), (404, &"NOT_FOUND".into()));
    let answer = edge.send(sent("/v1beta/models/plain:countTokens", "{}")).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (404, &404.into()));
    let answer = edge.send(sent("/v1beta/models/plain:generateContent", "[]")).await;
    assert_eq!((answer.status, &answer.json()["error"]["status"]), (400, &"INVALID_ARGUMENT".into()));
    let listed = edge.get("/v1beta/models").await;
    assert_eq!(listed.json()["models"][0]["name"], "models/simulator/chat");
    assert_eq!(edge.get("/v1beta/models/simulator/chat").await.json()["name"], "models/simulator/chat");
    let answer = edge.post_anonymous("/v1beta/models/plain:generateContent", "{}").await;
    assert_eq!((answer.status, &answer.json()["error"]["status"]), (401, &"UNAUTHENTICATED".into()));
}

#[tokio::test]
async fn ollamas_clients_get_lines_and_its_errors() {
    let edge = Edge::new();
    let answer = ask(&edge, "/api/chat", "stream-cut").await;
    ok(&answer);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    assert_eq!((lines.len(), &lines[0]["a"]), (2, &1.into()));
    assert!(lines[1]["error"].as_str().is_some_and(|text| text.contains("cut off")), "{}", lines[1]);
    let answer = ask(&edge, "/api/chat", "plain").await;
    assert_eq!((answer.header("content-type"), answer.text()), ("application/json", r#"{"id":"chatcmpl-1"}"#));
    let answer = ask(&edge, "/api/chat", "llama9").await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (404, Some("no provider serves llama9")));
    assert_eq!(edge.get("/api/tags").await.json()["models"][0]["model"], "simulator/chat");
    assert!(edge.get("/api/version").await.json()["version"].is_string());
    assert_eq!(edge.post_anonymous("/api/chat", "{}").await.status, 401);
}
