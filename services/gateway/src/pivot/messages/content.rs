//! What does one turn of a conversation hold, in the words of a chat completion?

use crate::{Error, pivot::lose};
use serde_json::{Value, json};

/// Adds the messages that a turn is: results of tools are messages of their own, before what else the user says.
pub(super) fn turns(
    message: &Value,
    at: &str,
    messages: &mut Vec<Value>,
    dropped: &mut Vec<String>,
) -> Result<(), Error> {
    let role = message["role"].as_str().unwrap_or_default();
    let blocks = match &message["content"] {
        Value::String(text) => vec![json!({"type": "text", "text": text})],
        Value::Array(blocks) => blocks.clone(),
        _ => return Err(Error::field(&format!("{at}.content"), "must be a text or an array of blocks")),
    };
    match role {
        "user" => user(&blocks, at, messages, dropped),
        "assistant" => assistant(&blocks, at, messages, dropped),
        "system" => {
            let text: Vec<&str> = blocks.iter().filter_map(|block| block["text"].as_str()).collect();
            messages.push(json!({"role": "system", "content": text.join("\n\n")}));
            Ok(())
        }
        _ => Err(Error::field(&format!("{at}.role"), "must be user or assistant")),
    }
}

/// What a block may say beside what it is, and nobody else has: marks for the provider's cache, where a text is from, and what
/// Anthropic does with it.
const MARKS: &[&str] = &["cache_control", "citations", "context", "transformations", "toolset_name"];

/// Notes what of them is lost.
pub(super) fn marks(block: &Value, dropped: &mut Vec<String>) {
    for name in MARKS.iter().copied() {
        let is_wanted = match &block[name] {
            Value::Array(all) => !all.is_empty(),
            Value::Object(wish) => wish.get("enabled") != Some(&Value::Bool(false)),
            other => !other.is_null(),
        };
        if is_wanted {
            lose(name, dropped);
        }
    }
}

fn user(blocks: &[Value], at: &str, messages: &mut Vec<Value>, dropped: &mut Vec<String>) -> Result<(), Error> {
    let mut parts = Vec::new();
    for (n, block) in blocks.iter().enumerate() {
        let at = format!("{at}.content[{n}]");
        marks(block, dropped);
        if block["type"] != "tool_result" {
            parts.push(part(block, &at)?);
            continue;
        }
        if block["is_error"] == true {
            lose("is_error", dropped);
        }
        let mut texts = Vec::new();
        match &block["content"] {
            Value::Null => {}
            Value::String(text) => texts.push(text.clone()),
            Value::Array(inner) => {
                for (n, inner) in inner.iter().enumerate() {
                    marks(inner, dropped);
                    match part(inner, &format!("{at}.content[{n}]"))? {
                        text if text["type"] == "text" => texts.extend(text["text"].as_str().map(str::to_owned)),
                        // What is no text has no place in the result of a tool, and is shown after it.
                        other => parts.push(other),
                    }
                }
            }
            _ => return Err(Error::field(&format!("{at}.content"), "must be a text or an array of blocks")),
        }
        let (id, text) = (&block["tool_use_id"], texts.join("\n"));
        messages.push(json!({"role": "tool", "tool_call_id": id, "content": text}));
    }
    match parts.as_slice() {
        [] => {}
        [only] if only["type"] == "text" => messages.push(json!({"role": "user", "content": only["text"]})),
        _ => messages.push(json!({"role": "user", "content": parts})),
    }
    Ok(())
}

fn assistant(blocks: &[Value], at: &str, messages: &mut Vec<Value>, dropped: &mut Vec<String>) -> Result<(), Error> {
    let (mut text, mut calls) = (String::new(), Vec::new());
    for (n, block) in blocks.iter().enumerate() {
        marks(block, dropped);
        match block["type"].as_str().unwrap_or_default() {
            "text" => text.push_str(block["text"].as_str().unwrap_or_default()),
            "tool_use" => {
                let arguments = match &block["input"] {
                    Value::Null => "{}".to_owned(),
                    Value::String(text) if text.is_empty() => "{}".to_owned(),
                    input => input.to_string(),
                };
                let function = json!({"name": block["name"], "arguments": arguments});
                calls.push(json!({"id": block["id"], "type": "function", "function": function}));
            }
            // Signed by another provider, and of use to nobody else.
            "thinking" | "redacted_thinking" => lose("thinking", dropped),
            other => {
                let problem = format!("is of the type {other:?}, which the provider of this model does not know");
                return Err(Error::field(&format!("{at}.content[{n}]"), problem));
            }
        }
    }
    let mut message = json!({"role": "assistant"});
    if !text.is_empty() || calls.is_empty() {
        message["content"] = text.into();
    }
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    messages.push(message);
    Ok(())
}

/// A block as a part of a message.
fn part(block: &Value, at: &str) -> Result<Value, Error> {
    let source = &block["source"];
    let data = || {
        let media = source["media_type"].as_str().unwrap_or("application/octet-stream");
        format!("data:{media};base64,{}", source["data"].as_str().unwrap_or_default())
    };
    match (block["type"].as_str().unwrap_or_default(), source["type"].as_str()) {
        ("text", _) => Ok(json!({"type": "text", "text": block["text"]})),
        ("image", Some("base64")) => Ok(json!({"type": "image_url", "image_url": {"url": data()}})),
        ("image", Some("url")) => Ok(json!({"type": "image_url", "image_url": {"url": source["url"]}})),
        ("document", Some("text")) => Ok(json!({"type": "text", "text": source["data"]})),
        ("document", Some("base64")) => {
            let name = block["title"].as_str().unwrap_or("document.pdf");
            Ok(json!({"type": "file", "file": {"filename": name, "file_data": data()}}))
        }
        ("search_result", _) => {
            let texts: Vec<&str> =
                block["content"].as_array().into_iter().flatten().filter_map(|part| part["text"].as_str()).collect();
            // Where it is from is what the model is to cite.
            let head = [&block["title"], &block["source"]].into_iter().filter_map(Value::as_str);
            let lines: Vec<&str> = head.chain(texts).collect();
            Ok(json!({"type": "text", "text": lines.join("\n")}))
        }
        (kind, _) => {
            let problem = format!("is of the type {kind:?} in a form that the provider of this model does not take");
            Err(Error::field(at, problem))
        }
    }
}
