//! `POST /v1/completions`.

use super::{
    inference::{self, Raw},
    wishes::Wishes,
};
use crate::{app::Shared, auth::Caller, error::Result};
use axum::{extract::State, response::Response};
use proto::gateway::Operation;
use serde_json::Value;
use utoipa::ToSchema;

/// OpenAI's request. Fields that are not listed pass through to a provider that has completions.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
#[schema(example = json!({"model": "simulator/chat", "prompt": "Once upon a time"}))]
pub(crate) struct CompletionRequest {
    /// A model of `GET /v1/models`, or `<provider name>/<model>`.
    model: String,
    /// The text to complete.
    prompt: Value,
    /// The most tokens that the answer may have.
    max_tokens: Option<i64>,
    /// Answer as events while the text is made.
    stream: Option<bool>,
}

/// OpenAI's completion.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
pub(crate) struct Completion {
    /// Its id.
    id: String,
    /// Always `text_completion`.
    object: String,
    /// The texts, as many as `n` asked for.
    choices: Vec<Value>,
    /// Tokens used.
    usage: Option<Value>,
}

/// Create a completion of a prompt.
///
/// OpenAI's former `completions`, in front of any provider: one without them is asked for a chat completion in which the
/// user says the prompt.
#[utoipa::path(
    post, path = "/v1/completions", tag = "Models",
    params(Wishes),
    request_body(content = CompletionRequest, content_type = "application/json"),
    responses((status = 200, description = "OpenAI's completion", content(
        (Completion = "application/json"),
        (String = "text/event-stream"),
    ))),
)]
pub(crate) async fn create_completion(
    State(app): State<Shared>,
    Caller(call): Caller,
    wishes: Wishes,
    Raw(body): Raw,
) -> Result<Response> {
    inference::answer(&app, &call, wishes, Operation::Completions, body).await
}
