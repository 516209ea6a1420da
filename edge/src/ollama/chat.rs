//! `POST /api/chat`.

use super::{lines, schema};
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
use proto::gateway::Operation;

/// Chat as Ollama does.
///
/// Ollama's `/api/chat`, in front of any provider: it is asked as a chat completion, and the answer is told in Ollama's
/// words. It streams unless `stream` is false: a JSON document in each line, the last one with `"done": true`; one that fails
/// ends with a line that has `error`.
#[utoipa::path(
    post, path = "/api/chat", tag = "Models",
    params(Wishes),
    request_body(content = schema::OllamaRequest, content_type = "application/json"),
    responses((status = 200, description = "Ollama's answer", content(
        (schema::OllamaAnswer = "application/json"),
        (String = "application/x-ndjson"),
    ))),
)]
pub(crate) async fn create_ollama_chat(
    State(app): State<Shared>,
    Caller(call): Caller,
    wishes: Wishes,
    Raw(body): Raw,
) -> Result<Response> {
    inference::answer(&app, &call, wishes, Operation::OllamaChat, body).await.map(lines::of_events)
}
