//! Ollama's own API. Shapes are those of its reference, as its official client has them.

use super::{assembled, chunks, json, only, speaking};
use crate::provider::{Step, answer, end, piece};
use proto::{Reason, usage::Outcome};
use serde_json::json;

const RESPONSE: &str = r#"{"model":"qwen3","created_at":"2026-11-01T10:00:00Z","message":{"role":"assistant","content":"Olá 日本","thinking":"Hm"},
    "done":true,"done_reason":"stop","total_duration":5,"prompt_eval_count":26,"eval_count":298}"#;

fn lines(lines: &[&str]) -> Vec<Step> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";
    let lines = lines.iter().map(|line| piece(format!("{line}\n")));
    std::iter::once(Step::Send(head.as_bytes().to_vec())).chain(lines).chain([end()]).collect()
}

#[tokio::test]
async fn a_conversation_with_everything_arrives_in_its_words() {
    let (world, provider) = speaking("ollama", answer(200, "application/json; charset=utf-8", RESPONSE)).await;
    let asked = json!({
        "model": "qwen3", "max_tokens": 50, "temperature": 0.5, "top_p": 0.9, "seed": 7, "stop": "END", "presence_penalty": 0.1,
        "frequency_penalty": 0.2, "reasoning_effort": "high", "logprobs": true, "top_logprobs": 2, "keep_alive": "5m",
        "options": {"num_ctx": 8192}, "user": "u",
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}},
        "messages": [
            {"role": "developer", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]},
            {"role": "assistant", "content": null, "reasoning_content": "why", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"q\":1}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "a cat"}],
        "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}}],
    });
    let answered = world.ask(&asked.to_string()).await.expect("an answer");
    let sent = only(&provider);
    assert!(sent.line.starts_with("POST /api/chat "), "{}", sent.line);
    assert_eq!(
        json(&sent.body),
        json!({
            "model": "qwen3", "stream": false, "think": true, "logprobs": true, "top_logprobs": 2, "keep_alive": "5m",
            "format": {"type": "object"},
            "messages": [
                {"role": "system", "content": "Be kind."},
                {"role": "user", "content": "What is this?", "images": ["iVBORw0KGgo="]},
                {"role": "assistant", "content": "", "thinking": "why",
                 "tool_calls": [{"function": {"name": "look", "arguments": {"q": 1}}}]},
                {"role": "tool", "content": "a cat", "tool_name": "look"}],
            "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}}],
            "options": {"num_ctx": 8192, "temperature": 0.5, "top_p": 0.9, "seed": 7, "frequency_penalty": 0.2, "presence_penalty": 0.1,
                "num_predict": 50, "stop": ["END"]},
        })
    );
    let body = json(&answered.body);
    let message = &body["choices"][0]["message"];
    assert_eq!((&message["content"], &message["reasoning_content"]), (&json!("Olá 日本"), &json!("Hm")));
    let tokens = world.settled(1).await[0].tokens.expect("tokens");
    assert_eq!((tokens.input, tokens.output), (26, 298));
}

#[tokio::test]
async fn lines_become_chunks() {
    let script = lines(&[
        r#"{"model":"qwen3","message":{"role":"assistant","content":"","thinking":"Hm"},"done":false}"#,
        r#"{"model":"qwen3","message":{"role":"assistant","content":"Olá "},"done":false}"#,
        r#"{"model":"qwen3","message":{"role":"assistant","content":"日本"},"done":false}"#,
        r#"{"model":"qwen3","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"now","arguments":{}}},{"function":{"name":"find","arguments":{"q":"x"}}}]},"done":false}"#,
        r#"{"model":"qwen3","message":{"role":"assistant","content":""},"done_reason":"stop","done":true,"prompt_eval_count":5,"eval_count":6}"#,
    ]);
    let (world, provider) = speaking("ollama", script).await;
    let more = r#","stream":true,"stream_options":{"include_usage":true}"#;
    let answered = world.ask(&crate::ask::body("qwen3", more)).await.expect("an answer");
    assert_eq!(json(&only(&provider).body)["stream"], true);
    let chunks = chunks(&answered);
    let (text, thought, calls, finish) = assembled(&chunks);
    assert_eq!((text.as_str(), thought.as_str(), finish.as_str()), ("Olá 日本", "Hm", "tool_calls"));
    assert_eq!(
        calls.iter().map(|c| (c.1.as_str(), c.2.as_str())).collect::<Vec<_>>(),
        [("now", "{}"), ("find", r#"{"q":"x"}"#)]
    );
    assert_eq!(
        chunks.last().map(|c| (c["choices"].clone(), c["usage"]["total_tokens"].clone())),
        Some((json!([]), json!(11)))
    );
}

#[tokio::test]
async fn what_goes_wrong_is_told_as_it_is() {
    let (world, provider) =
        speaking("ollama", answer(404, "application/json", r#"{"error":"model 'x' not found"}"#)).await;
    let refused = world.ask(&crate::ask::body("x", "")).await.expect("an answer");
    assert_eq!(
        (refused.head.status, json(&refused.body)["error"]["message"].clone()),
        (404, json!("model 'x' not found"))
    );
    let stream = crate::ask::body("x", r#","stream":true"#);
    provider.now(lines(&[r#"{"error":"llama runner process has terminated"}"#]));
    let refused = world.refused(&stream).await;
    assert_eq!(refused.reason, Reason::UpstreamFailed);
    assert!(refused.message.contains("llama runner"), "{refused:?}");
    provider.now(lines(&[r#"{"message":{"role":"assistant","content":"Half"},"done":false}"#]));
    let answered = world.ask(&stream).await.expect("a beginning");
    assert!(answered.body.contains("Half") && !answered.body.contains("[DONE]"));
    assert_eq!(answered.failure.map(|f| f.reason), Some(Reason::UpstreamIncomplete));
    assert_eq!(world.settled(3).await[2].outcome(), Outcome::Incomplete);
}

#[tokio::test]
async fn tools_that_must_not_be_called_are_not_shown_and_none_can_be_forced() {
    let (world, provider) = speaking("ollama", answer(200, "application/json", RESPONSE)).await;
    let tools = r#","tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"#;
    world.ask(&crate::ask::body("m", &format!("{tools}\"none\""))).await.expect("an answer");
    assert_eq!(json(&only(&provider).body).get("tools"), None);
    let refused = world.refused(&crate::ask::body("m", &format!("{tools}\"required\""))).await;
    assert_eq!((refused.reason, refused.fields[0].0.as_str()), (Reason::InvalidArgument, "tool_choice"));
}
