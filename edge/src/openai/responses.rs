//! `POST /v1/responses`; what is kept of them: `responses/kept.rs`.

pub(super) mod kept;

use super::{
    inference::{self, Raw},
    wishes::Wishes,
};
use crate::{app::Shared, auth::Caller, error::Result};
use axum::{extract::State, response::Response};
use proto::gateway::Operation;
use serde_json::Value;
use utoipa::ToSchema;

/// OpenAI's request. Fields that are not listed reach a provider that has responses.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
#[schema(example = json!({"model": "simulator/chat", "input": "Say hello"}))]
pub(crate) struct ResponsesRequest {
    /// A model of `GET /v1/models`, or `<provider name>/<model>`.
    model: String,
    /// A text, or an array of items.
    input: Value,
    /// Instructions.
    instructions: Option<String>,
    /// Answer as events while the text is made.
    stream: Option<bool>,
    /// Keep the response (the default): `GET /v1/responses/{id}` has it then, and the next request may continue it.
    store: Option<bool>,
    /// The kept response that this one continues, whichever provider answered then.
    previous_response_id: Option<String>,
    /// The most tokens that the answer may have.
    max_output_tokens: Option<i64>,
    /// Functions that the model may call.
    tools: Option<Vec<Value>>,
    /// `effort`: how hard to think.
    reasoning: Option<Value>,
    /// `format`: which form the text must have.
    text: Option<Value>,
}

/// OpenAI's response.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
pub(crate) struct ModelResponse {
    /// Its id.
    id: String,
    /// Always `response`.
    object: String,
    /// `completed`, `incomplete`, `failed` or `in_progress`.
    status: String,
    /// The model that answered.
    model: String,
    /// Items: `message`, `function_call`, `reasoning`.
    output: Vec<Value>,
    /// Tokens used.
    usage: Option<Value>,
}

/// Create a response.
///
/// OpenAI's `responses`, in front of any provider: one that has them gets the request as it is, others are asked for a
/// chat completion, and their answer is told as a response. With `stream: true` the answer is OpenAI's events; one that
/// fails after its first byte ends with an `error` event and without `response.completed`.
///
/// Unless `store` is false, a finished response is kept, sealed, for the days that the workspace's routing settings name
/// (`responses.keep_days`), and `previous_response_id` goes on with it: the provider that made it gets the request as it is,
/// if it has responses; every other one gets the whole conversation. `background` and `conversation` are not offered.
#[utoipa::path(
    post, path = "/v1/responses", tag = "Models",
    params(Wishes),
    request_body(content = ResponsesRequest, content_type = "application/json"),
    responses((status = 200, description = "OpenAI's response", content(
        (ModelResponse = "application/json"),
        (String = "text/event-stream"),
    ))),
)]
pub(crate) async fn create_response(
    State(app): State<Shared>,
    Caller(call): Caller,
    wishes: Wishes,
    Raw(body): Raw,
) -> Result<Response> {
    inference::answer(&app, &call, wishes, Operation::Responses, body).await
}
