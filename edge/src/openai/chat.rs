//! `POST /v1/chat/completions`.

use super::{
    inference::{self, Raw},
    schema, wishes,
};
use crate::{
    api::repeat::{KEY, MISMATCH},
    app::Shared,
    auth::Caller,
    error::Result,
};
use axum::{extract::State, response::Response};
use http::HeaderMap;
use proto::gateway::{CompleteRequest, Operation};

/// Create a chat completion.
///
/// OpenAI's `chat/completions`, whole: fields that are not listed here reach the provider untouched. `model` is an
/// alias of the workspace's routing, an exact model name, `<provider name>/<model>` or `<provider kind>/<model>`. With `stream: true` the answer is a
/// stream of server-sent events that ends with `data: [DONE]`; one that fails after its first byte ends with a
/// `data: {"error": …}` event and without `[DONE]`; so does one whose quota or budget is spent on the way, where the
/// workspace wants that, with the code `budget_exceeded`.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "Models",
    params(("Idempotency-Key" = Option<String>, Header, description = KEY), ("Cache-Control" = Option<String>, Header, description = "`no-cache`: not an answer that was given before; \
        `no-store`: nor keep this one"), ("x-perpetuo-explain" = Option<String>, Header, description = "`1`: the request's log says in `routing` who \
        could have answered, why each did not, what it would have cost and how long each attempt took")),
    request_body(content = schema::ChatRequest, content_type = "application/json"),
    responses((status = 200, description = "The completion", headers(
        ("x-perpetuo-provider" = String, description = "Name of the provider that answered"),
        ("x-perpetuo-model" = String, description = "The model as the provider knows it"),
        ("idempotent-replayed" = String, description = "`true` on an answer that was given before"),
        ("x-perpetuo-cache" = String, description = "`hit`: the answer was given before; `similar`: to a request that means the same; `miss`: it may be given again"),
        ("x-perpetuo-attempts" = i32, description = "How many attempts were made"),
        ("x-perpetuo-dropped" = String, description = "Fields of the request that the provider cannot take and was not sent, separated by commas; which those are is in /docs/providers"),
        ("x-perpetuo-guardrails" = String, description = "What guardrails found until the head left: `name;input;redact=2`, separated by commas. What they find in a stream is in its log"),
        ("x-perpetuo-overhead-us" = i64, description = "Our own time until the head, in microseconds"),
        ("x-ratelimit-limit-requests" = i64, description = "Requests per minute, where limited; `-tokens` likewise"),
        ("x-ratelimit-remaining-requests" = i64, description = "What is left of it"),
        ("x-ratelimit-reset-requests" = String, description = "Until all of it is available again: `1s`, `6m0s`"),
    ), content(
        (schema::ChatCompletion = "application/json"),
        (String = "text/event-stream"),
    )), (status = 409, description = MISMATCH)),
)]
pub(crate) async fn create_chat_completion(
    State(app): State<Shared>,
    Caller(call): Caller,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response> {
    let operation = Operation::ChatCompletions.into();
    let request = CompleteRequest { operation, body, ..wishes::read(&headers) };
    inference::ask(&app, &call, request).await
}
