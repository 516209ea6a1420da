//! `POST /v1/chat/completions`.

use super::{
    inference::{self, Raw},
    schema,
    wishes::Wishes,
};
use crate::{app::Shared, auth::Caller, error::Result};
use axum::{extract::State, response::Response};
use proto::gateway::Operation;

/// Create a chat completion.
///
/// OpenAI's `chat/completions`, whole: fields that are not listed here reach the provider untouched. `model` is an
/// alias of the workspace's routing, an exact model name, `<provider name>/<model>` or `<provider kind>/<model>`. With `stream: true` the answer is a
/// stream of server-sent events that ends with `data: [DONE]`; one that fails after its first byte ends with a
/// `data: {"error": …}` event and without `[DONE]`; so does one whose quota or budget is spent on the way, where the
/// workspace wants that, with the code `budget_exceeded`.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "Models",
    params(Wishes),
    request_body(content = schema::ChatRequest, content_type = "application/json"),
    responses((status = 200, description = "The completion", content(
        (schema::ChatCompletion = "application/json"),
        (String = "text/event-stream"),
    ))),
)]
pub(crate) async fn create_chat_completion(
    State(app): State<Shared>,
    Caller(call): Caller,
    wishes: Wishes,
    Raw(body): Raw,
) -> Result<Response> {
    inference::answer(&app, &call, wishes, Operation::ChatCompletions, body).await
}
