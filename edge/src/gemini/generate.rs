//! `POST /v1beta/models/{model}:generateContent`, `…:streamGenerateContent`.

use super::schema;
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result, not_found},
    openai::{
        inference::{self, Raw},
        wishes::Wishes,
    },
};
use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::Response,
};
use proto::{Reason, gateway::Operation};
use serde_json::{Map, Value};

/// Generate content.
///
/// Gemini's `generateContent` and `streamGenerateContent` (as events, whatever `alt` says), in front of any provider: it is
/// asked as a chat completion, and the answer is told in Gemini's words. The path ends with the model, a colon and one of the
/// two. The key goes into `x-goog-api-key` or `Authorization: Bearer`, never into the address.
#[utoipa::path(
    post, path = "/v1beta/models/{*model}", tag = "Models",
    params(("model" = String, Path, description = "The model and what to do: `simulator/chat:generateContent`"), Wishes),
    request_body(content = schema::GenerateRequest, content_type = "application/json"),
    responses((status = 200, description = "Gemini's response", content(
        (schema::GenerateResponse = "application/json"),
        (String = "text/event-stream"),
    ))),
)]
pub(crate) async fn generate_content(
    State(app): State<Shared>,
    Caller(call): Caller,
    path: Result<Path<String>, PathRejection>,
    wishes: Wishes,
    Raw(body): Raw,
) -> Result<Response> {
    let Path(path) = path.map_err(|_| not_found("the name of the model is no text"))?;
    let (model, verb) = path.rsplit_once(':').unwrap_or((path.as_str(), ""));
    let stream = match verb {
        "generateContent" => false,
        "streamGenerateContent" => true,
        _ => {
            let what = "the path must end with :generateContent or :streamGenerateContent";
            return Err(not_found(what));
        }
    };
    let mut fields: Map<String, Value> = serde_json::from_slice(&body).map_err(malformed)?;
    fields.insert("model".to_owned(), model.into());
    fields.insert("stream".to_owned(), stream.into());
    let body = Value::from(fields).to_string().into();
    inference::answer(&app, &call, wishes, Operation::GenerateContent, body).await
}

fn malformed(error: serde_json::Error) -> Error {
    Reason::MalformedRequest.with(format!("the body is not a JSON object: {error}")).into()
}
