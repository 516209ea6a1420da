//! What OpenAI's chat completion says, in the words of `/v2/chat`.

use crate::provider::{
    Ask, Fault,
    translate::request::{Content, Message, Request, ResponseFormat, Role, ToolChoice},
};
use serde_json::{Map, Value, json};

/// Fields of this API that a client may send as they are.
const OWN: &[&str] = &["documents", "citation_options", "safety_mode", "thinking", "priority"];

/// The native request. What it cannot say is added to `dropped`. Errors name the field.
pub(super) fn native(request: &Request, ask: &Ask<'_>, dropped: &mut Vec<String>) -> Result<Value, Fault> {
    let mut body =
        Map::from_iter([("model".to_owned(), ask.model.into()), ("stream".to_owned(), ask.peek.stream.into())]);
    let mut messages = Vec::with_capacity(request.messages.len());
    for (at, message) in request.messages.iter().enumerate() {
        messages.push(self::message(message, at)?);
    }
    body.insert("messages".to_owned(), messages.into());
    lost(request, dropped);
    tools(request, &mut body)?;
    let numbers = [
        ("temperature", &request.temperature),
        ("p", &request.top_p),
        ("seed", &request.seed),
        ("frequency_penalty", &request.frequency_penalty),
        ("presence_penalty", &request.presence_penalty),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            body.insert(name.to_owned(), number.clone().into());
        }
    }
    if let Some(max) = request.max_output() {
        body.insert("max_tokens".to_owned(), max.into());
    }
    if !request.stop.is_empty() {
        body.insert("stop_sequences".to_owned(), request.stop.clone().into());
    }
    if request.logprobs == Some(true) {
        body.insert("logprobs".to_owned(), true.into());
    }
    match &request.response_format {
        Some(ResponseFormat::JsonObject) => {
            body.insert("response_format".to_owned(), json!({"type": "json_object"}));
        }
        Some(ResponseFormat::JsonSchema { json_schema }) => {
            let mut format = json!({"type": "json_object"});
            if let Some(schema) = &json_schema.schema {
                format["json_schema"] = schema.clone();
            }
            body.insert("response_format".to_owned(), format);
        }
        Some(ResponseFormat::Text) | None => {}
    }
    if let Some(effort) = request.reasoning_effort.as_deref() {
        body.insert("thinking".to_owned(), thinking(effort));
    }
    if let Some(top_k) = request.rest.get("top_k").filter(|v| !v.is_null()) {
        body.insert("k".to_owned(), top_k.clone());
    }
    for name in OWN {
        if let Some(value) = request.rest.get(*name).filter(|v| !v.is_null()) {
            body.insert((*name).to_owned(), value.clone());
        }
    }
    Ok(Value::Object(body))
}

fn thinking(effort: &str) -> Value {
    match effort {
        "none" => json!({"type": "disabled"}),
        "minimal" | "low" => json!({"type": "enabled", "token_budget": 1_024}),
        "medium" => json!({"type": "enabled", "token_budget": 4_096}),
        _ => json!({"type": "enabled"}),
    }
}

fn lost(request: &Request, dropped: &mut Vec<String>) {
    let marked = |m: &Message| m.cache_control.is_some() || m.parts().iter().any(|p| p.cache_control.is_some());
    if request.messages.iter().any(marked) || request.tools.iter().any(|tool| tool.cache_control.is_some()) {
        dropped.push("messages.cache_control".to_owned());
    }
    if request.messages.iter().any(|m| m.name.is_some()) {
        dropped.push("messages.name".to_owned());
    }
}

fn tools(request: &Request, body: &mut Map<String, Value>) -> Result<(), Fault> {
    let mut functions = request.functions()?;
    if functions.is_empty() {
        return Ok(());
    }
    match request.choice()? {
        Some(ToolChoice::Auto) | None => {}
        Some(ToolChoice::None) => drop(body.insert("tool_choice".to_owned(), "NONE".into())),
        Some(ToolChoice::Required) => drop(body.insert("tool_choice".to_owned(), "REQUIRED".into())),
        // It cannot be told which one, but given no other.
        Some(ToolChoice::Function(name)) => {
            functions.retain(|(function, _)| function.name == name);
            if functions.is_empty() {
                return Err(Fault::invalid("tool_choice", "names a function that is none of the tools"));
            }
            body.insert("tool_choice".to_owned(), "REQUIRED".into());
        }
    }
    if functions.iter().any(|(function, _)| function.strict == Some(true)) {
        body.insert("strict_tools".to_owned(), true.into());
    }
    let tools: Vec<Value> = functions
        .into_iter()
        .map(|(function, _)| {
            let empty = || json!({"type": "object", "properties": {}});
            let mut native =
                json!({"name": function.name, "parameters": function.parameters.clone().unwrap_or_else(empty)});
            if let Some(description) = &function.description {
                native["description"] = description.clone().into();
            }
            json!({"type": "function", "function": native})
        })
        .collect();
    body.insert("tools".to_owned(), tools.into());
    Ok(())
}

fn message(message: &Message, at: usize) -> Result<Value, Fault> {
    Ok(match message.role {
        Role::System | Role::Developer => json!({"role": "system", "content": message.text(at)?}),
        Role::User => json!({"role": "user", "content": content(message, at)?}),
        Role::Tool | Role::Function => {
            let id = message.tool_call_id.as_deref();
            let id = id.ok_or_else(|| Fault::invalid(format!("messages[{at}].tool_call_id"), "is required"))?;
            json!({"role": "tool", "tool_call_id": id, "content": message.text(at)?})
        }
        Role::Assistant => {
            let mut out = json!({"role": "assistant"});
            let text = message.text(at)?;
            let mut calls = Vec::new();
            for (index, call) in message.tool_calls.iter().enumerate() {
                let arguments = Value::Object(message.arguments(at, index)?).to_string();
                calls.push(json!({"id": call.id, "type": "function", "function": {"name": call.function.name, "arguments": arguments}}));
            }
            match &message.reasoning_content {
                // What it thinks before it calls tools is its plan.
                Some(thought) if !calls.is_empty() => out["tool_plan"] = thought.clone().into(),
                Some(thought) => {
                    out["content"] = json!([{"type": "thinking", "thinking": thought}, {"type": "text", "text": text}]);
                }
                None => {}
            }
            if out.get("content").is_none() && (!text.is_empty() || calls.is_empty()) {
                out["content"] = text.into();
            }
            if !calls.is_empty() {
                out["tool_calls"] = calls.into();
            }
            out
        }
    })
}

fn content(message: &Message, at: usize) -> Result<Value, Fault> {
    let Some(Content::Parts(parts)) = &message.content else { return message.text(at).map(Value::from) };
    let part = |(index, part): (usize, &crate::provider::translate::request::Part)| match (
        part.kind.as_str(),
        &part.image_url,
    ) {
        ("text", _) => Ok(json!({"type": "text", "text": part.text})),
        ("image_url", Some(url)) => Ok(json!({"type": "image_url", "image_url": {"url": url}})),
        _ => Err(part.unsupported(at, index)),
    };
    parts.iter().enumerate().map(part).collect::<Result<Vec<Value>, Fault>>().map(Value::from)
}
