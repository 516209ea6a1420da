//! A failure as a problem document (RFC 9457). With `openai::error` the only file that knows HTTP statuses.

use super::used_up;
use crate::{face::Context, facts};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use proto::Failure;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The body of every failed request of the management API.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "type": "/docs/errors/INVALID_ARGUMENT", "title": "A field is missing, unknown or of the wrong type",
    "status": 400, "detail": "email is missing", "instance": "/api/v1/auth/signup", "code": "INVALID_ARGUMENT",
    "request_id": "req_01k9tq6j3se5mb1pt2xdv6q3kz", "errors": [{"field": "email", "message": "is missing"}],
}))]
pub(crate) struct Problem<'a> {
    /// A page that explains this kind of failure.
    r#type: String,
    /// What happened, in a few words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// One sentence that says what to change.
    detail: &'a str,
    /// The path that was asked.
    instance: &'a str,
    /// The reason, for programs.
    code: &'a str,
    /// The request's id, as in `x-request-id`.
    request_id: String,
    /// What is wrong with the input, field by field.
    errors: Vec<FieldError<'a>>,
    /// Facts of this kind of failure, by name: on 402 and 429 `layer`, `kind`, `limit`, `used`, `limits_url`; where a limit of the
    /// plan is reached also `error`, `plan`, `<resource>_used`, `<resource>_limit` and `upgrade_url`.
    #[serde(flatten)]
    facts: Map<String, Value>,
}

/// A field of the input that is wrong.
#[derive(Serialize, ToSchema)]
struct FieldError<'a> {
    /// Its path in the body, or the name of the parameter.
    field: &'a str,
    /// What it must be.
    message: &'a str,
}

/// Turns `response` into the failure's document.
pub(crate) fn render(response: &mut Response, failure: &Failure, context: &Context<'_>) {
    let reason = failure.reason;
    let status = StatusCode::from_u16(reason.http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut facts = facts::of(failure);
    used_up::complete(&mut facts, failure, context.plans_url);
    // A fact may not stand in for a member of the document.
    for member in ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"] {
        facts.remove(member);
    }
    let problem = Problem {
        r#type: crate::docs::error_page(reason),
        title: reason.title(),
        status: status.as_u16(),
        detail: &failure.message,
        instance: context.path,
        code: reason.as_str(),
        request_id: context.id.to_string(),
        errors: failure.fields.iter().map(|(field, message)| FieldError { field, message }).collect(),
        facts,
    };
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    *response.body_mut() = serde_json::to_vec(&problem).unwrap_or_default().into();
}
