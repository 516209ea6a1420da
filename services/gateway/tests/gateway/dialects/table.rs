//! The table of fields is tried: a request with each field goes in, and what the provider gets is looked at.

use super::{json, native::all, settings};
use crate::{
    fake::Book,
    provider::Provider,
    world::{World, quick},
};
use proto::{
    Reason,
    provider::{ALL, FIELDS, How},
};
use serde_json::{Value, json};

/// A request with the field, and words of which one is in whatever says the same.
fn sample(field: &str) -> (Value, &'static [&'static str]) {
    const NEEDLE: &[&str] = &["needle"];
    let user = json!({"role": "user", "content": "hi"});
    let part = |part: Value| json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}, part]}]});
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let turn = |call: Value, result: &str| json!({"messages": [user, call, {"role": "tool", "tool_call_id": "call12345", "content": result}]});
    let call = |name: &str| {
        json!({"role": "assistant", "content": "x", "tool_calls":
            [{"id": "call12345", "type": "function", "function": {"name": name, "arguments": "{}"}}]})
    };
    match field {
        "messages.system" => (json!({"messages": [{"role": "system", "content": "needle"}, user]}), NEEDLE),
        "messages.developer" => (json!({"messages": [{"role": "developer", "content": "needle"}, user]}), NEEDLE),
        "messages.name" => (json!({"messages": [{"role": "user", "content": "hi", "name": "needle"}]}), NEEDLE),
        "messages.image_url" => {
            (part(json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,bmVlZGxl"}})), &["bmvlzgxl"])
        }
        "messages.input_audio" => {
            (part(json!({"type": "input_audio", "input_audio": {"data": "bmVlZGxl", "format": "wav"}})), &["bmvlzgxl"])
        }
        "messages.file" => (
            part(json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,bmVlZGxl"}})),
            &["bmvlzgxl"],
        ),
        "messages.tool_calls" => (turn(call("needle"), "r"), NEEDLE),
        "messages.tool" => (turn(call("f"), "needle"), NEEDLE),
        "messages.reasoning_content" => {
            let mut said = call("f");
            said["reasoning_content"] = "needle".into();
            said["thinking_blocks"] = json!([{"type": "thinking", "thinking": "needle", "signature": "s"}]);
            said["tool_calls"][0]["extra_content"] = json!({"google": {"thought_signature": "needle"}});
            (turn(said, "r"), NEEDLE)
        }
        "messages.cache_control" => (
            json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "hi", "cache_control": {"type": "ephemeral"}}]}]}),
            &["ephemeral"],
        ),
        "max_tokens" | "max_completion_tokens" | "seed" => (json!({field: 4321}), &["4321"]),
        "temperature" | "top_p" | "frequency_penalty" | "presence_penalty" => (json!({field: 0.4321}), &["0.4321"]),
        "n" => (json!({"n": 37}), &[":37"]),
        "stop" => (json!({"stop": ["needle"]}), NEEDLE),
        "logit_bias" => (json!({"logit_bias": {"4321": 1}}), &["4321"]),
        "logprobs" => (json!({"logprobs": true}), &["logprobs\":true"]),
        "top_logprobs" => (json!({"logprobs": true, "top_logprobs": 13}), &[":13"]),
        "response_format.json_object" => (json!({"response_format": {"type": "json_object"}}), &["json"]),
        "response_format.json_schema" => {
            let schema = json!({"type": "object", "properties": {"needle": {"type": "string"}}});
            (
                json!({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}}),
                NEEDLE,
            )
        }
        "tools" => (json!({"tools": [{"type": "function", "function": {"name": "needle"}}]}), NEEDLE),
        "tools.strict" => {
            (json!({"tools": [{"type": "function", "function": {"name": "f", "strict": true}}]}), &["strict"])
        }
        "tool_choice" => (json!({"tools": tools, "tool_choice": "none"}), &["none"]),
        "parallel_tool_calls" => (json!({"tools": tools, "parallel_tool_calls": false}), &["parallel_tool"]),
        "functions" => (json!({"functions": [{"name": "needle"}]}), NEEDLE),
        "function_call" => (json!({"function_call": "none"}), &["function_call"]),
        "reasoning_effort" => (json!({"reasoning_effort": "low"}), &["think", "effort"]),
        "modalities" => (json!({"modalities": ["text", "image"]}), &["image"]),
        "audio" => (json!({"audio": {"voice": "needle", "format": "wav"}}), NEEDLE),
        "prediction" => (json!({"prediction": {"type": "content", "content": "needle"}}), NEEDLE),
        "web_search_options" => (json!({"web_search_options": {"search_context_size": "low"}}), &["search"]),
        "user" | "safety_identifier" | "prompt_cache_key" => (json!({field: "needle"}), NEEDLE),
        "verbosity" => (json!({"verbosity": "low"}), &["verbosity"]),
        "prompt_cache_retention" => (json!({"prompt_cache_retention": "24h"}), &["24h"]),
        "metadata" => (json!({"metadata": {"k": "needle"}}), NEEDLE),
        "store" => (json!({"store": true}), &["store"]),
        "service_tier" => (json!({"service_tier": "default"}), &["service_tier"]),
        other => panic!("{other} has no sample"),
    }
}

#[tokio::test]
async fn each_claim_of_the_table_is_true() {
    for kind in ALL.iter().filter(|kind| kind.dialect != "simulator") {
        let native =
            all().into_iter().find(|native| native.dialect == kind.dialect).expect("an answer of each dialect");
        let provider = Provider::start(native.answer()).await;
        let providers = vec![settings(kind.name, "", &provider)];
        let world = World::with(quick(), Book { providers, ..Book::default() }).await;
        for field in FIELDS.iter().map(|name| kind.field(name)) {
            let (more, needles) = sample(field.name);
            let mut asked = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
            asked.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            let what = format!("{} {} is {}", kind.name, field.name, field.how.as_str());
            let before = provider.received().len();
            let answered = world.ask(&asked.to_string()).await;
            if field.how == How::Refused {
                let failure = answered.map(|a| panic!("{what}: {a:?}")).unwrap_err();
                assert_eq!(failure.reason, Reason::InvalidArgument, "{what}: {failure:?}");
                assert_eq!(provider.received().len(), before, "{what}");
                continue;
            }
            let answered = answered.unwrap_or_else(|e| panic!("{what}: {e:?}"));
            let sent = provider.received().last().expect("a request").body.clone();
            let text = String::from_utf8_lossy(&sent).to_lowercase();
            let is_there = needles.iter().any(|needle| text.contains(needle));
            let dropped = &answered.head.dropped;
            match field.how {
                How::Passed | How::Mapped => assert!(is_there && dropped.is_empty(), "{what}: {text} {dropped:?}"),
                How::Emulated => assert!(dropped.is_empty(), "{what}: {dropped:?}"),
                How::Dropped => assert!(!is_there && *dropped == [field.name], "{what}: {text} {dropped:?}"),
                How::Refused => {}
            }
            if let (How::Passed, Some(value)) = (field.how, asked.get(field.name)) {
                assert_eq!(json(&sent).get(field.name).map(to_text), Some(to_text(value)), "{what}");
            }
        }
    }
}

/// Tools may come with words that a provider cannot do without: there it is enough that they are there.
fn to_text(value: &Value) -> String {
    if value.is_array() { "a list".to_owned() } else { value.to_string() }
}

#[tokio::test]
async fn what_was_lost_is_named_and_what_nobody_sent_is_not_there() {
    for native in all() {
        let provider = Provider::start(native.answer()).await;
        let providers = vec![settings(native.dialect, "", &provider)];
        let world = World::with(quick(), Book { providers, ..Book::default() }).await;
        let answered =
            world.ask(r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#).await.expect("an answer");
        assert_eq!(answered.head.dropped, Vec::<String>::new(), "{}", native.dialect);
        let sent = json(&provider.received()[0].body);
        // A request of two fields becomes one of two, and what the API takes no request without.
        let mut expected = match native.dialect {
            "gemini" => vec!["contents"],
            "anthropic" => vec!["max_tokens", "messages", "model"],
            "ollama" | "cohere" => vec!["messages", "model", "stream"],
            _ => vec!["messages", "model"],
        };
        let mut names: Vec<&str> = sent.as_object().expect("an object").keys().map(String::as_str).collect();
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected, "{}", native.dialect);
    }
}
