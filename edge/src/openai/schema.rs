//! What chat completions look like, for the API description. The bytes themselves pass through unread.
#![expect(dead_code, reason = "these shapes are described, never built: the body passes through as it came")]

use serde_json::Value;
use utoipa::ToSchema;

/// OpenAI's request. Fields that are not listed pass through to the provider.
#[derive(ToSchema)]
#[schema(example = json!({
    "model": "simulator/chat", "messages": [{"role": "user", "content": "Say hello"}],
}))]
pub(crate) struct ChatRequest {
    /// A model of `GET /v1/models`, or `<provider name>/<model>`.
    model: String,
    /// The conversation so far.
    messages: Vec<ChatMessage>,
    /// Answer as server-sent events while the text is made.
    stream: Option<bool>,
    /// Options of a stream.
    stream_options: Option<StreamOptions>,
    /// The most tokens that the answer may have.
    max_completion_tokens: Option<i64>,
    /// How freely to choose, 0 to 2.
    temperature: Option<f64>,
    /// Functions that the model may call.
    tools: Option<Vec<Value>>,
    /// `text`, `json_object` or `json_schema`.
    response_format: Option<Value>,
}

/// Options of a stream.
#[derive(ToSchema)]
pub(crate) struct StreamOptions {
    /// Send one more chunk, with the usage and without choices, before `[DONE]`.
    include_usage: Option<bool>,
}

/// One message of a conversation.
#[derive(ToSchema)]
pub(crate) struct ChatMessage {
    /// `system`, `developer`, `user`, `assistant` or `tool`.
    role: String,
    /// Text, or an array of parts.
    content: Option<Value>,
}

/// OpenAI's answer.
#[derive(ToSchema)]
pub(crate) struct ChatCompletion {
    /// The provider's id of the completion.
    id: String,
    /// Always `chat.completion`.
    object: String,
    /// Unix seconds.
    created: i64,
    /// The model that answered.
    model: String,
    /// The answers, as many as `n` asked for.
    choices: Vec<ChatChoice>,
    /// Tokens used.
    usage: Option<ChatUsage>,
}

/// One answer.
#[derive(ToSchema)]
pub(crate) struct ChatChoice {
    /// Its place.
    index: i32,
    /// What the model says.
    message: ChatMessage,
    /// `stop`, `length`, `tool_calls` or `content_filter`.
    finish_reason: Option<String>,
}

/// Tokens used.
#[derive(ToSchema)]
pub(crate) struct ChatUsage {
    /// Input.
    prompt_tokens: i64,
    /// Output.
    completion_tokens: i64,
    /// Both.
    total_tokens: i64,
}
