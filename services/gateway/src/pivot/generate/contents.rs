//! What do Gemini's contents hold, in the words of a chat completion?

use crate::{
    Error,
    pivot::{lose, lose_others},
};
use serde_json::{Value, json};

/// Of a part: what is told, or has another place.
const PART: &[&str] =
    &["text", "inlineData", "fileData", "functionCall", "functionResponse", "thought", "thoughtSignature"];

/// The instructions as the first message; none, if there are none.
pub(super) fn instructions(content: &Value) -> Result<Vec<Value>, Error> {
    let text = match content {
        Value::Null => return Ok(vec![]),
        Value::String(text) => text.clone(),
        _ => {
            let parts = content["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
            let texts: Option<Vec<&str>> = parts.iter().map(|part| part["text"].as_str()).collect();
            let texts = texts.ok_or_else(|| Error::field("systemInstruction", "must be text"))?;
            texts.join("\n\n")
        }
    };
    Ok(if text.is_empty() { vec![] } else { vec![json!({"role": "system", "content": text})] })
}

/// Adds the messages that contents are.
pub(super) fn messages(contents: &Value, messages: &mut Vec<Value>, dropped: &mut Vec<String>) -> Result<(), Error> {
    let contents = match contents {
        Value::Array(all) if !all.is_empty() => all.as_slice(),
        Value::Object(_) => std::slice::from_ref(contents),
        _ => return Err(Error::field("contents", "is required")),
    };
    // Calls that have not been answered: a result without an id is that of the first one with its name.
    let mut open: Vec<(String, String)> = Vec::new();
    for (n, content) in contents.iter().enumerate() {
        let at = format!("contents[{n}]");
        let parts = content["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
        match content["role"].as_str() {
            Some("model") => messages.push(said(parts, &at, &mut open, dropped)?),
            None | Some("user" | "function" | "tool") => asked(parts, &at, &mut open, messages, dropped)?,
            Some(_) => return Err(Error::field(&format!("{at}.role"), "must be user or model")),
        }
    }
    Ok(())
}

/// What the model said.
fn said(
    parts: &[Value],
    at: &str,
    open: &mut Vec<(String, String)>,
    dropped: &mut Vec<String>,
) -> Result<Value, Error> {
    let (mut text, mut calls, mut message) = (String::new(), Vec::new(), json!({"role": "assistant"}));
    for (n, part) in parts.iter().enumerate() {
        lose_others(part, "contents", PART, dropped);
        let signature = &part["thoughtSignature"];
        let signed = (!signature.is_null()).then(|| json!({"google": {"thought_signature": signature}}));
        if part["thought"] == true {
            // It comes back as a signature, if at all.
            lose("contents.thought", dropped);
        } else if let Some(more) = part["text"].as_str() {
            text.push_str(more);
            if let Some(signed) = signed {
                message["extra_content"] = signed;
            }
        } else if part["functionCall"].is_object() {
            let called = &part["functionCall"];
            lose_others(called, "contents.functionCall", &["id", "name", "args"], dropped);
            let name = called["name"].as_str().unwrap_or_default().to_owned();
            let id = called["id"].as_str().map_or_else(|| format!("call_{}_{n}", open.len()), str::to_owned);
            let arguments = if called["args"].is_object() { called["args"].to_string() } else { "{}".to_owned() };
            let mut call = json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
            if let Some(signed) = signed {
                call["extra_content"] = signed;
            }
            open.push((name, id));
            calls.push(call);
        } else if part["inlineData"].is_object() {
            lose("contents.inlineData", dropped);
        } else {
            return Err(Error::field(&format!("{at}.parts[{n}]"), "is of a kind that a model does not say"));
        }
    }
    message["content"] = if text.is_empty() { Value::Null } else { text.into() };
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    Ok(message)
}

/// What the user says, after the results of tools.
fn asked(
    parts: &[Value],
    at: &str,
    open: &mut Vec<(String, String)>,
    messages: &mut Vec<Value>,
    dropped: &mut Vec<String>,
) -> Result<(), Error> {
    let mut content = Vec::new();
    for (n, part) in parts.iter().enumerate() {
        let result = &part["functionResponse"];
        lose_others(part, "contents", PART, dropped);
        if result.is_object() {
            lose_others(result, "contents.functionResponse", &["id", "name", "response"], dropped);
            messages.push(answered(result, &format!("{at}.parts[{n}]"), open)?);
        } else {
            content.push(one(part, &format!("{at}.parts[{n}]"), dropped)?);
        }
    }
    match content.as_slice() {
        [] => {}
        [only] if only["type"] == "text" => messages.push(json!({"role": "user", "content": only["text"]})),
        _ => messages.push(json!({"role": "user", "content": content})),
    }
    Ok(())
}

/// The result of a tool.
fn answered(result: &Value, at: &str, open: &mut Vec<(String, String)>) -> Result<Value, Error> {
    let name = result["name"].as_str().unwrap_or_default();
    let id = result["id"].as_str();
    let place = open.iter().position(|(called, of)| id.map_or(called == name, |id| id == of));
    let id = match (place, id) {
        (Some(place), _) => open.remove(place).1,
        (None, Some(id)) => id.to_owned(),
        (None, None) => return Err(Error::field(at, format!("is the result of {name:?}, which was not called"))),
    };
    // A tool that says one thing says it under this name.
    let said = match &result["response"] {
        Value::Object(fields) if fields.len() == 1 => {
            fields.get("result").or_else(|| fields.get("output")).unwrap_or(&result["response"])
        }
        other => other,
    };
    let text = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
    Ok(json!({"role": "tool", "tool_call_id": id, "content": text}))
}

/// One part of what the user says.
fn one(part: &Value, at: &str, dropped: &mut Vec<String>) -> Result<Value, Error> {
    if let Some(text) = part["text"].as_str() {
        return Ok(json!({"type": "text", "text": text}));
    }
    let data = [&part["inlineData"], &part["fileData"]].into_iter().find(|data| data.is_object());
    let data = data.ok_or_else(|| Error::field(at, "is of a kind that cannot be told"))?;
    let kind = data["mimeType"].as_str().unwrap_or_default();
    let base64 = data["data"].as_str().unwrap_or_default();
    let url = data["fileUri"].as_str().map_or_else(|| format!("data:{kind};base64,{base64}"), str::to_owned);
    let is_elsewhere = data["fileUri"].is_string();
    if !data["displayName"].is_null() && kind != "application/pdf" {
        lose("contents.displayName", dropped);
    }
    match kind.split('/').next().unwrap_or_default() {
        "image" => Ok(json!({"type": "image_url", "image_url": {"url": url}})),
        "audio" if !is_elsewhere => {
            let format = kind.trim_start_matches("audio/").trim_start_matches("x-");
            let format = if format == "mpeg" { "mp3" } else { format };
            Ok(json!({"type": "input_audio", "input_audio": {"data": base64, "format": format}}))
        }
        "application" if kind == "application/pdf" && !is_elsewhere => {
            let name = data["displayName"].as_str().unwrap_or("file.pdf");
            Ok(json!({"type": "file", "file": {"filename": name, "file_data": url}}))
        }
        _ => Err(Error::field(at, format!("is {kind:?}, which cannot be told: pictures, sound and PDF can"))),
    }
}
