//! What messages look like, for the API description. The bytes themselves pass through unread.
#![expect(dead_code, reason = "these shapes are described, never built: the body passes through as it came")]

use serde_json::Value;
use utoipa::ToSchema;

/// Anthropic's request. Fields that are not listed reach a provider that speaks Anthropic's language.
#[derive(ToSchema)]
#[schema(example = json!({
    "model": "simulator/chat", "max_tokens": 100, "messages": [{"role": "user", "content": "Say hello"}],
}))]
pub(crate) struct MessagesRequest {
    /// A model of `GET /v1/models`, or `<provider name>/<model>`.
    model: String,
    /// The most tokens that the answer may have.
    max_tokens: i64,
    /// The conversation so far.
    messages: Vec<Turn>,
    /// Instructions: a text, or blocks of text.
    system: Option<Value>,
    /// Answer as events while the text is made.
    stream: Option<bool>,
    /// Tools that the model may use.
    tools: Option<Vec<Value>>,
    /// How freely to choose, 0 to 1.
    temperature: Option<f64>,
    /// Texts at which the answer ends.
    stop_sequences: Option<Vec<String>>,
}

/// A request whose tokens are counted.
#[derive(ToSchema)]
#[schema(example = json!({"model": "simulator/chat", "messages": [{"role": "user", "content": "Say hello"}]}))]
pub(crate) struct CountRequest {
    /// As in a request for a message.
    model: String,
    /// The conversation so far.
    messages: Vec<Turn>,
    /// Instructions.
    system: Option<Value>,
    /// Tools that the model may use.
    tools: Option<Vec<Value>>,
}

/// A count of tokens.
#[derive(ToSchema)]
pub(crate) struct Count {
    /// Of the whole request.
    input_tokens: i64,
}

/// One turn of a conversation.
#[derive(ToSchema)]
pub(crate) struct Turn {
    /// `user` or `assistant`.
    role: String,
    /// A text, or an array of blocks.
    content: Value,
}

/// Anthropic's answer.
#[derive(ToSchema)]
pub(crate) struct Message {
    /// The provider's id of the message.
    id: String,
    /// Always `message`.
    r#type: String,
    /// Always `assistant`.
    role: String,
    /// The model that answered.
    model: String,
    /// Blocks: `text`, `thinking`, `tool_use`.
    content: Vec<Value>,
    /// `end_turn`, `max_tokens`, `stop_sequence`, `tool_use` or `refusal`.
    stop_reason: Option<String>,
    /// Tokens used; `input_tokens` is without what is cached.
    usage: Value,
}
