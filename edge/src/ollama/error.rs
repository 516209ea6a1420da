//! A failure as Ollama's clients expect it.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use proto::Failure;
use serde::Serialize;
use utoipa::ToSchema;

/// The body of every failed request.
#[derive(Serialize, ToSchema)]
#[schema(as = OllamaError, example = json!({"error": "no provider of this workspace serves the model llama9"}))]
pub(crate) struct Body {
    /// One sentence that says what to change.
    error: String,
    /// The reason, for programs.
    code: &'static str,
}

/// Turns `response` into the failure's document.
pub(crate) fn render(response: &mut Response, failure: &Failure) {
    let status = StatusCode::from_u16(failure.reason.openai_http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.body_mut() = json(failure).into();
}

/// The failure's document as JSON, for a body or for a line of a stream.
pub(crate) fn json(failure: &Failure) -> Vec<u8> {
    let body = Body { error: failure.message.clone(), code: failure.reason.openai_code() };
    serde_json::to_vec(&body).unwrap_or_default()
}
