//! Cohere's chat, second version. Shapes are those of its reference, as its official SDK has them.

use super::{assembled, chunks, events, json, only, speaking};
use crate::provider::answer;
use proto::Reason;
use serde_json::json;

const RESPONSE: &str = r#"{"id":"c-1","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"thinking","thinking":"Hm"},
    {"type":"text","text":"Olá 日本"}]},"usage":{"billed_units":{"input_tokens":5,"output_tokens":7},"tokens":{"input_tokens":71,"output_tokens":7},"cached_tokens":2}}"#;

#[tokio::test]
async fn a_conversation_with_everything_arrives_in_its_words() {
    let (world, provider) = speaking("cohere", answer(200, "application/json", RESPONSE)).await;
    let asked = json!({
        "model": "command-a", "max_completion_tokens": 50, "temperature": 0.5, "top_p": 0.9, "top_k": 3, "seed": 7, "stop": ["END"],
        "presence_penalty": 0.1, "frequency_penalty": 0.2, "reasoning_effort": "low", "logprobs": true,
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}},
        "messages": [
            {"role": "developer", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": "https://e.com/a.png"}}]},
            {"role": "assistant", "content": null, "reasoning_content": "why", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": ""}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "a cat"}],
        "tools": [{"type": "function", "function": {"name": "look", "strict": true}}, {"type": "function", "function": {"name": "find"}}],
        "tool_choice": {"type": "function", "function": {"name": "look"}},
    });
    let answered = world.ask(&asked.to_string()).await.expect("an answer");
    let sent = only(&provider);
    assert!(sent.line.starts_with("POST /v2/chat ") && sent.headers.contains("authorization: bearer sk-very-secret"));
    assert_eq!(
        json(&sent.body),
        json!({
            "model": "command-a", "stream": false, "max_tokens": 50, "temperature": 0.5, "p": 0.9, "k": 3, "seed": 7,
            "stop_sequences": ["END"], "presence_penalty": 0.1, "frequency_penalty": 0.2, "logprobs": true,
            "thinking": {"type": "enabled", "token_budget": 1024},
            "response_format": {"type": "json_object", "json_schema": {"type": "object"}},
            "messages": [
                {"role": "system", "content": "Be kind."},
                {"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": "https://e.com/a.png"}}]},
                {"role": "assistant", "tool_plan": "why", "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]},
                {"role": "tool", "tool_call_id": "c1", "content": "a cat"}],
            "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}],
            "tool_choice": "REQUIRED", "strict_tools": true,
        })
    );
    let body = json(&answered.body);
    let message = &body["choices"][0]["message"];
    assert_eq!((&message["content"], &message["reasoning_content"]), (&json!("Olá 日本"), &json!("Hm")));
    let tokens = world.settled(1).await[0].tokens.expect("tokens");
    assert_eq!((tokens.input, tokens.cache_read, tokens.output), (3, 2, 7));
}

#[tokio::test]
async fn a_stream_becomes_chunks() {
    let script = [
        (
            "message-start",
            r#"{"type":"message-start","id":"c-2","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}"#,
        ),
        ("tool-plan-delta", r#"{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will "}}}"#),
        (
            "content-start",
            r#"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}"#,
        ),
        ("content-delta", r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"日本"}}}}"#),
        ("content-end", r#"{"type":"content-end","index":0}"#),
        (
            "tool-call-start",
            r#"{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"t1","type":"function","function":{"name":"find","arguments":""}}}}}"#,
        ),
        (
            "tool-call-delta",
            r#"{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"q\":"}}}}}"#,
        ),
        (
            "tool-call-delta",
            r#"{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"1}"}}}}}"#,
        ),
        ("tool-call-end", r#"{"type":"tool-call-end","index":0}"#),
        (
            "tool-call-start",
            r#"{"type":"tool-call-start","index":1,"delta":{"message":{"tool_calls":{"id":"t2","type":"function","function":{"name":"now","arguments":""}}}}}"#,
        ),
        ("tool-call-end", r#"{"type":"tool-call-end","index":1}"#),
        (
            "message-end",
            r#"{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":5,"output_tokens":6}}}}"#,
        ),
    ];
    let (world, _provider) = speaking("cohere", events(&script)).await;
    let answered = world.ask(&crate::ask::body("command-a", r#","stream":true"#)).await.expect("an answer");
    let (text, thought, calls, finish) = assembled(&chunks(&answered));
    assert_eq!((text.as_str(), thought.as_str(), finish.as_str()), ("日本", "I will ", "tool_calls"));
    let call = |id: &str, name: &str, arguments: &str| (id.to_owned(), name.to_owned(), arguments.to_owned());
    assert_eq!(calls, [call("t1", "find", "{\"q\":1}"), call("t2", "now", "{}")]);
    assert!(!answered.body.contains("usage"), "nobody asked for it: {}", answered.body);
    let tokens = world.settled(1).await[0].tokens.expect("tokens");
    assert_eq!((tokens.input, tokens.output), (5, 6));
}

#[tokio::test]
async fn reasons_and_errors_have_their_words() {
    let (world, provider) = speaking("cohere", vec![]).await;
    let ask = crate::ask::body("command-a", "");
    for (native, expected) in
        [("COMPLETE", "stop"), ("STOP_SEQUENCE", "stop"), ("MAX_TOKENS", "length"), ("TOOL_CALL", "tool_calls")]
    {
        provider.now(answer(200, "application/json", &RESPONSE.replace("COMPLETE", native)));
        let answered = world.ask(&ask).await.expect("an answer");
        assert_eq!(json(&answered.body)["choices"][0]["finish_reason"], expected, "{native}");
    }
    provider.now(answer(200, "application/json", &RESPONSE.replace("COMPLETE", "ERROR")));
    assert_eq!(world.refused(&ask).await.reason, Reason::UpstreamFailed);
    provider.now(answer(422, "application/json", r#"{"id":"x","message":"invalid tool"}"#));
    let refused = world.ask(&ask).await.expect("an answer");
    assert_eq!((refused.head.status, json(&refused.body)["error"]["message"].clone()), (422, json!("invalid tool")));
}
