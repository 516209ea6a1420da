//! What OpenAI's chat completion says, in the words of `/api/chat`.

use crate::provider::{
    Ask, Fault, Surroundings,
    translate::{
        media::{Inline, Media, Wanted},
        request::{Message, Request, ResponseFormat, Role, ToolChoice},
    },
};
use serde_json::{Map, Value, json};

/// The native request. What it cannot say is added to `dropped`. Errors name the field.
pub(super) async fn native(
    request: &Request,
    ask: &Ask<'_>,
    surroundings: &Surroundings,
    dropped: &mut Vec<String>,
) -> Result<Value, Fault> {
    // Without the word it streams.
    let mut body =
        Map::from_iter([("model".to_owned(), ask.model.into()), ("stream".to_owned(), ask.peek.stream.into())]);
    let called = request.called();
    let mut messages = Vec::with_capacity(request.messages.len());
    for (at, message) in request.messages.iter().enumerate() {
        let mut out = self::message(message, at, ask, surroundings).await?;
        if matches!(message.role, Role::Tool | Role::Function) {
            let id = message.tool_call_id.as_deref().unwrap_or_default();
            if let Some(name) = called.get(id).copied().or(message.name.as_deref()) {
                out["tool_name"] = name.into();
            }
        }
        messages.push(out);
    }
    body.insert("messages".to_owned(), messages.into());
    lost(request, dropped);
    tools(request, &mut body)?;
    match &request.response_format {
        Some(ResponseFormat::JsonObject) => drop(body.insert("format".to_owned(), "json".into())),
        Some(ResponseFormat::JsonSchema { json_schema }) => {
            body.insert("format".to_owned(), json_schema.schema.clone().unwrap_or_else(|| "json".into()));
        }
        Some(ResponseFormat::Text) | None => {}
    }
    if let Some(effort) = request.reasoning_effort.as_deref() {
        body.insert("think".to_owned(), think(effort, ask.model));
    }
    if request.logprobs == Some(true) {
        body.insert("logprobs".to_owned(), true.into());
        if let Some(top) = request.top_logprobs {
            body.insert("top_logprobs".to_owned(), top.into());
        }
    }
    for name in ["think", "keep_alive"] {
        if let Some(value) = request.rest.get(name).filter(|v| !v.is_null()) {
            body.insert(name.to_owned(), value.clone());
        }
    }
    let options = options(request);
    if !options.is_empty() {
        body.insert("options".to_owned(), options.into());
    }
    Ok(Value::Object(body))
}

fn lost(request: &Request, dropped: &mut Vec<String>) {
    let marked = |m: &Message| m.cache_control.is_some() || m.parts().iter().any(|p| p.cache_control.is_some());
    if request.messages.iter().any(marked) || request.tools.iter().any(|tool| tool.cache_control.is_some()) {
        dropped.push("messages.cache_control".to_owned());
    }
    let named = |m: &Message| m.name.is_some() && !matches!(m.role, Role::Tool | Role::Function);
    if request.messages.iter().any(named) {
        dropped.push("messages.name".to_owned());
    }
    if request.tools.iter().any(|tool| tool.function.as_ref().is_some_and(|f| f.strict == Some(true))) {
        dropped.push("tools.strict".to_owned());
    }
}

async fn message(message: &Message, at: usize, ask: &Ask<'_>, surroundings: &Surroundings) -> Result<Value, Fault> {
    let role = match message.role {
        Role::System | Role::Developer => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool | Role::Function => "tool",
    };
    let (mut text, mut images) = (String::new(), Vec::new());
    if message.parts().is_empty() {
        text = message.text(at)?;
    }
    for (index, part) in message.parts().into_iter().enumerate() {
        match (part.kind.as_str(), &part.image_url) {
            ("image_url", Some(url)) => {
                let field = format!("messages[{at}].content[{index}].image_url.url");
                let media = Media::of(url, &field)?;
                let Inline { base64, .. } = media.inline(surroundings, ask.timers, &field, Wanted::Picture).await?;
                images.push(base64);
            }
            ("text" | "refusal", _) => text.push_str(part.text.as_ref().or(part.refusal.as_ref()).map_or("", |t| t)),
            _ => return Err(part.unsupported(at, index)),
        }
    }
    let mut out = json!({"role": role, "content": text});
    if !images.is_empty() {
        out["images"] = images.into();
    }
    if let Some(thought) = &message.reasoning_content {
        out["thinking"] = thought.clone().into();
    }
    let mut calls = Vec::new();
    for (index, call) in message.tool_calls.iter().enumerate() {
        let arguments = message.arguments(at, index)?;
        calls.push(json!({"function": {"name": call.function.name, "arguments": arguments}}));
    }
    if !calls.is_empty() {
        out["tool_calls"] = calls.into();
    }
    Ok(out)
}

/// It cannot be made to call a tool, but kept from it: by having none.
fn tools(request: &Request, body: &mut Map<String, Value>) -> Result<(), Fault> {
    let functions = request.functions()?;
    match request.choice()? {
        Some(ToolChoice::None) => return Ok(()),
        Some(ToolChoice::Required | ToolChoice::Function(_)) => {
            return Err(Fault::unsupported("tool_choice", "must be auto or none for this provider"));
        }
        Some(ToolChoice::Auto) | None => {}
    }
    let tool = |function: &crate::provider::translate::request::FunctionTool| {
        let mut native = json!({"name": function.name});
        if let Some(description) = &function.description {
            native["description"] = description.clone().into();
        }
        native["parameters"] =
            function.parameters.clone().unwrap_or_else(|| json!({"type": "object", "properties": {}}));
        json!({"type": "function", "function": native})
    };
    let tools: Vec<Value> = functions.into_iter().map(|(function, _)| tool(function)).collect();
    if !tools.is_empty() {
        body.insert("tools".to_owned(), tools.into());
    }
    Ok(())
}

/// Only OpenAI's open models have levels; the others think or do not.
fn think(effort: &str, model: &str) -> Value {
    match effort {
        "none" => false.into(),
        "minimal" | "low" if model.contains("gpt-oss") => "low".into(),
        "medium" if model.contains("gpt-oss") => "medium".into(),
        _ if model.contains("gpt-oss") => "high".into(),
        _ => true.into(),
    }
}

fn options(request: &Request) -> Map<String, Value> {
    let own = request.rest.get("options").and_then(Value::as_object);
    let mut options = own.cloned().unwrap_or_default();
    let numbers = [
        ("temperature", &request.temperature),
        ("top_p", &request.top_p),
        ("seed", &request.seed),
        ("frequency_penalty", &request.frequency_penalty),
        ("presence_penalty", &request.presence_penalty),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            options.insert(name.to_owned(), number.clone().into());
        }
    }
    if let Some(max) = request.max_output() {
        options.insert("num_predict".to_owned(), max.into());
    }
    if !request.stop.is_empty() {
        options.insert("stop".to_owned(), request.stop.clone().into());
    }
    if let Some(top_k) = request.rest.get("top_k").filter(|v| !v.is_null()) {
        options.insert("top_k".to_owned(), top_k.clone());
    }
    options
}
