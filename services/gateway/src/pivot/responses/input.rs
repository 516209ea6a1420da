//! What does the input of a response hold, in the words of a chat completion?

use crate::{Error, pivot::lose};
use serde_json::{Value, json};

/// Adds the messages that an input is.
pub(super) fn messages(input: &Value, messages: &mut Vec<Value>, dropped: &mut Vec<String>) -> Result<(), Error> {
    match input {
        Value::Null => Err(Error::field("input", "is required")),
        Value::String(text) => {
            messages.push(json!({"role": "user", "content": text}));
            Ok(())
        }
        Value::Array(items) => {
            let each = items.iter().enumerate();
            each.into_iter().try_for_each(|(n, item)| add(item, &format!("input[{n}]"), messages, dropped))
        }
        _ => Err(Error::field("input", "must be a text or an array of items")),
    }
}

fn add(item: &Value, at: &str, messages: &mut Vec<Value>, dropped: &mut Vec<String>) -> Result<(), Error> {
    match item["type"].as_str().unwrap_or("message") {
        "message" => messages.push(message(item, at, dropped)?),
        "function_call" => {
            let arguments = item["arguments"].as_str().filter(|text| !text.is_empty()).unwrap_or("{}");
            let function = json!({"name": item["name"], "arguments": arguments});
            called(json!({"id": item["call_id"], "type": "function", "function": function}), messages);
        }
        "function_call_output" => {
            let (text, shown) = output(&item["output"], &format!("{at}.output"), dropped)?;
            messages.push(json!({"role": "tool", "tool_call_id": item["call_id"], "content": text}));
            if !shown.is_empty() {
                // What is no text has no place in the result of a tool, and is shown after it.
                messages.push(json!({"role": "user", "content": shown}));
            }
        }
        // Thought by another provider, and of use to nobody else.
        "reasoning" => {
            lose("input.reasoning", dropped);
        }
        other => {
            let problem = format!("is of the type {other:?}, which the provider of this model does not know");
            return Err(Error::field(at, problem));
        }
    }
    Ok(())
}

/// What a tool gave back: its text, and what of it is no text.
fn output(output: &Value, at: &str, dropped: &mut Vec<String>) -> Result<(String, Vec<Value>), Error> {
    let parts = match output {
        Value::String(text) => return Ok((text.clone(), vec![])),
        Value::Array(parts) => parts,
        other => return Ok((other.to_string(), vec![])),
    };
    let parts = parts.iter().enumerate().map(|(n, one)| part(one, &format!("{at}[{n}]"), dropped));
    let (texts, shown): (Vec<Value>, Vec<Value>) =
        parts.collect::<Result<Vec<_>, Error>>()?.into_iter().partition(|part| part["type"] == "text");
    Ok((texts.iter().filter_map(|part| part["text"].as_str()).collect(), shown))
}

/// A call of the assistant: a part of the message before it, if that is the assistant's.
fn called(call: Value, messages: &mut Vec<Value>) {
    if let Some(last) = messages.last_mut().filter(|last| last["role"] == "assistant") {
        match last["tool_calls"].as_array_mut() {
            Some(calls) => calls.push(call),
            None => last["tool_calls"] = json!([call]),
        }
        return;
    }
    messages.push(json!({"role": "assistant", "tool_calls": [call]}));
}

fn message(item: &Value, at: &str, dropped: &mut Vec<String>) -> Result<Value, Error> {
    let role = match item["role"].as_str() {
        Some(role @ ("user" | "assistant")) => role,
        // OpenAI's name for what all others call the system.
        Some("system" | "developer") => "system",
        _ => return Err(Error::field(&format!("{at}.role"), "must be user, assistant, system or developer")),
    };
    let content = match &item["content"] {
        Value::String(text) => Value::from(text.as_str()),
        Value::Array(parts) if role == "user" => {
            let parts = parts.iter().enumerate().map(|(n, one)| part(one, &format!("{at}.content[{n}]"), dropped));
            let parts = parts.collect::<Result<Vec<Value>, Error>>()?;
            match parts.as_slice() {
                [only] if only["type"] == "text" => only["text"].clone(),
                _ => parts.into(),
            }
        }
        Value::Array(parts) => {
            let text = |(n, part): (usize, &Value)| {
                let text = part["text"].as_str().or(part["refusal"].as_str()).map(str::to_owned);
                text.ok_or_else(|| {
                    Error::field(&format!("{at}.content[{n}]"), format!("must be text: the {role} says it"))
                })
            };
            parts.iter().enumerate().map(text).collect::<Result<String, Error>>()?.into()
        }
        _ => return Err(Error::field(&format!("{at}.content"), "must be a text or an array of parts")),
    };
    Ok(json!({"role": role, "content": content}))
}

fn part(part: &Value, at: &str, dropped: &mut Vec<String>) -> Result<Value, Error> {
    if !part["prompt_cache_breakpoint"].is_null() {
        lose("input.prompt_cache_breakpoint", dropped);
    }
    if part["type"] == "input_file" && !part["detail"].is_null() {
        lose("input.input_file.detail", dropped);
    }
    let elsewhere = "is stored by OpenAI, and the provider of this model is another";
    match part["type"].as_str().unwrap_or_default() {
        "input_text" | "output_text" | "text" => Ok(json!({"type": "text", "text": part["text"]})),
        "input_image" => {
            let url = part["image_url"].as_str().ok_or_else(|| Error::field(&format!("{at}.file_id"), elsewhere))?;
            let mut image = json!({"url": url});
            if let Some(detail) = part["detail"].as_str() {
                image["detail"] = detail.into();
            }
            Ok(json!({"type": "image_url", "image_url": image}))
        }
        "input_file" => {
            let data = part["file_data"].as_str();
            let data = data.ok_or_else(|| Error::field(at, "must have file_data: files elsewhere are not fetched"))?;
            let name = part["filename"].as_str().unwrap_or("file");
            Ok(json!({"type": "file", "file": {"filename": name, "file_data": data}}))
        }
        "input_audio" => Ok(json!({"type": "input_audio", "input_audio": part["input_audio"]})),
        other => Err(Error::field(at, format!("is of the type {other:?}, which cannot be told"))),
    }
}
