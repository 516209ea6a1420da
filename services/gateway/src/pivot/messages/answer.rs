//! What does a chat completion say, in Anthropic's words?

use crate::wire::usage;
use proto::usage::Tokens;
use serde_json::{Value, json};

/// A whole message.
pub(in crate::pivot) fn message(chat: &Value, used: &Tokens) -> Value {
    let choice = &chat["choices"][0];
    let said = &choice["message"];
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let mut content = Vec::new();
    match said["thinking_blocks"].as_array().filter(|blocks| !blocks.is_empty()) {
        Some(blocks) => content.extend(blocks.iter().cloned()),
        None => {
            let thought = text(&said["reasoning_content"]).or_else(|| text(&said["reasoning"]));
            content.extend(thought.map(|text| json!({"type": "thinking", "thinking": text, "signature": ""})));
        }
    }
    let refusal = text(&said["refusal"]);
    let refused = refusal.is_some();
    let texts = [text(&said["content"]), refusal];
    content.extend(texts.into_iter().flatten().map(|text| json!({"type": "text", "text": text})));
    let calls = said["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    content.extend(calls.iter().map(|call| {
        let function = &call["function"];
        let input = input(function["arguments"].as_str().unwrap_or_default());
        json!({"type": "tool_use", "id": call["id"], "name": function["name"], "input": input})
    }));
    let reason = stop_reason(choice["finish_reason"].as_str(), !calls.is_empty(), refused);
    json!({
        "id": id(chat["id"].as_str().unwrap_or_default()), "type": "message", "role": "assistant",
        "model": chat["model"], "content": content, "stop_reason": reason, "stop_sequence": null,
        "usage": told(used),
    })
}

/// As messages name themselves.
pub(super) fn id(chat: &str) -> String {
    format!("msg_{}", chat.strip_prefix("chatcmpl-").unwrap_or(chat))
}

/// The arguments of a call. What is no JSON object is kept as text, rather than lost.
fn input(arguments: &str) -> Value {
    if arguments.trim().is_empty() {
        return json!({});
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(fields)) => fields.into(),
        _ => json!({"_unparsed": arguments}),
    }
}

/// Why it ends. Some servers say `stop` though they call tools: an agent would take that for its end.
pub(super) fn stop_reason(reason: Option<&str>, calls: bool, refused: bool) -> &'static str {
    match reason {
        Some("length") => "max_tokens",
        Some("content_filter") => "refusal",
        _ if calls => "tool_use",
        _ if refused => "refusal",
        _ => "end_turn",
    }
}

/// What was used, where Anthropic's input is without what is cached.
pub(super) fn told(used: &Tokens) -> Value {
    let Tokens { cache_read, cache_write_5m, cache_write_1h, .. } = *used;
    let (asked, answered) = usage::sums(used);
    let written = cache_write_5m + cache_write_1h;
    json!({
        "input_tokens": asked - cache_read - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": cache_read,
        "output_tokens": answered,
    })
}
