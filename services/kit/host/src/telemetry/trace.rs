//! Which trace does this belong to?

use super::{Config, Error};
use opentelemetry::{
    Context,
    propagation::TextMapPropagator as _,
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider, Tracer},
};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::registry::LookupSpan;

static EXPORTING: AtomicBool = AtomicBool::new(false);

/// Whether traces are made at all. Saves the work of reading contexts where they are not.
pub fn exporting() -> bool {
    EXPORTING.load(Relaxed)
}

/// The current span as W3C `traceparent`, for whoever is called next. None where no traces are made: then an inbound
/// one is passed on as it is.
pub fn trace_context() -> Option<Arc<str>> {
    if !exporting() {
        return None;
    }
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    let flags = span.trace_flags().to_u8() & 1;
    span.is_valid().then(|| format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()).into())
}

/// Makes `span`, which nothing has entered yet, a child of a W3C `traceparent`. A malformed one is ignored.
pub fn set_parent(span: &Span, traceparent: &str) {
    if !exporting() {
        return;
    }
    let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
    if let Err(error) = span.set_parent(parent) {
        tracing::debug!(%error, "a span keeps its own trace");
    }
}

pub(super) fn provider(config: &Config, service: &str) -> Result<Option<SdkTracerProvider>, Error> {
    let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_tonic().with_endpoint(endpoint).build();
    let fault = |problem: String| Error::Endpoint { endpoint: endpoint.clone(), problem };
    let exporter = exporter.map_err(|e| fault(e.to_string()))?;
    // Whoever began a trace decides whether it is kept; we decide for those that begin here.
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.trace_share)));
    let resource = Resource::builder().with_service_name(service.to_owned()).build();
    let builder = SdkTracerProvider::builder().with_batch_exporter(exporter).with_sampler(sampler);
    EXPORTING.store(true, Relaxed);
    Ok(Some(builder.with_resource(resource).build()))
}

pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(
    provider: &SdkTracerProvider,
) -> OpenTelemetryLayer<S, Tracer> {
    tracing_opentelemetry::layer().with_tracer(provider.tracer("perpetuo"))
}
