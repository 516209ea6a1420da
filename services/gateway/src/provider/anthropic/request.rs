//! What OpenAI's chat completion says, in the words of the Messages API.

use super::{effort, messages};
use crate::provider::{
    Fault,
    translate::{
        recall::Recall,
        request::{Request, ResponseFormat, ToolChoice},
    },
};
use serde_json::{Map, Value, json};

/// Sent as `max_tokens` where nobody says one: what the smallest models of each generation can write.
const MAX_TOKENS: i64 = 32_000;
const MAX_TOKENS_OF_OLD: &[(&str, i64)] = &[("claude-3-5-", 8_192), ("claude-3-7-", 32_000), ("claude-3-", 4_096)];

/// What OpenAI's JSON mode asks for, of models that know schemas only.
const JSON_MODE: &str =
    "Answer with one valid JSON object and nothing else: no prose before or after it, no code fence.";

pub(super) struct Context<'a> {
    pub model: &'a str,
    pub stream: bool,
    /// The provider's own default.
    pub max_tokens: Option<i64>,
    pub recall: &'a Recall,
    pub provider: &'a str,
}

/// The native request. What it cannot say is added to `dropped`. Errors name the field.
pub(super) fn native(request: &Request, context: &Context<'_>, dropped: &mut Vec<String>) -> Result<Value, Fault> {
    let max_tokens = request.max_output().or(context.max_tokens).unwrap_or_else(|| default_max(context.model));
    let mut body = Map::new();
    body.insert("model".to_owned(), context.model.into());
    body.insert("max_tokens".to_owned(), max_tokens.into());
    let (mut system, turns, unthought) = messages::native(request, context, dropped)?;
    if context.stream {
        body.insert("stream".to_owned(), true.into());
    }
    if !request.stop.is_empty() {
        body.insert("stop_sequences".to_owned(), request.stop.clone().into());
    }
    let choice = tools(request, &mut body)?;
    output(request, &mut system, &mut body);
    if !system.is_empty() {
        body.insert("system".to_owned(), system.into());
    }
    body.insert("messages".to_owned(), turns.into());
    rest(request, &mut body, dropped);
    let forced = matches!(choice, Some(ToolChoice::Required | ToolChoice::Function(_)));
    let possible = !forced && !unthought;
    let thinks = effort::apply(request, context.model, max_tokens, possible, &mut body, dropped);
    for (name, value) in [("temperature", &request.temperature), ("top_p", &request.top_p)] {
        match value {
            // Models that think with a budget refuse to be tuned.
            Some(_) if thinks => dropped.push(name.to_owned()),
            Some(value) => drop(body.insert(name.to_owned(), value.clone().into())),
            None => {}
        }
    }
    Ok(Value::Object(body))
}

fn default_max(model: &str) -> i64 {
    MAX_TOKENS_OF_OLD.iter().find(|(prefix, _)| model.starts_with(prefix)).map_or(MAX_TOKENS, |(_, max)| *max)
}

fn tools(request: &Request, body: &mut Map<String, Value>) -> Result<Option<ToolChoice>, Fault> {
    let choice = request.choice()?;
    let functions = request.functions()?;
    if functions.is_empty() {
        return Ok(None);
    }
    let tools: Vec<Value> = functions
        .into_iter()
        .map(|(function, cache_control)| {
            let schema = function.parameters.clone().filter(Value::is_object);
            let mut schema = schema.unwrap_or_else(|| json!({"properties": {}}));
            // Required here, and left out by many who have no parameters.
            if schema.get("type").is_none() {
                schema["type"] = "object".into();
            }
            let mut tool = json!({"name": function.name, "input_schema": schema});
            if let Some(description) = &function.description {
                tool["description"] = description.clone().into();
            }
            if let Some(strict) = function.strict {
                tool["strict"] = strict.into();
            }
            if let Some(cache_control) = cache_control {
                tool["cache_control"] = cache_control.clone();
            }
            tool
        })
        .collect();
    body.insert("tools".to_owned(), tools.into());
    let one_at_a_time = request.parallel_tool_calls == Some(false);
    let mut native = match &choice {
        None if !one_at_a_time => return Ok(None),
        None | Some(ToolChoice::Auto) => json!({"type": "auto"}),
        Some(ToolChoice::None) => json!({"type": "none"}),
        Some(ToolChoice::Required) => json!({"type": "any"}),
        Some(ToolChoice::Function(name)) => json!({"type": "tool", "name": name}),
    };
    if one_at_a_time && choice != Some(ToolChoice::None) {
        native["disable_parallel_tool_use"] = true.into();
    }
    body.insert("tool_choice".to_owned(), native);
    Ok(choice)
}

fn output(request: &Request, system: &mut Vec<Value>, body: &mut Map<String, Value>) {
    match &request.response_format {
        Some(ResponseFormat::JsonSchema { json_schema }) => {
            let schema = json_schema.schema.clone().unwrap_or_else(|| json!({"type": "object"}));
            body.insert("output_config".to_owned(), json!({"format": {"type": "json_schema", "schema": schema}}));
        }
        Some(ResponseFormat::JsonObject) => system.push(json!({"type": "text", "text": JSON_MODE})),
        Some(ResponseFormat::Text) | None => {}
    }
}

/// Fields that need no more than another name, and those of this API that a client may send as they are.
fn rest(request: &Request, body: &mut Map<String, Value>, dropped: &mut Vec<String>) {
    let user = ["safety_identifier", "user"].into_iter().find_map(|name| request.rest.get(name)?.as_str());
    if let Some(user) = user {
        body.insert("metadata".to_owned(), json!({"user_id": user}));
    }
    match request.rest.get("service_tier").and_then(Value::as_str) {
        None => {}
        Some("auto") => drop(body.insert("service_tier".to_owned(), "auto".into())),
        Some("default" | "standard_only") => drop(body.insert("service_tier".to_owned(), "standard_only".into())),
        Some(_) => dropped.push("service_tier".to_owned()),
    }
    for name in ["top_k", "thinking", "cache_control"] {
        if let Some(value) = request.rest.get(name).filter(|v| !v.is_null()) {
            body.insert(name.to_owned(), value.clone());
        }
    }
}
