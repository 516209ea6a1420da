//! A failure as Google's clients expect it (AIP-193).

use axum::response::Response;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use proto::Failure;
use serde::Serialize;
use utoipa::ToSchema;

/// The body of every failed request under `/v1beta`.
#[derive(Serialize, ToSchema)]
#[schema(as = GeminiError, example = json!({"error": {"code": 404, "message": "no provider serves it", "status": "NOT_FOUND"}}))]
pub(crate) struct Body {
    /// What went wrong.
    error: Detail,
}

/// What went wrong, in Google's words.
#[derive(Serialize, ToSchema)]
#[schema(as = GeminiErrorDetail)]
struct Detail {
    /// The HTTP status.
    code: u16,
    /// One sentence that says what to change.
    message: String,
    /// Google's name for the family.
    status: &'static str,
    /// The reason, for programs.
    reason: &'static str,
}

/// Turns `response` into the failure's document.
pub(crate) fn render(response: &mut Response, failure: &Failure) {
    let status = StatusCode::from_u16(failure.reason.openai_http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.body_mut() = json(failure).into();
}

/// The failure's document as JSON, for a body or for an event of a stream.
pub(crate) fn json(failure: &Failure) -> Vec<u8> {
    let reason = failure.reason;
    let code = reason.openai_http();
    let error = Detail { code, message: failure.message.clone(), status: name(code), reason: reason.as_str() };
    serde_json::to_vec(&Body { error }).unwrap_or_default()
}

/// Google's name for a status (cloud.google.com/apis/design/errors).
const fn name(status: u16) -> &'static str {
    match status {
        400 | 413 | 415 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        402 => "FAILED_PRECONDITION",
        403 => "PERMISSION_DENIED",
        404 | 405 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        502 | 503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "INTERNAL",
    }
}
