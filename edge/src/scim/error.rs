//! A failure as directories expect it (RFC 7644, 3.12).

use axum::response::Response;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use proto::{Failure, Reason};
use serde::Serialize;
use utoipa::ToSchema;

/// The fact of a failure that is its `scimType`.
pub(super) const FACT: &str = "scim_type";

/// The body of every failed request under `/scim/v2`.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimError, example = json!({
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409", "scimType": "uniqueness",
    "detail": "the directory has a user called ana@acme.example already: change that one",
}))]
pub(crate) struct Body<'a> {
    /// Always that of errors.
    schemas: [&'a str; 1],
    /// The HTTP status.
    status: String,
    /// What is wrong, in the protocol's words, where it has one.
    #[serde(rename = "scimType", skip_serializing_if = "Option::is_none")]
    scim_type: Option<&'a str>,
    /// One sentence that says what to change.
    detail: &'a str,
}

/// Turns `response` into the failure's document.
pub(crate) fn render(response: &mut Response, failure: &Failure) {
    let status = status(failure.reason);
    let scim_type = failure.get(FACT).or_else(|| kind(failure.reason));
    let body = Body {
        schemas: [scim_v2::schema_urns::ERROR],
        status: status.to_string(),
        scim_type,
        detail: &failure.message,
    };
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
    *response.body_mut() = serde_json::to_vec(&body).unwrap_or_default().into();
}

/// The protocol knows no 422, and no directory that a seat has to be paid for: it may not.
const fn status(reason: Reason) -> u16 {
    match reason.http() {
        422 => 400,
        402 => 403,
        status => status,
    }
}

const fn kind(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::MalformedRequest => Some("invalidSyntax"),
        Reason::InvalidArgument | Reason::RefusedValue => Some("invalidValue"),
        Reason::EmailTaken => Some("uniqueness"),
        _ => None,
    }
}

/// What is sent cannot be read as what it must be.
pub(super) fn syntax(why: impl Into<String>) -> Failure {
    Reason::MalformedRequest.with(why).fact(FACT, "invalidSyntax")
}

/// A value is not what the attribute takes.
pub(super) fn value(attribute: &str, problem: &str) -> Failure {
    Reason::RefusedValue.with(format!("{attribute} {problem}")).fact(FACT, "invalidValue").field(attribute, problem)
}

/// A filter that cannot be read, or compares what cannot be compared.
pub(super) fn filter(why: impl Into<String>) -> Failure {
    Reason::InvalidArgument.with(why).fact(FACT, "invalidFilter")
}

/// The path of a change leads nowhere.
pub(super) fn path(why: impl Into<String>) -> Failure {
    Reason::InvalidArgument.with(why).fact(FACT, "invalidPath")
}

/// The path of a change names values that are not there.
pub(super) fn no_target(path: &str) -> Failure {
    Reason::InvalidArgument.with(format!("{path} names nothing that is there")).fact(FACT, "noTarget")
}

/// The attribute is not changed in this way.
pub(super) fn mutability(why: impl Into<String>) -> Failure {
    Reason::RefusedValue.with(why).fact(FACT, "mutability")
}

/// It would take too long to answer.
pub(super) fn too_many(why: impl Into<String>) -> Failure {
    Reason::RefusedValue.with(why).fact(FACT, "tooMany")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(failure: &Failure) -> (u16, serde_json::Value) {
        let mut response = Response::new(axum::body::Body::empty());
        render(&mut response, failure);
        let status = response.status().as_u16();
        let bytes = futures::executor::block_on(axum::body::to_bytes(response.into_body(), 4096)).expect("a body");
        (status, serde_json::from_slice(&bytes).expect("JSON"))
    }

    #[test]
    fn failures_have_the_shape_and_the_words_of_the_protocol() {
        let (status, body) = rendered(&value("active", "must be true or false"));
        assert_eq!(status, 400);
        assert_eq!(body["schemas"], serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(body["status"], "400");
        assert_eq!(body["scimType"], "invalidValue");
        assert_eq!(body["detail"], "active must be true or false");
    }

    #[test]
    fn what_no_directory_understands_is_told_in_other_words() {
        assert_eq!(rendered(&Reason::QuotaExceeded.with("no seat")).0, 403);
        let (status, body) = rendered(&Reason::NotFound.with("nobody"));
        assert_eq!((status, body.get("scimType")), (404, None));
        assert_eq!(rendered(&Reason::PreconditionFailed.with("changed")).0, 412);
    }
}
