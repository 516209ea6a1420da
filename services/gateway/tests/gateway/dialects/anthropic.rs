//! Anthropic's Messages API. Shapes are those of its reference, as its official SDK has them.

use super::{assembled, chunks, events, json, only, speaking};
use crate::provider::{answer, answer_with};
use proto::{Reason, usage::Outcome};
use serde_json::{Value, json};

const MESSAGE: &str = r#"{"id":"msg_013Zva","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",
    "content":[{"type":"thinking","thinking":"They greet.","signature":"EqQBCgIYAhIM"},{"type":"text","text":"Olá 日本"}],
    "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":300,
    "cache_read_input_tokens":2000,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},
    "output_tokens":40,"output_tokens_details":{"thinking_tokens":25},"service_tier":"standard"}}"#;

const START: (&str, &str) = (
    "message_start",
    r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-opus-4-6","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":0,"cache_read_input_tokens":100,"output_tokens":1}}}"#,
);
const PING: (&str, &str) = ("ping", r#"{"type":"ping"}"#);
const STOP: (&str, &str) = ("message_stop", r#"{"type":"message_stop"}"#);

fn start(index: usize, block: &str) -> String {
    format!(r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#)
}
fn delta(index: usize, delta: &str) -> String {
    format!(r#"{{"type":"content_block_delta","index":{index},"delta":{delta}}}"#)
}
fn stop(index: usize) -> String {
    format!(r#"{{"type":"content_block_stop","index":{index}}}"#)
}
fn end(reason: &str, output: i64) -> String {
    format!(
        r#"{{"type":"message_delta","delta":{{"stop_reason":"{reason}","stop_sequence":null}},"usage":{{"output_tokens":{output}}}}}"#
    )
}

#[tokio::test]
async fn a_conversation_with_everything_arrives_in_its_words() {
    let (world, provider) = speaking("anthropic", answer(200, "application/json", MESSAGE)).await;
    let asked = json!({
        "model": "claude-sonnet-4-5", "max_completion_tokens": 500, "temperature": 0.5, "stop": ["END"], "user": "u-1",
        "parallel_tool_calls": false, "tool_choice": "auto", "top_k": 7,
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.jpg", "detail": "low"}},
                {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}}]},
            {"role": "assistant", "content": "Let me look.", "thinking_blocks": [{"type": "thinking", "thinking": "t", "signature": "s"}],
             "tool_calls": [
                {"id": "toolu_1", "type": "function", "function": {"name": "look", "arguments": ""}},
                {"id": "toolu_2", "type": "function", "function": {"name": "find", "arguments": "{\"q\":\"x\"}"}}]},
            {"role": "tool", "tool_call_id": "toolu_1", "content": "a cat"},
            {"role": "tool", "tool_call_id": "toolu_2", "content": [{"type": "text", "text": "none"}], "cache_control": {"type": "ephemeral"}},
            {"role": "developer", "content": "Answer in Portuguese."},
            {"role": "user", "content": "And?"}],
        "tools": [
            {"type": "function", "function": {"name": "look"}},
            {"type": "function", "function": {"name": "find", "description": "Finds.", "strict": true, "parameters":
                {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}}, "cache_control": {"type": "ephemeral"}}],
    });
    let answered = world.ask(&asked.to_string()).await.expect("an answer");
    let sent = only(&provider);
    assert!(sent.line.starts_with("POST /v1/messages "), "{}", sent.line);
    assert!(
        sent.headers.contains("x-api-key: sk-very-secret") && sent.headers.contains("anthropic-version: 2023-06-01")
    );
    assert!(!sent.headers.contains("authorization"), "{}", sent.headers);
    let mark = json!({"type": "ephemeral"});
    assert_eq!(
        json(&sent.body),
        json!({
            "model": "claude-sonnet-4-5", "max_tokens": 500, "temperature": 0.5, "stop_sequences": ["END"], "top_k": 7,
            "metadata": {"user_id": "u-1"},
            "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                       {"type": "text", "text": "Answer in Portuguese."}],
            "messages": [
                {"role": "user", "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
                    {"type": "image", "source": {"type": "url", "url": "https://example.com/a.jpg"}},
                    {"type": "document", "title": "a.pdf",
                     "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}]},
                {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "t", "signature": "s"},
                    {"type": "text", "text": "Let me look."},
                    {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}},
                    {"type": "tool_use", "id": "toolu_2", "name": "find", "input": {"q": "x"}}]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "a cat"}]},
                    {"type": "tool_result", "tool_use_id": "toolu_2", "content": [{"type": "text", "text": "none"}], "cache_control": mark},
                    {"type": "text", "text": "And?"}]}],
            "tools": [
                {"name": "look", "input_schema": {"type": "object", "properties": {}}},
                {"name": "find", "description": "Finds.", "strict": true, "cache_control": mark, "input_schema":
                    {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}}],
            "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
        })
    );
    let body = json(&answered.body);
    assert_eq!(body["id"], "msg_013Zva");
    assert_eq!(body["choices"][0]["message"]["content"], "Olá 日本");
    assert_eq!(body["choices"][0]["message"]["reasoning_content"], "They greet.");
    assert_eq!(body["choices"][0]["message"]["thinking_blocks"][0]["signature"], "EqQBCgIYAhIM");
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    assert_eq!(body["usage"]["prompt_tokens"], 2310);
    assert_eq!(body["usage"]["total_tokens"], 2350);
}

#[tokio::test]
async fn each_bucket_of_the_cache_is_counted_once() {
    let (world, _provider) = speaking("anthropic", answer(200, "application/json", MESSAGE)).await;
    world.ask(r#"{"model":"claude-x","messages":[{"role":"user","content":"hi"}]}"#).await.expect("an answer");
    let tokens = world.settled(1).await[0].tokens.expect("tokens");
    assert_eq!((tokens.input, tokens.cache_read, tokens.cache_write_5m, tokens.cache_write_1h), (10, 2000, 100, 200));
    assert_eq!((tokens.output, tokens.reasoning), (40, 25));
}

#[tokio::test]
async fn a_stream_becomes_chunks_with_text_thinking_calls_and_usage() {
    let parts = [
        start(0, r#"{"type":"thinking","thinking":"","signature":""}"#),
        delta(0, r#"{"type":"thinking_delta","thinking":"Hm, "}"#),
        delta(0, r#"{"type":"thinking_delta","thinking":"日本"}"#),
        delta(0, r#"{"type":"signature_delta","signature":"EqQB"}"#),
        stop(0),
        start(1, r#"{"type":"text","text":""}"#),
        delta(1, r#"{"type":"text_delta","text":"I will "}"#),
        delta(1, r#"{"type":"text_delta","text":"look."}"#),
        stop(1),
        start(2, r#"{"type":"tool_use","id":"toolu_1","name":"find","input":{}}"#),
        delta(2, r#"{"type":"input_json_delta","partial_json":""}"#),
        delta(2, r#"{"type":"input_json_delta","partial_json":"{\"q\": \"a"}"#),
        delta(2, r#"{"type":"input_json_delta","partial_json":"b\"}"}"#),
        stop(2),
        start(3, r#"{"type":"tool_use","id":"toolu_2","name":"now","input":{}}"#),
        stop(3),
        end("tool_use", 89),
    ];
    let mut script = vec![START, PING];
    script.extend(parts.iter().map(|data| ("content_block", data.as_str())));
    script.push(STOP);
    let (world, provider) = speaking("anthropic", events(&script)).await;
    let more = r#","stream":true,"stream_options":{"include_usage":true}"#;
    let answered = world.ask(&crate::ask::body("claude-opus-4-6", more)).await.expect("an answer");
    assert_eq!(json(&only(&provider).body)["stream"], true);
    let chunks = chunks(&answered);
    let (text, thought, calls, finish) = assembled(&chunks);
    assert_eq!((text.as_str(), thought.as_str(), finish.as_str()), ("I will look.", "Hm, 日本", "tool_calls"));
    let call = |id: &str, name: &str, arguments: &str| (id.to_owned(), name.to_owned(), arguments.to_owned());
    // The story of tools without arguments: nothing was streamed, and what is built of it has to be JSON.
    assert_eq!(calls, [call("toolu_1", "find", r#"{"q": "ab"}"#), call("toolu_2", "now", "{}")]);
    let blocks: Vec<&Value> =
        chunks.iter().filter_map(|c| c["choices"][0]["delta"]["thinking_blocks"].get(0)).collect();
    assert_eq!(blocks, [&json!({"type": "thinking", "thinking": "Hm, 日本", "signature": "EqQB"})]);
    let (last, before) = chunks.split_last().expect("chunks");
    assert!(before.iter().all(|c| c.get("usage") == Some(&Value::Null)), "{before:?}");
    assert_eq!((&last["choices"], &last["usage"]["prompt_tokens"]), (&json!([]), &json!(125)));
    assert!(chunks.iter().all(|c| c["id"] == "msg_1" && c["model"] == "claude-opus-4-6"));
    // Type and id stand at the beginning of a call and nowhere else.
    let named = answered.body.matches(r#""type":"function""#).count();
    assert_eq!(named, 2);
    // What the start said of the cache counts, though the end left it out.
    let tokens = world.settled(1).await[0].tokens.expect("tokens");
    assert_eq!((tokens.input, tokens.cache_read, tokens.output), (25, 100, 89));
}

#[tokio::test]
async fn thinking_that_a_client_lost_goes_back_with_its_tool_call() {
    let called = r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[
        {"type":"thinking","thinking":"why","signature":"sig"},{"type":"redacted_thinking","data":"xyz"},
        {"type":"tool_use","id":"toolu_9","name":"now","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}"#;
    let (world, provider) = speaking("anthropic", answer(200, "application/json", called)).await;
    let first =
        world.ask(&crate::ask::body("claude-sonnet-4-5", r#","reasoning_effort":"high""#)).await.expect("an answer");
    assert_eq!(json(&first.body)["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"], "{}");
    let again = json!({"model": "claude-sonnet-4-5", "reasoning_effort": "high", "messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "toolu_9", "type": "function", "function": {"name": "now", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "toolu_9", "content": "noon"}]});
    world.ask(&again.to_string()).await.expect("an answer");
    let sent = json(&provider.received()[1].body);
    assert_eq!(
        sent["messages"][1]["content"],
        json!([{"type": "thinking", "thinking": "why", "signature": "sig"}, {"type": "redacted_thinking", "data": "xyz"},
               {"type": "tool_use", "id": "toolu_9", "name": "now", "input": {}}])
    );
    assert_eq!(sent["thinking"], json!({"type": "enabled", "budget_tokens": 16384}));
    // A call of another origin has no thinking: then the model is not asked to think, and the answer says so.
    let stranger = again.to_string().replace("toolu_9", "call_other");
    world.ask(&stranger).await.expect("an answer");
    assert_eq!(json(&provider.received()[2].body).get("thinking"), None);
}

#[tokio::test]
async fn effort_schema_and_limits_are_said_as_each_generation_takes_them() {
    let (world, provider) = speaking("anthropic", answer(200, "application/json", MESSAGE)).await;
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": false});
    let asked = json!({"model": "claude-opus-4-6", "messages": [{"role": "user", "content": "hi"}], "reasoning_effort": "minimal",
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": schema}}});
    world.ask(&asked.to_string()).await.expect("an answer");
    let sent = json(&only(&provider).body);
    assert_eq!(sent["thinking"], json!({"type": "adaptive"}));
    assert_eq!(sent["output_config"], json!({"effort": "low", "format": {"type": "json_schema", "schema": schema}}));
    assert_eq!(sent["max_tokens"], 32_000);
    world.ask(r#"{"model":"claude-3-haiku-20240307","messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_object"}}"#).await.expect("an answer");
    let sent = json(&provider.received()[1].body);
    assert_eq!(sent["max_tokens"], 4_096);
    assert!(sent["system"][0]["text"].as_str().is_some_and(|text| text.contains("JSON")));
}

#[tokio::test]
async fn refusals_keep_their_status_and_sentence() {
    let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too large"},"request_id":"req_1"}"#;
    let (world, provider) = speaking("anthropic", answer(400, "application/json", body)).await;
    let ask = crate::ask::body("claude-x", "");
    let refused = world.ask(&ask).await.expect("an answer");
    let error = json(&refused.body)["error"].clone();
    assert_eq!(refused.head.status, 400);
    assert_eq!(
        error,
        json!({"message": "max_tokens: too large", "type": "invalid_request_error", "param": null, "code": "invalid_request_error"})
    );
    let limited = r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#;
    provider.now(answer_with(429, "application/json", "retry-after: 7\r\n", limited));
    let refused = world.ask(&ask).await.expect("an answer");
    assert_eq!((refused.head.status, refused.head.retry_after), (429, Some(7)));
    assert_eq!(json(&refused.body)["error"]["code"], "rate_limit_error");
    provider.now(answer(
        529,
        "application/json",
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
    ));
    assert_eq!(world.refused(&ask).await.reason, Reason::UpstreamOverloaded);
}

#[tokio::test]
async fn an_overload_told_within_a_good_status_is_an_overload_in_the_log() {
    let error = ("error", r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#);
    let (world, _provider) = speaking("anthropic", events(&[START, PING, error])).await;
    let refused = world.refused(&crate::ask::body("claude-x", r#","stream":true"#)).await;
    assert_eq!(refused.reason, Reason::UpstreamOverloaded);
    let settled = world.settled(1).await;
    assert_eq!(settled[0].outcome(), Outcome::UpstreamError);
    assert_eq!(settled[0].error_code, "UPSTREAM_OVERLOADED");
}

#[tokio::test]
async fn a_stream_without_its_end_mark_is_incomplete() {
    let (text, said) = (start(0, r#"{"type":"text","text":""}"#), delta(0, r#"{"type":"text_delta","text":"Half"}"#));
    let end = end("end_turn", 3);
    let script = [START, ("content_block_start", &text), ("content_block_delta", &said), ("message_delta", &end)];
    let (world, _provider) = speaking("anthropic", events(&script)).await;
    let answered = world.ask(&crate::ask::body("claude-x", r#","stream":true"#)).await.expect("a beginning");
    assert!(answered.body.contains("Half") && !answered.body.contains("[DONE]"), "{}", answered.body);
    assert_eq!(answered.failure.map(|f| f.reason), Some(Reason::UpstreamIncomplete));
    assert_eq!(world.settled(1).await[0].outcome(), Outcome::Incomplete);
}

#[tokio::test]
async fn every_reason_for_an_end_has_its_word() {
    let reasons = [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
    ];
    let (world, provider) = speaking("anthropic", vec![]).await;
    for (native, expected) in reasons {
        provider.now(answer(200, "application/json", &MESSAGE.replace("end_turn", native)));
        let answered = world.ask(&crate::ask::body("claude-x", "")).await.expect("an answer");
        assert_eq!(json(&answered.body)["choices"][0]["finish_reason"], expected, "{native}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused_by_name_before_anything_is_sent() {
    let (world, provider) = speaking("anthropic", answer(200, "application/json", MESSAGE)).await;
    let hears = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}]}"#;
    let wrong = r#"{"model":"m","messages":[{"role":"user","content":5}]}"#;
    for (body, field) in [
        (crate::ask::body("m", r#","n":2"#), "n"),
        (crate::ask::body("m", r#","logprobs":true"#), "logprobs"),
        (hears.to_owned(), "messages[0].content[0]"),
        (wrong.to_owned(), "messages[0].content"),
    ] {
        let refused = world.refused(&body).await;
        assert_eq!(refused.reason, Reason::InvalidArgument, "{refused:?}");
        assert_eq!(refused.fields[0].0, field, "{refused:?}");
    }
    assert_eq!(provider.received().len(), 0);
}
