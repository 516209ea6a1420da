//! What each dialect sends for the same requests, kept as files: the types of the providers' own SDKs decode those in
//! `tests/conformance/python/dialects.py`.

use super::{json, native::all, settings};
use crate::{
    fake::Book,
    provider::Provider,
    world::{World, quick},
};
use proto::provider::How;
use serde_json::{Value, json};

/// Requests that every dialect takes, with as much in them as there is.
fn requests() -> Vec<Value> {
    let conversation = json!([
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "What time is it?"}]},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "call12345", "type": "function", "function": {"name": "now", "arguments": ""}},
            {"id": "call67890", "type": "function", "function": {"name": "find", "arguments": "{\"q\":\"x\"}"}}]},
        {"role": "tool", "tool_call_id": "call12345", "content": "noon"},
        {"role": "tool", "tool_call_id": "call67890", "content": "{\"found\":1}"},
        {"role": "assistant", "content": "It is noon."},
        {"role": "user", "content": "Thank you."}]);
    let tools = json!([
        {"type": "function", "function": {"name": "now", "description": "The time.", "parameters": {"type": "object", "properties": {}}}},
        {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}}}]);
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": false});
    vec![
        json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]}),
        json!({"model": "m", "messages": conversation, "tools": tools, "tool_choice": "auto", "temperature": 0.5, "top_p": 0.9,
            "max_completion_tokens": 4096, "stop": ["END"]}),
        json!({"model": "m", "messages": [{"role": "user", "content": "hi"}], "reasoning_effort": "low", "response_format":
            {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}}),
        json!({"model": "m", "messages": [{"role": "user", "content": "hi"}], "response_format": {"type": "json_object"}, "user": "u"}),
    ]
}

/// Requests that some dialects take: fields of the table of kinds, and the request that has them.
fn more_requests() -> Vec<(&'static [&'static str], Value)> {
    let ask = |more: Value| {
        let mut asked = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
        asked.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        asked
    };
    let part = |part: Value| {
        ask(json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, part]}]}))
    };
    let tools =
        json!([{"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}]);
    let thought = json!([{"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": "I look.", "reasoning_content": "hm",
            "thinking_blocks": [{"type": "thinking", "thinking": "hm", "signature": "c2ln"}],
            "tool_calls": [{"id": "call12345", "type": "function", "function": {"name": "now", "arguments": "{}"},
                "extra_content": {"google": {"thought_signature": "c2ln"}}}]},
        {"role": "tool", "tool_call_id": "call12345", "content": "noon"}]);
    vec![
        (&[], ask(json!({"stream": true}))),
        (&["tools"], ask(json!({"stream": true, "stream_options": {"include_usage": true}, "tools": tools}))),
        (
            &["messages.image_url"],
            part(json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}})),
        ),
        (
            &["messages.input_audio"],
            part(json!({"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}})),
        ),
        (
            &["messages.file"],
            part(
                json!({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}),
            ),
        ),
        (&["messages.reasoning_content"], ask(json!({"messages": thought, "tools": tools}))),
        (&["reasoning_effort"], ask(json!({"reasoning_effort": "high", "max_completion_tokens": 20_000}))),
        (&["seed"], ask(json!({"seed": 4321}))),
        (&["logprobs"], ask(json!({"logprobs": true}))),
        (&["logprobs", "top_logprobs"], ask(json!({"logprobs": true, "top_logprobs": 2}))),
        (&["frequency_penalty", "presence_penalty"], ask(json!({"frequency_penalty": 0.1, "presence_penalty": 0.2}))),
        (&["n"], ask(json!({"n": 2}))),
        (
            &["parallel_tool_calls"],
            ask(json!({"tools": tools, "tool_choice": "required", "parallel_tool_calls": false})),
        ),
    ]
}

/// Those of them that the dialect has words for.
fn requests_of(dialect: &str) -> Vec<Value> {
    let kind = proto::provider::find(dialect).expect("a kind of this name");
    let takes = |field: &&'static str| !matches!(kind.field(field).how, How::Refused | How::Dropped);
    let more = more_requests().into_iter().filter(|(fields, _)| fields.iter().all(&takes));
    requests().into_iter().chain(more.map(|(_, request)| request)).collect()
}

#[tokio::test]
async fn the_files_are_what_is_sent() {
    for native in all() {
        let provider = Provider::start(native.answer()).await;
        let providers = vec![settings(native.dialect, "", &provider)];
        let world = World::with(quick(), Book { providers, ..Book::default() }).await;
        for request in requests_of(native.dialect) {
            provider.now(if request["stream"] == true { native.whole_stream() } else { native.answer() });
            world.ask(&request.to_string()).await.unwrap_or_else(|e| panic!("{}: {e:?}", native.dialect));
        }
        let sent: Vec<Value> = provider.received().iter().map(|received| json(&received.body)).collect();
        let file = format!("{}/../../tests/conformance/dialects/{}.json", env!("CARGO_MANIFEST_DIR"), native.dialect);
        // `GOLDEN=write cargo test …` writes them anew; then read what has changed.
        #[expect(clippy::disallowed_methods, reason = "how a person asks a test to write")]
        if std::env::var("GOLDEN").is_ok_and(|how| how == "write") {
            let text = serde_json::to_string_pretty(&sent).expect("JSON") + "\n";
            std::fs::write(&file, text).expect("a file that can be written");
        }
        let kept: Vec<Value> = serde_json::from_slice(&std::fs::read(&file).unwrap_or_default()).unwrap_or_default();
        assert_eq!(sent, kept, "{file}");
    }
}
