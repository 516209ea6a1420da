//! The span of a request, and the trace that it belongs to.

use super::Seen;
use host::telemetry;
use http::{HeaderMap, HeaderName, StatusCode};
use std::sync::Arc;
use tracing::{Span, field};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// A W3C `traceparent` of version 00 has 55 characters; later versions may have more.
const MAX_LENGTH: usize = 128;

/// Opens the span, as a child of the client's trace if it sent one, and tells what services continue.
pub(super) fn open(seen: &Seen, headers: &HeaderMap) -> (Span, Option<Arc<str>>) {
    let span = tracing::info_span!(
        parent: None,
        "request",
        request_id = %seen.id,
        workspace_id = field::Empty,
        user_id = field::Empty,
        impersonator_id = field::Empty,
        key_id = field::Empty,
        otel.name = field::Empty,
        otel.kind = field::Empty,
        otel.status_code = field::Empty,
        http.request.method = field::Empty,
        http.route = field::Empty,
        http.response.status_code = field::Empty,
    );
    let inbound = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let inbound = inbound.filter(|text| text.len() <= MAX_LENGTH);
    if !telemetry::exporting() {
        return (span, inbound.map(Arc::from));
    }
    if let Some(parent) = inbound {
        telemetry::set_parent(&span, parent);
    }
    span.record("otel.name", field::display(format_args!("{} {}", seen.method, seen.route())));
    span.record("otel.kind", "server");
    span.record("http.request.method", seen.method.as_str());
    span.record("http.route", seen.route());
    let trace = span.in_scope(telemetry::trace_context);
    (span, trace)
}

/// Adds how it ended, for traces only: the access log says it anyway.
pub(super) fn answered(status: StatusCode) {
    if telemetry::exporting() {
        let span = Span::current();
        span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            span.record("otel.status_code", "ERROR");
        }
    }
}
