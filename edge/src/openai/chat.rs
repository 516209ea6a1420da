//! `POST /v1/chat/completions`.

use super::{
    inference::{self, Raw},
    schema,
};
use crate::{app::Shared, auth::Caller, error::Result};
use axum::{extract::State, response::Response};
use proto::gateway::Operation;

/// Create a chat completion.
///
/// OpenAI's `chat/completions`, whole: fields that are not listed here reach the provider untouched. `model` is an
/// exact model name, `<provider name>/<model>` or `<provider kind>/<model>`. With `stream: true` the answer is a
/// stream of server-sent events that ends with `data: [DONE]`; one that fails after its first byte ends with a
/// `data: {"error": …}` event and without `[DONE]`; so does one whose quota or budget is spent on the way, where the
/// workspace wants that, with the code `budget_exceeded`.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "Models",
    request_body(content = schema::ChatRequest, content_type = "application/json"),
    responses((status = 200, description = "The completion", headers(
        ("x-perpetuo-provider" = String, description = "Name of the provider that answered"),
        ("x-perpetuo-model" = String, description = "The model as the provider knows it"),
        ("x-perpetuo-attempts" = i32, description = "How many attempts were made"),
        ("x-perpetuo-overhead-us" = i64, description = "Our own time until the head, in microseconds"),
        ("x-ratelimit-limit-requests" = i64, description = "Requests per minute, where limited; `-tokens` likewise"),
        ("x-ratelimit-remaining-requests" = i64, description = "What is left of it"),
        ("x-ratelimit-reset-requests" = String, description = "Until all of it is available again: `1s`, `6m0s`"),
    ), content(
        (schema::ChatCompletion = "application/json"),
        (String = "text/event-stream"),
    ))),
)]
pub(crate) async fn create_chat_completion(
    State(app): State<Shared>,
    Caller(call): Caller,
    Raw(body): Raw,
) -> Result<Response> {
    inference::answer(&app, &call, Operation::ChatCompletions, body).await
}
