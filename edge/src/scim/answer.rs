//! What is answered, in the protocol's media type.

use super::version;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, ETAG, LOCATION},
};
use serde_json::Value;

/// A document.
pub(super) fn document(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(serde_json::to_vec(value).unwrap_or_default()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
    response
}

/// A resource, with its version and its address. `shown` is what of it was asked for.
pub(super) fn resource(status: StatusCode, whole: &Value, shown: &Value) -> Response {
    let mut response = document(status, shown);
    let text = |part: &str| whole["meta"][part].as_str().and_then(|text| HeaderValue::try_from(text).ok());
    if let Some(version) = text("version") {
        response.headers_mut().insert(ETAG, version);
    }
    if let (StatusCode::CREATED, Some(location)) = (status, text("location")) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// The caller has this version.
pub(super) fn not_modified(of: i64) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    if let Ok(version) = HeaderValue::try_from(version::of(of)) {
        response.headers_mut().insert(ETAG, version);
    }
    response
}
