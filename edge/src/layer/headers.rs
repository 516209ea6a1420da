//! Headers that every request loses and every answer gets.

use super::REQUEST_ID;
use crate::face::Face;
use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
        STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};
use http_body::Body as _;
use proto::id::RequestId;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-client-request-id");
/// Our pages have no scripts, and nothing from elsewhere.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// What is no page: should a browser show it as one all the same, nothing of it runs.
const NO_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
);
/// Two years are asked for by the lists that browsers bring along.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Drops what only Perpetuo's own processes send to each other.
pub(super) fn drop_internal(headers: &mut HeaderMap) {
    let internal = |name: &HeaderName| name.as_str().starts_with("x-call-") || name.as_str().starts_with("x-peer-");
    while let Some(name) = headers.keys().find(|name| internal(name)).cloned() {
        headers.remove(name);
    }
}

/// An answer to `HEAD`: the headers of the answer to `GET`, and nothing else.
pub(super) fn without_body(response: &mut Response) {
    if let Some(length) = response.body().size_hint().exact().filter(|length| *length > 0) {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert(length.into());
    }
    *response.body_mut() = Body::empty();
}

/// Adds what every answer carries.
pub(super) fn complete(headers: &mut HeaderMap, id: RequestId, client: Option<&HeaderValue>, face: Face, https: bool) {
    if !face.is_management() {
        // What models have answered can be read again (`GET /v1/responses/…`): no cache on the way keeps that either.
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    let id = HeaderValue::try_from(id.to_string()).expect("an id is visible ASCII");
    headers.insert(REQUEST_ID, id);
    if let Some(client) = client {
        headers.insert(CLIENT_REQUEST_ID, client.clone());
    }
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    say_charset(headers);
    // A page that needs another policy brings it.
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(if is_page { POLICY } else { NO_PAGE });
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    if !face.is_management() {
        return;
    }
    if is_page {
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    } else {
        // Answers hold tokens, keys and other people's names: no cache on the way keeps them (RFC 6749 section 5.1).
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
}

/// Text is UTF-8, whoever wrote it and whether or not they said so. JSON has no such parameter (RFC 8259).
fn say_charset(headers: &mut HeaderMap) {
    let Some(kind) = headers.get_mut(CONTENT_TYPE) else { return };
    if kind.as_bytes() == b"text/event-stream" {
        *kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
    } else if let Ok(text) = kind.to_str()
        && text.starts_with("text/")
        && !text.to_ascii_lowercase().contains("charset=")
        && let Ok(whole) = HeaderValue::try_from(format!("{text}; charset=utf-8"))
    {
        *kind = whole;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_peers_say_to_each_other_cannot_come_from_outside() {
        let names = ["x-call-bin", "X-Peer-Token", "x-call-bin", "x-calls", "authorization"];
        let mut headers = HeaderMap::new();
        for name in names {
            headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::from_static("1"));
        }
        drop_internal(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["authorization", "x-calls"]);
    }

    #[test]
    fn text_says_that_it_is_utf_8_and_nothing_else_does() {
        for (given, told) in [
            ("text/event-stream", "text/event-stream; charset=utf-8"),
            ("text/plain", "text/plain; charset=utf-8"),
            ("text/csv; charset=UTF-8; header=present", "text/csv; charset=UTF-8; header=present"),
            ("application/json", "application/json"),
            ("audio/mpeg", "audio/mpeg"),
        ] {
            let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(given))]);
            say_charset(&mut headers);
            assert_eq!(headers[CONTENT_TYPE], told);
        }
    }
}
