//! The span of one call of a provider, in OpenTelemetry's conventions for generative AI. What is asked and what is answered
//! is never in it.

mod gist;

pub(crate) use gist::Gist;

use crate::wire::usage;
use host::telemetry;
use proto::usage::{AdmitRequest, SettleRequest};
use tracing::{Span, field};

/// Opens the span inside of the one around it, or of `parent`, a W3C `traceparent`. Where no traces are made it costs nothing.
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
    let span = tracing::trace_span!(
        target: "otel",
        "provider",
        otel.name = format!("{operation} {}", request.model).trim_end(),
        otel.kind = "client",
        otel.status_code = field::Empty,
        gen_ai.operation.name = operation,
        gen_ai.provider.name = known_name(&request.provider_kind),
        gen_ai.request.model = request.model,
        gen_ai.request.stream = request.subject.as_ref().is_some_and(|subject| subject.stream),
        gen_ai.response.id = field::Empty,
        gen_ai.response.model = field::Empty,
        gen_ai.usage.input_tokens = field::Empty,
        gen_ai.usage.output_tokens = field::Empty,
        gen_ai.usage.cache_read.input_tokens = field::Empty,
        gen_ai.usage.cache_creation.input_tokens = field::Empty,
        gen_ai.response.time_to_first_chunk = field::Empty,
        server.address = field::Empty,
        server.port = field::Empty,
        http.response.status_code = field::Empty,
        error.type = field::Empty,
    );
    telemetry::join(&span, parent);
    span
}

/// Where the call goes. In the span of the call.
pub(crate) fn sent_to(uri: &http::Uri) {
    if !telemetry::exporting() {
        return;
    }
    let span = Span::current();
    span.record("server.address", uri.host());
    span.record("server.port", uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 }));
}

/// Adds how the call ended.
pub(crate) fn ended(span: &Span, request: &SettleRequest, gist: &Gist, is_stream: bool) {
    if span.is_none() {
        return;
    }
    let tokens = request.tokens.unwrap_or_default();
    let (asked, answered) = usage::sums(&tokens);
    span.record("gen_ai.usage.input_tokens", asked);
    span.record("gen_ai.usage.output_tokens", answered);
    span.record("gen_ai.usage.cache_read.input_tokens", tokens.cache_read);
    span.record("gen_ai.usage.cache_creation.input_tokens", tokens.cache_write_5m + tokens.cache_write_1h);
    span.record("http.response.status_code", request.provider_status);
    if is_stream && request.ttft_ms > 0 {
        span.record("gen_ai.response.time_to_first_chunk", request.ttft_ms as f64 / 1000.0);
    }
    span.record("gen_ai.response.id", gist.id.as_deref());
    span.record("gen_ai.response.model", gist.model.as_deref());
    if !gist.reasons.is_empty() {
        telemetry::set_words(span, "gen_ai.response.finish_reasons", gist.reasons.clone());
    }
    if !request.error_code.is_empty() {
        span.record("error.type", request.error_code.as_str());
        span.record("otel.status_code", "ERROR");
    }
}

/// The conventions have names for some kinds of providers; others go by ours.
fn known_name(kind: &str) -> &str {
    match kind {
        "azure" => "azure.ai.openai",
        "bedrock" => "aws.bedrock",
        "gemini" => "gcp.gemini",
        "vertex" => "gcp.vertex_ai",
        "mistral" => "mistral_ai",
        "xai" => "x_ai",
        "watsonx" => "ibm.watsonx.ai",
        other => other,
    }
}
