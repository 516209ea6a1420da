//! What does a request of Ollama's ask for, in the words of a chat completion?

use crate::{
    Error,
    pivot::{lose, others},
};
use serde_json::{Map, Value, json};

/// What both have, under the same name.
const SAME: &[&str] = &["model", "simulator"];
/// What is told in other words.
const TOLD: &[&str] = &["messages", "tools", "format", "options", "stream", "think", "logprobs", "top_logprobs"];
/// Of the options: what a chat completion says by another name.
const NAMES: &[(&str, &str)] = &[
    ("temperature", "temperature"),
    ("top_p", "top_p"),
    ("seed", "seed"),
    ("stop", "stop"),
    ("num_predict", "max_completion_tokens"),
    ("presence_penalty", "presence_penalty"),
    ("frequency_penalty", "frequency_penalty"),
];

/// The chat completion. It streams unless it is told not to. Errors: the field that it has no words for.
pub(in crate::pivot) fn chat(request: &Value, dropped: &mut Vec<String>) -> Result<Value, Error> {
    let mut chat = Map::new();
    for name in SAME {
        if !request[*name].is_null() {
            chat.insert((*name).to_owned(), request[*name].clone());
        }
    }
    dropped.extend(others(request, &[SAME, TOLD]));
    chat.insert("stream".to_owned(), (request["stream"] != false).into());
    let all = request["messages"].as_array().ok_or_else(|| Error::field("messages", "must be an array of messages"))?;
    let (mut messages, mut open) = (Vec::new(), Vec::new());
    for (n, message) in all.iter().enumerate() {
        messages.push(turn(message, &format!("messages[{n}]"), &mut open, dropped)?);
    }
    chat.insert("messages".to_owned(), messages.into());
    for (theirs, ours) in NAMES {
        let value = &request["options"][*theirs];
        // Less than nothing stands for as much as there is.
        let is_endless = *theirs == "num_predict" && value.as_i64().is_some_and(|most| most < 1);
        if !value.is_null() && !is_endless {
            chat.insert((*ours).to_owned(), value.clone());
        }
    }
    let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    dropped.extend(others(&request["options"], &[&known]).into_iter().map(|name| format!("options.{name}")));
    for name in ["logprobs", "top_logprobs"] {
        if !request[name].is_null() {
            chat.insert(name.to_owned(), request[name].clone());
        }
    }
    if let Some(tools) = request["tools"].as_array().filter(|tools| !tools.is_empty()) {
        chat.insert("tools".to_owned(), tools.clone().into());
    }
    match &request["format"] {
        Value::String(json) if json == "json" => {
            chat.insert("response_format".to_owned(), json!({"type": "json_object"}));
        }
        schema @ Value::Object(_) => {
            let schema = json!({"name": "answer", "schema": schema});
            chat.insert("response_format".to_owned(), json!({"type": "json_schema", "json_schema": schema}));
        }
        Value::Null => {}
        Value::String(none) if none.is_empty() => {}
        _ => return Err(Error::field("format", "must be \"json\" or a schema")),
    }
    match &request["think"] {
        Value::String(effort) => drop(chat.insert("reasoning_effort".to_owned(), effort.as_str().into())),
        Value::Bool(true) => drop(chat.insert("reasoning_effort".to_owned(), "medium".into())),
        // Models that think have different words for not to.
        Value::Bool(false) => lose("think", dropped),
        _ => {}
    }
    Ok(chat.into())
}

/// One message. `open`: calls that have not been answered, by name and the id that they got here.
fn turn(
    message: &Value,
    at: &str,
    open: &mut Vec<(String, String)>,
    dropped: &mut Vec<String>,
) -> Result<Value, Error> {
    if message["role"] != "user" && message["images"].as_array().is_some_and(|images| !images.is_empty()) {
        lose("messages.images", dropped);
    }
    let text = message["content"].as_str().unwrap_or_default();
    match message["role"].as_str() {
        Some("system") => Ok(json!({"role": "system", "content": text})),
        Some("user") => {
            let images = message["images"].as_array().map(Vec::as_slice).unwrap_or_default();
            if images.is_empty() {
                return Ok(json!({"role": "user", "content": text}));
            }
            let mut parts = if text.is_empty() { vec![] } else { vec![json!({"type": "text", "text": text})] };
            parts.extend(images.iter().map(|image| picture(image.as_str().unwrap_or_default())));
            Ok(json!({"role": "user", "content": parts}))
        }
        Some("assistant") => {
            let mut said = json!({"role": "assistant", "content": text});
            if let Some(thought) = message["thinking"].as_str() {
                said["reasoning_content"] = thought.into();
            }
            let calls = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
            if !calls.is_empty() {
                said["tool_calls"] = calls.iter().map(|call| called(call, open)).collect::<Vec<_>>().into();
            }
            Ok(said)
        }
        Some("tool") => {
            let name = [&message["tool_name"], &message["name"]].into_iter().find_map(Value::as_str);
            // Without a name it is the result of the first call that has none.
            let place = open.iter().position(|(called, _)| name.is_none_or(|name| name == called));
            let place = place.ok_or_else(|| Error::field(at, "is the result of a tool that was not called"))?;
            Ok(json!({"role": "tool", "tool_call_id": open.remove(place).1, "content": text}))
        }
        _ => Err(Error::field(&format!("{at}.role"), "must be system, user, assistant or tool")),
    }
}

fn called(call: &Value, open: &mut Vec<(String, String)>) -> Value {
    let function = &call["function"];
    let name = function["name"].as_str().unwrap_or_default().to_owned();
    let id = call["id"].as_str().map_or_else(|| format!("call_{}", open.len()), str::to_owned);
    let arguments = if function["arguments"].is_object() { function["arguments"].to_string() } else { "{}".to_owned() };
    open.push((name.clone(), id.clone()));
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

/// A picture, whose kind is told by how it begins.
fn picture(base64: &str) -> Value {
    let kinds = [("/9j/", "jpeg"), ("R0lGOD", "gif"), ("UklGR", "webp")];
    let kind = kinds.iter().find(|(begin, _)| base64.starts_with(begin)).map_or("png", |(_, kind)| *kind);
    json!({"type": "image_url", "image_url": {"url": format!("data:image/{kind};base64,{base64}")}})
}
