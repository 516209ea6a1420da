//! `POST /v1/messages`, `POST /v1/messages/count_tokens`.

use super::schema;
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    openai::{
        inference::{self, Raw},
        wishes::Wishes,
    },
};
use axum::{extract::State, response::Response};
use http::HeaderMap;
use proto::gateway::{CompleteRequest, Operation};
use std::collections::HashMap;

/// What reaches a provider that speaks Anthropic's language.
const PASSED: &[&str] = &["anthropic-version", "anthropic-beta"];

/// Create a message.
///
/// Anthropic's `messages`, in front of any provider: one that speaks Anthropic's language gets the request as it is,
/// others are asked for a chat completion, and their answer is told as a message. With `stream: true` the answer is
/// Anthropic's events; one that fails after its first byte ends with an `error` event and without `message_stop`.
/// The key goes into `x-api-key` or `Authorization: Bearer`.
#[utoipa::path(
    post, path = "/v1/messages", tag = "Models",
    params(Wishes),
    request_body(content = schema::MessagesRequest, content_type = "application/json"),
    responses((status = 200, description = "The message", content(
        (schema::Message = "application/json"),
        (String = "text/event-stream"),
    ))),
)]
pub(crate) async fn create_message(
    State(app): State<Shared>,
    Caller(call): Caller,
    Wishes(wishes): Wishes,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response> {
    let (operation, headers) = (Operation::Messages.into(), passed(&headers));
    inference::ask(&app, &call, CompleteRequest { operation, body, headers, ..wishes }).await
}

/// Count the tokens of a message.
///
/// By the provider, if it counts; else it is our estimate: a token is four bytes.
#[utoipa::path(
    post, path = "/v1/messages/count_tokens", tag = "Models",
    params(Wishes),
    request_body(content = schema::CountRequest, content_type = "application/json"),
    responses((status = 200, description = "The count", body = schema::Count)),
)]
pub(crate) async fn count_message_tokens(
    State(app): State<Shared>,
    Caller(call): Caller,
    Wishes(wishes): Wishes,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response> {
    let (operation, headers) = (Operation::CountTokens.into(), passed(&headers));
    inference::ask(&app, &call, CompleteRequest { operation, body, headers, ..wishes }).await
}

/// What the client says to a provider beside its request.
fn passed(headers: &HeaderMap) -> HashMap<String, String> {
    let text = |name: &&str| Some(((*name).to_owned(), headers.get(*name)?.to_str().ok()?.to_owned()));
    PASSED.iter().filter_map(text).collect()
}
