//! What does a request to generate content ask for, in the words of a chat completion?

use super::contents;
use crate::{
    Error,
    pivot::{lose, lose_others, others},
};
use serde_json::{Map, Value, json};

/// What the edge says of the call beside its body, and what is the simulator's.
const SAME: &[&str] = &["model", "stream", "simulator"];
/// What is told in other words.
const TOLD: &[&str] = &["contents", "systemInstruction", "generationConfig", "tools", "toolConfig"];
/// Of the configuration: what a chat completion says by another name.
const NAMES: &[(&str, &str)] = &[
    ("temperature", "temperature"),
    ("topP", "top_p"),
    ("candidateCount", "n"),
    ("maxOutputTokens", "max_completion_tokens"),
    ("stopSequences", "stop"),
    ("seed", "seed"),
    ("presencePenalty", "presence_penalty"),
    ("frequencyPenalty", "frequency_penalty"),
    ("responseLogprobs", "logprobs"),
    ("logprobs", "top_logprobs"),
];
/// Of the configuration: what is told in other words.
const CONFIG: &[&str] =
    &["responseMimeType", "responseSchema", "responseJsonSchema", "responseModalities", "thinkingConfig"];

/// Of a function: what is told.
const DECLARED: &[&str] = &["name", "description", "parameters", "parametersJsonSchema"];

/// The chat completion. Errors: the field that it has no words for.
pub(in crate::pivot) fn chat(request: &Value, dropped: &mut Vec<String>) -> Result<Value, Error> {
    let mut chat = Map::new();
    for name in SAME {
        if !request[*name].is_null() {
            chat.insert((*name).to_owned(), request[*name].clone());
        }
    }
    if !request["cachedContent"].is_null() {
        let problem = "is kept by Google, and the provider of this model may be another: send it in contents";
        return Err(Error::field("cachedContent", problem));
    }
    dropped.extend(others(request, &[SAME, TOLD]));
    let mut messages = contents::instructions(&request["systemInstruction"])?;
    contents::messages(&request["contents"], &mut messages, dropped)?;
    chat.insert("messages".to_owned(), messages.into());
    config(&request["generationConfig"], &mut chat, dropped);
    tools(request, &mut chat, dropped)?;
    Ok(chat.into())
}

fn config(config: &Value, chat: &mut Map<String, Value>, dropped: &mut Vec<String>) {
    for (theirs, ours) in NAMES {
        let value = &config[*theirs];
        if !value.is_null() && value.as_array().is_none_or(|all| !all.is_empty()) {
            chat.insert((*ours).to_owned(), value.clone());
        }
    }
    let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).chain(CONFIG.iter().copied()).collect();
    dropped.extend(others(config, &[&known]).into_iter().map(|name| format!("generationConfig.{name}")));
    let schema =
        [&config["responseJsonSchema"], &config["responseSchema"]].into_iter().find(|schema| schema.is_object());
    if let Some(schema) = schema {
        let schema = json!({"name": "answer", "schema": lowercase(schema.clone())});
        chat.insert("response_format".to_owned(), json!({"type": "json_schema", "json_schema": schema}));
    } else if config["responseMimeType"] == "application/json" {
        chat.insert("response_format".to_owned(), json!({"type": "json_object"}));
    }
    modalities(&config["responseModalities"], chat, dropped);
    if let Some(effort) = effort(&config["thinkingConfig"]) {
        chat.insert("reasoning_effort".to_owned(), effort.into());
    }
}

/// Text, or pictures beside it. Sound, a chat completion wants in a voice that Gemini names elsewhere.
fn modalities(wanted: &Value, chat: &mut Map<String, Value>, dropped: &mut Vec<String>) {
    let wanted = wanted.as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<String> = wanted.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase).collect();
    if names.iter().any(|name| !matches!(name.as_str(), "text" | "image")) {
        lose("generationConfig.responseModalities", dropped);
    } else if names.iter().any(|name| name == "image") {
        chat.insert("modalities".to_owned(), names.into());
    }
}

/// How hard to think. A number of tokens becomes the nearest word.
fn effort(thinking: &Value) -> Option<&'static str> {
    match thinking["thinkingLevel"].as_str().map(str::to_ascii_lowercase).as_deref() {
        Some("minimal") => return Some("minimal"),
        Some("low") => return Some("low"),
        Some("medium") => return Some("medium"),
        Some("high") => return Some("high"),
        _ => {}
    }
    match thinking["thinkingBudget"].as_i64()? {
        0 => Some("none"),
        1..=2048 => Some("low"),
        2049..=8192 => Some("medium"),
        8193.. => Some("high"),
        // As the model likes.
        _ => None,
    }
}

fn tools(request: &Value, chat: &mut Map<String, Value>, dropped: &mut Vec<String>) -> Result<(), Error> {
    let mut functions = Vec::new();
    for (n, tool) in request["tools"].as_array().into_iter().flatten().enumerate() {
        let other = tool.as_object().into_iter().flatten().find(|(name, _)| *name != "functionDeclarations");
        if let Some((name, _)) = other {
            let problem =
                "runs at Google's servers, and the provider of this model may be another: only functions work";
            return Err(Error::field(&format!("tools[{n}].{name}"), problem));
        }
        for declared in tool["functionDeclarations"].as_array().into_iter().flatten() {
            lose_others(declared, "tools.functionDeclarations", DECLARED, dropped);
            let mut function = json!({"name": declared["name"]});
            if !declared["description"].is_null() {
                function["description"] = declared["description"].clone();
            }
            let parameters = [&declared["parametersJsonSchema"], &declared["parameters"]];
            if let Some(parameters) = parameters.into_iter().find(|schema| schema.is_object()) {
                function["parameters"] = lowercase(parameters.clone());
            }
            functions.push(json!({"type": "function", "function": function}));
        }
    }
    if functions.is_empty() {
        return Ok(());
    }
    lose_others(&request["toolConfig"], "toolConfig", &["functionCallingConfig"], dropped);
    let calling = &request["toolConfig"]["functionCallingConfig"];
    lose_others(calling, "toolConfig.functionCallingConfig", &["mode", "allowedFunctionNames"], dropped);
    let allowed: Vec<&str> =
        calling["allowedFunctionNames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !allowed.is_empty() {
        functions.retain(|tool| allowed.contains(&tool["function"]["name"].as_str().unwrap_or_default()));
    }
    chat.insert("tools".to_owned(), functions.into());
    let choice = match calling["mode"].as_str() {
        Some("ANY") => Some("required"),
        Some("NONE") => Some("none"),
        Some("AUTO" | "VALIDATED") => Some("auto"),
        _ => None,
    };
    if let Some(choice) = choice {
        chat.insert("tool_choice".to_owned(), choice.into());
    }
    Ok(())
}

/// A schema whose types are written as everybody else writes them.
fn lowercase(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match value {
                    Value::String(kind) if name == "type" => *kind = kind.to_ascii_lowercase(),
                    other => *other = lowercase(other.take()),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| *one = lowercase(one.take())),
        _ => {}
    }
    schema
}
