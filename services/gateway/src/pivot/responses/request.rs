//! What does a request for a response ask for, in the words of a chat completion?

use super::input;
use crate::{
    Error,
    pivot::{lose, lose_others},
};
use serde_json::{Map, Value, json};

/// What both have, under the same name.
const SAME: &[&str] = &[
    "model",
    "temperature",
    "top_p",
    "stream",
    "parallel_tool_calls",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "service_tier",
    "simulator",
];
/// What is told in other words, or repeated in the answer.
const TOLD: &[&str] = &[
    "input",
    "instructions",
    "max_output_tokens",
    "reasoning",
    "text",
    "tools",
    "tool_choice",
    "metadata",
    "store",
    "background",
    "stream_options",
];
/// What a chat completion has no words for, and an answer depends on.
const NEEDED: &[(&str, &str)] =
    &[("prompt", "is stored by OpenAI, and the provider of this model is another: send its text in instructions")];

/// The chat completion. Errors: the field that it has no words for.
pub(in crate::pivot) fn chat(request: &Value, dropped: &mut Vec<String>) -> Result<Value, Error> {
    let given = |name: &str| Some(&request[name]).filter(|value| !value.is_null());
    for (name, problem) in NEEDED {
        if given(name).is_some() {
            return Err(Error::field(name, *problem));
        }
    }
    let mut chat = Map::new();
    for name in SAME {
        if let Some(value) = given(name) {
            chat.insert((*name).to_owned(), value.clone());
        }
    }
    // What else there is, a chat completion has no words for, and an answer does not need.
    dropped.extend(crate::pivot::others(request, &[SAME, TOLD]));
    let mut messages = Vec::new();
    match &request["instructions"] {
        Value::Null => {}
        Value::String(text) => messages.push(json!({"role": "system", "content": text})),
        _ => return Err(Error::field("instructions", "must be a text")),
    }
    input::messages(&request["input"], &mut messages, dropped)?;
    chat.insert("messages".to_owned(), messages.into());
    if let Some(most) = given("max_output_tokens") {
        chat.insert("max_completion_tokens".to_owned(), most.clone());
    }
    if let Some(effort) = request["reasoning"]["effort"].as_str() {
        chat.insert("reasoning_effort".to_owned(), effort.into());
    }
    lose_others(&request["reasoning"], "reasoning", &["effort"], dropped);
    if request["stream_options"]["include_obfuscation"] == true {
        lose("stream_options.include_obfuscation", dropped);
    }
    lose_others(&request["text"], "text", &["verbosity", "format"], dropped);
    text(&request["text"], &mut chat);
    tools(request, &mut chat, dropped)?;
    Ok(chat.into())
}

/// Which form the text has to have.
fn text(text: &Value, chat: &mut Map<String, Value>) {
    if let Some(verbosity) = text["verbosity"].as_str() {
        chat.insert("verbosity".to_owned(), verbosity.into());
    }
    let format = &text["format"];
    match format["type"].as_str() {
        Some("json_schema") => {
            let mut schema = Map::new();
            for name in ["name", "description", "schema", "strict"] {
                if !format[name].is_null() {
                    schema.insert(name.to_owned(), format[name].clone());
                }
            }
            chat.insert("response_format".to_owned(), json!({"type": "json_schema", "json_schema": schema}));
        }
        Some("json_object") => {
            chat.insert("response_format".to_owned(), json!({"type": "json_object"}));
        }
        _ => {}
    }
}

fn tools(request: &Value, chat: &mut Map<String, Value>, dropped: &mut Vec<String>) -> Result<(), Error> {
    let tools = request["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    if tools.is_empty() {
        // Without tools there is nothing to choose, and servers refuse both.
        chat.remove("parallel_tool_calls");
        return Ok(());
    }
    let mut functions = Vec::new();
    for (n, tool) in tools.iter().enumerate() {
        if tool["type"] != "function" {
            let problem = "runs at OpenAI's servers, and the provider of this model is another: only functions work";
            return Err(Error::field(&format!("tools[{n}]"), problem));
        }
        lose_others(tool, "tools", &["type", "name", "description", "parameters", "strict"], dropped);
        let mut function = Map::new();
        for name in ["name", "description", "parameters", "strict"] {
            if !tool[name].is_null() {
                function.insert(name.to_owned(), tool[name].clone());
            }
        }
        functions.push(json!({"type": "function", "function": function}));
    }
    chat.insert("tools".to_owned(), functions.into());
    match &request["tool_choice"] {
        Value::Null => {}
        Value::String(choice) => {
            chat.insert("tool_choice".to_owned(), choice.as_str().into());
        }
        choice if choice["type"] == "function" => {
            let choice = json!({"type": "function", "function": {"name": choice["name"]}});
            chat.insert("tool_choice".to_owned(), choice);
        }
        _ => return Err(Error::field("tool_choice", "must be auto, none, required or a function")),
    }
    Ok(())
}
