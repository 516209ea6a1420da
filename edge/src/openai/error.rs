//! A failure as OpenAI's clients expect it. With `api::problem` the only file that knows HTTP statuses.

use super::rate;
use crate::face::Context;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use proto::Failure;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The body of every failed request under `/v1`.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenAiError, example = json!({"error": {
    "message": "no provider of this workspace serves the model gpt-9",
    "type": "invalid_request_error", "param": "model", "code": "model_not_found",
}}))]
pub(crate) struct Body {
    /// What went wrong.
    error: Detail,
}

/// What went wrong, in OpenAI's words.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenAiErrorDetail)]
struct Detail {
    /// One sentence that says what to change.
    message: String,
    /// OpenAI's family of errors, for instance `invalid_request_error`.
    r#type: &'static str,
    /// The first parameter that is wrong.
    param: Option<String>,
    /// The reason, for programs.
    code: &'static str,
    /// On 402 and 429 only: `layer`, `kind`, `limit`, `used`, `remaining`, `reset_ms` and `limits_url`.
    #[serde(flatten)]
    limit: Map<String, Value>,
}

/// Turns `response` into the failure's document.
pub(crate) fn render(response: &mut Response, failure: &Failure, _: &Context<'_>) {
    let status = StatusCode::from_u16(failure.reason.openai_http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    rate::refused(response.headers_mut(), failure);
    *response.body_mut() = json(failure).into();
}

/// The failure's document as JSON, for a body or for an event of a stream.
pub(crate) fn json(failure: &Failure) -> Vec<u8> {
    let reason = failure.reason;
    let limit = if crate::facts::is_limit(reason) { crate::facts::of(failure) } else { Map::new() };
    let detail = Detail {
        message: failure.message.clone(),
        r#type: reason.openai_type(),
        param: failure.fields.first().map(|(name, _)| name.clone()).or_else(|| failure.get("param").map(str::to_owned)),
        code: reason.openai_code(),
        limit,
    };
    serde_json::to_vec(&Body { error: detail }).unwrap_or_default()
}

/// The failure as an event of OpenAI's responses, which says the same without an object around it.
pub(crate) fn responses_json(failure: &Failure) -> Vec<u8> {
    let number = failure.get("sequence_number").and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
    let param = failure.fields.first().map(|(name, _)| name.as_str());
    let event = serde_json::json!({
        "type": "error", "code": failure.reason.openai_code(), "message": failure.message, "param": param,
        "sequence_number": number,
    });
    event.to_string().into_bytes()
}
