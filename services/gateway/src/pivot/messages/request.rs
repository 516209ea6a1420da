//! What does a request for messages ask for, in the words of a chat completion?

use super::content;
use crate::{
    Error,
    pivot::{lose, lose_others},
};
use serde_json::{Map, Value, json};

/// What both have, under the same name.
const SAME: &[&str] = &["model", "temperature", "top_p", "stream", "simulator"];
/// What is told in other words.
const TOLD: &[&str] = &["messages", "system", "max_tokens", "stop_sequences", "tools", "tool_choice", "output_config"];

/// What runs at Anthropic's servers, and an answer depends on.
const NEEDED: &[&str] = &["mcp_servers", "container"];
/// Of a tool: what is told, or noted.
const TOOL: &[&str] = &["type", "name", "description", "input_schema", "strict", "cache_control"];

/// The chat completion. Errors: the field that it has no words for.
pub(in crate::pivot) fn chat(request: &Value, dropped: &mut Vec<String>) -> Result<Value, Error> {
    let mut chat = Map::new();
    for name in SAME {
        if let Some(value) = given(&request[*name]) {
            chat.insert((*name).to_owned(), value.clone());
        }
    }
    let is_asked = |value: &Value| !value.is_null() && value.as_array().is_none_or(|all| !all.is_empty());
    if let Some(name) = NEEDED.iter().find(|name| is_asked(&request[**name])) {
        return Err(Error::field(name, ELSEWHERE));
    }
    // What else there is, a chat completion has no words for, and an answer does not need.
    dropped.extend(crate::pivot::others(request, &[SAME, TOLD, NEEDED]));
    let mut messages = system(&request["system"], dropped)?;
    for (n, message) in request["messages"].as_array().into_iter().flatten().enumerate() {
        content::turns(message, &format!("messages[{n}]"), &mut messages, dropped)?;
    }
    chat.insert("messages".to_owned(), messages.into());
    if let Some(most) = given(&request["max_tokens"]) {
        chat.insert("max_completion_tokens".to_owned(), most.clone());
    }
    if let Some(stop) = given(&request["stop_sequences"]).filter(|stop| stop.as_array().is_some_and(|s| !s.is_empty()))
    {
        chat.insert("stop".to_owned(), stop.clone());
    }
    tools(request, &mut chat, dropped)?;
    output(&request["output_config"], &mut chat, dropped);
    Ok(chat.into())
}

const ELSEWHERE: &str = "runs at Anthropic's servers, and the provider of this model is another";

/// What is neither absent nor null.
fn given(value: &Value) -> Option<&Value> {
    Some(value).filter(|value| !value.is_null())
}

/// The instructions as the first message; none, if there are none.
fn system(system: &Value, dropped: &mut Vec<String>) -> Result<Vec<Value>, Error> {
    let text = match system {
        Value::Null => return Ok(vec![]),
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let text = |(n, block): (usize, &Value)| {
                content::marks(block, dropped);
                let text = block["text"].as_str().map(str::to_owned);
                text.ok_or_else(|| Error::field(&format!("system[{n}]"), "must be a block of text"))
            };
            blocks.iter().enumerate().map(text).collect::<Result<Vec<_>, _>>()?.join("\n\n")
        }
        _ => return Err(Error::field("system", "must be a text or an array of blocks")),
    };
    Ok(if text.is_empty() { vec![] } else { vec![json!({"role": "system", "content": text})] })
}

fn tools(request: &Value, chat: &mut Map<String, Value>, dropped: &mut Vec<String>) -> Result<(), Error> {
    let tools = request["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    if tools.is_empty() {
        if !request["tool_choice"].is_null() {
            lose("tool_choice", dropped);
        }
        return Ok(());
    }
    let mut functions = Vec::new();
    for (n, tool) in tools.iter().enumerate() {
        if tool["type"].as_str().is_some_and(|kind| kind != "custom") {
            return Err(Error::field(&format!("tools[{n}]"), ELSEWHERE));
        }
        content::marks(tool, dropped);
        lose_others(tool, "tools", TOOL, dropped);
        let mut function = json!({"name": tool["name"], "parameters": tool["input_schema"]});
        for name in ["description", "strict"] {
            if let Some(value) = given(&tool[name]) {
                function[name] = value.clone();
            }
        }
        functions.push(json!({"type": "function", "function": function}));
    }
    chat.insert("tools".to_owned(), functions.into());
    let choice = &request["tool_choice"];
    let told = match choice["type"].as_str() {
        None => None,
        Some("auto") => Some(json!("auto")),
        Some("any") => Some(json!("required")),
        Some("none") => Some(json!("none")),
        Some("tool") => Some(json!({"type": "function", "function": {"name": choice["name"]}})),
        Some(_) => return Err(Error::field("tool_choice.type", "must be auto, any, tool or none")),
    };
    if let Some(told) = told {
        chat.insert("tool_choice".to_owned(), told);
    }
    if choice["disable_parallel_tool_use"] == true {
        chat.insert("parallel_tool_calls".to_owned(), false.into());
    }
    Ok(())
}

/// How hard to think, and which form the text has to have.
fn output(config: &Value, chat: &mut Map<String, Value>, dropped: &mut Vec<String>) {
    lose_others(config, "output_config", &["effort", "format"], dropped);
    if let Some(effort) = config["effort"].as_str() {
        // Anthropic has a degree more.
        chat.insert("reasoning_effort".to_owned(), if effort == "max" { "high" } else { effort }.into());
    }
    if config["format"]["type"] == "json_schema" {
        let schema = json!({"name": "answer", "strict": true, "schema": config["format"]["schema"]});
        chat.insert("response_format".to_owned(), json!({"type": "json_schema", "json_schema": schema}));
    }
}
