//! The span of one call of a provider, in OpenTelemetry's conventions for generative AI.

use crate::wire::usage;
use host::telemetry;
use proto::usage::{AdmitRequest, SettleRequest};
use tracing::{Span, field};

/// Opens the span as a child of `parent`, a W3C `traceparent`. Where no traces are made it costs nothing.
pub(crate) fn open(parent: Option<&str>, request: &AdmitRequest) -> Span {
    if !telemetry::exporting() {
        return Span::none();
    }
    let operation = match request.subject.as_ref().map(|subject| subject.operation.as_str()) {
        _ if request.model.is_empty() => "models",
        Some("embeddings") => "embeddings",
        Some("completions") => "text_completion",
        None | Some("chat.completions" | "responses" | "messages") => "chat",
        Some(other) => other,
    };
    let span = tracing::info_span!(
        "provider",
        otel.name = format!("{operation} {}", request.model).trim_end(),
        otel.kind = "client",
        otel.status_code = field::Empty,
        gen_ai.operation.name = operation,
        gen_ai.provider.name = request.provider_kind,
        gen_ai.request.model = request.model,
        gen_ai.usage.input_tokens = field::Empty,
        gen_ai.usage.output_tokens = field::Empty,
        http.response.status_code = field::Empty,
        error.type = field::Empty,
    );
    if let Some(parent) = parent {
        telemetry::set_parent(&span, parent);
    }
    span
}

/// Adds how the call ended.
pub(crate) fn ended(span: &Span, request: &SettleRequest) {
    if span.is_none() {
        return;
    }
    let (asked, answered) = usage::sums(&request.tokens.unwrap_or_default());
    span.record("gen_ai.usage.input_tokens", asked);
    span.record("gen_ai.usage.output_tokens", answered);
    span.record("http.response.status_code", request.provider_status);
    if !request.error_code.is_empty() {
        span.record("error.type", request.error_code.as_str());
        span.record("otel.status_code", "ERROR");
    }
}
