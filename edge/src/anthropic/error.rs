//! A failure as Anthropic's clients expect it.

use crate::{face::Context, openai::rate};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use proto::Failure;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The body of every failed request under `/v1/messages`.
#[derive(Serialize, ToSchema)]
#[schema(as = AnthropicError, example = json!({"type": "error", "error": {
    "type": "not_found_error", "message": "no provider of this workspace serves the model claude-9",
}}))]
pub(crate) struct Body {
    /// Always `error`.
    r#type: &'static str,
    /// What went wrong.
    error: Detail,
    /// The request's id, as in `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// What went wrong, in Anthropic's words.
#[derive(Serialize, ToSchema)]
#[schema(as = AnthropicErrorDetail)]
struct Detail {
    /// Anthropic's family of errors, for instance `invalid_request_error`.
    r#type: &'static str,
    /// One sentence that says what to change.
    message: String,
    /// The reason, for programs.
    code: &'static str,
    /// On 402 and 429 only: `layer`, `kind`, `limit`, `used`, `remaining`, `reset_ms` and `limits_url`.
    #[serde(flatten)]
    limit: Map<String, Value>,
}

/// Turns `response` into the failure's document.
pub(crate) fn render(response: &mut Response, failure: &Failure, context: &Context<'_>) {
    let status = StatusCode::from_u16(failure.reason.openai_http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    rate::refused(response.headers_mut(), failure);
    *response.body_mut() = document(failure, Some(context.id.to_string())).into();
}

/// The failure's document as JSON, for an event of a stream.
pub(crate) fn json(failure: &Failure) -> Vec<u8> {
    document(failure, None)
}

fn document(failure: &Failure, request_id: Option<String>) -> Vec<u8> {
    let reason = failure.reason;
    let limit = if crate::facts::is_limit(reason) { crate::facts::of(failure) } else { Map::new() };
    let (r#type, code) = (kind(reason.openai_http()), reason.openai_code());
    let error = Detail { r#type, message: failure.message.clone(), code, limit };
    serde_json::to_vec(&Body { r#type: "error", error, request_id }).unwrap_or_default()
}

/// Anthropic's name for a status (docs.anthropic.com, "Errors").
const fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        503 => "overloaded_error",
        504 => "timeout_error",
        _ => "api_error",
    }
}
