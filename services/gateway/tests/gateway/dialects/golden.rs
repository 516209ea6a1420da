//! What each dialect sends for the same requests, kept as files: the types of the providers' own SDKs decode those in
//! `tests/conformance/python/dialects.py`.

use super::{json, native::all, settings};
use crate::{
    fake::Book,
    provider::Provider,
    world::{World, quick},
};
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

#[tokio::test]
async fn the_files_are_what_is_sent() {
    for native in all() {
        let provider = Provider::start(native.answer()).await;
        let providers = vec![settings(native.dialect, "", &provider)];
        let world = World::with(quick(), Book { providers, ..Book::default() }).await;
        for request in requests() {
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
