//! What does a chat completion say, as OpenAI's responses?

use crate::{pivot::Origin, wire::usage};
use proto::usage::Tokens;
use serde_json::{Map, Value, json};

/// What a response repeats of its request, and what stands there for nothing.
const ECHO: &[(&str, &str)] = &[
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("max_tool_calls", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("prompt_cache_key", "null"),
    ("reasoning", "{\"effort\":null,\"summary\":null}"),
    ("safety_identifier", "null"),
    ("service_tier", "\"default\""),
    ("temperature", "1.0"),
    ("text", "{\"format\":{\"type\":\"text\"}}"),
    ("tool_choice", "\"auto\""),
    ("tools", "[]"),
    ("top_logprobs", "0"),
    ("top_p", "1.0"),
    ("truncation", "\"disabled\""),
    ("user", "null"),
];

/// How a response names itself.
#[derive(Clone, Debug)]
pub(in crate::pivot) struct Face {
    /// Ours: without its prefix it begins the ids of its items.
    id: String,
    /// Unix seconds.
    created: i64,
    /// It is kept.
    stored: bool,
    /// As the client named it: what stands there where the provider does not say what it is.
    model: String,
    echo: Map<String, Value>,
}

impl Face {
    /// The id is never the provider's, as some have none.
    pub(in crate::pivot) fn of(request: &Value, origin: Origin<'_>) -> Self {
        let echo = |(name, default): &(&str, &str)| {
            let given = Some(&request[*name]).filter(|value| !value.is_null()).cloned();
            let value = given.unwrap_or_else(|| serde_json::from_str(default).unwrap_or_default());
            ((*name).to_owned(), value)
        };
        let mut echo: Map<String, Value> = ECHO.iter().map(echo).collect();
        echo.insert("previous_response_id".to_owned(), origin.previous.into());
        let model = request["model"].as_str().unwrap_or_default().to_owned();
        Self { id: origin.id.simple().to_string(), created: origin.created, stored: origin.stored, model, echo }
    }

    /// The id of the `n`-th item.
    pub(super) fn item(&self, prefix: &str, n: usize) -> String {
        format!("{prefix}_{}{n:02x}", self.id)
    }

    /// The response as far as it has come.
    pub(super) fn response(&self, model: &Value, status: &str, output: Vec<Value>) -> Map<String, Value> {
        let mut response = self.echo.clone();
        let more = [
            ("id", json!(format!("resp_{}", self.id))),
            ("object", json!("response")),
            ("created_at", json!(self.created)),
            ("status", json!(status)),
            ("background", json!(false)),
            ("error", Value::Null),
            ("incomplete_details", Value::Null),
            ("model", model.as_str().unwrap_or(&self.model).into()),
            ("output", output.into()),
            ("store", json!(self.stored)),
            ("usage", Value::Null),
        ];
        response.extend(more.map(|(name, value)| (name.to_owned(), value)));
        response
    }

    /// The response at its end.
    pub(super) fn ended(&self, model: &Value, reason: Option<&str>, output: Vec<Value>, used: &Tokens) -> Value {
        let cut = match reason {
            Some("length") => Some("max_output_tokens"),
            Some("content_filter") => Some("content_filter"),
            _ => None,
        };
        let mut response = self.response(model, if cut.is_some() { "incomplete" } else { "completed" }, output);
        if let Some(reason) = cut {
            response.insert("incomplete_details".to_owned(), json!({"reason": reason}));
        } else {
            response.insert("completed_at".to_owned(), self.created.into());
        }
        response.insert("usage".to_owned(), told(used));
        response.into()
    }
}

/// A whole response.
pub(in crate::pivot) fn response(face: &Face, chat: &Value, used: &Tokens) -> Value {
    let choice = &chat["choices"][0];
    let said = &choice["message"];
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let mut output = Vec::new();
    if let Some(thought) = text(&said["reasoning_content"]).or_else(|| text(&said["reasoning"])) {
        output.push(reasoning(&face.item("rs", 0), &thought));
    }
    let parts = [text(&said["content"]).map(|text| written(&text)), text(&said["refusal"]).map(|text| refused(&text))];
    let parts: Vec<Value> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        output.push(message(&face.item("msg", output.len()), "completed", parts));
    }
    for call in said["tool_calls"].as_array().into_iter().flatten() {
        let (function, id) = (&call["function"], face.item("fc", output.len()));
        let arguments = function["arguments"].as_str().filter(|text| !text.is_empty()).unwrap_or("{}");
        let name = function["name"].as_str().unwrap_or_default();
        output.push(called(&id, call["id"].as_str().unwrap_or_default(), name, arguments, "completed"));
    }
    face.ended(&chat["model"], choice["finish_reason"].as_str(), output, used)
}

pub(super) fn reasoning(id: &str, text: &str) -> Value {
    json!({"type": "reasoning", "id": id, "summary": [{"type": "summary_text", "text": text}]})
}

pub(super) fn message(id: &str, status: &str, content: Vec<Value>) -> Value {
    json!({"type": "message", "id": id, "status": status, "role": "assistant", "content": content})
}

pub(super) fn written(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

pub(super) fn refused(text: &str) -> Value {
    json!({"type": "refusal", "refusal": text})
}

pub(super) fn called(id: &str, call: &str, name: &str, arguments: &str, status: &str) -> Value {
    json!({
        "type": "function_call", "id": id, "call_id": call, "name": name, "arguments": arguments, "status": status,
    })
}

fn told(used: &Tokens) -> Value {
    let (asked, answered) = usage::sums(used);
    let written = used.cache_write_5m + used.cache_write_1h;
    json!({
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": used.cache_read, "cache_write_tokens": written},
        "output_tokens": answered, "output_tokens_details": {"reasoning_tokens": used.reasoning},
        "total_tokens": asked + answered,
    })
}
