//! What Ollama's chat looks like, for the API description.
#![expect(dead_code, reason = "these shapes are described, never built")]

use serde_json::Value;
use utoipa::ToSchema;

/// Ollama's request.
#[derive(ToSchema)]
#[schema(example = json!({"model": "simulator/chat", "messages": [{"role": "user", "content": "Say hello"}]}))]
pub(crate) struct OllamaRequest {
    /// A model of `GET /api/tags`.
    model: String,
    /// The conversation so far.
    messages: Vec<Value>,
    /// A line for each piece of the answer. Default: true.
    stream: Option<bool>,
    /// Functions that the model may call.
    tools: Option<Vec<Value>>,
    /// `json`, or a schema.
    format: Option<Value>,
    /// How to answer: `temperature`, `num_predict`, `stop`, `seed`, …
    options: Option<Value>,
    /// Whether, and how hard, to think.
    think: Option<Value>,
}

/// Ollama's answer, or the last line of it.
#[derive(ToSchema)]
pub(crate) struct OllamaAnswer {
    /// The model that answered.
    model: String,
    /// RFC 3339.
    created_at: String,
    /// `content`, `thinking`, `tool_calls`.
    message: Value,
    /// Whether it is the end.
    done: bool,
    /// `stop` or `length`.
    done_reason: Option<String>,
    /// Tokens of the request.
    prompt_eval_count: Option<i64>,
    /// Tokens of the answer.
    eval_count: Option<i64>,
}
