//! The trace that a request is in: where it comes from, how it goes on, and where it is sent.

mod export;
mod sampling;

pub use sampling::Sampler;

use super::{Config, Error};
use opentelemetry::{
    Context,
    propagation::TextMapPropagator as _,
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{SdkTracerProvider, Tracer},
};
use sampling::Begun;
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
    context_of(&Span::current())
}

/// [`trace_context`] of a span.
pub fn context_of(span: &Span) -> Option<Arc<str>> {
    if !exporting() {
        return None;
    }
    let context = span.context();
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

/// Sees to it that `span`, which nothing has entered yet, is in a trace: in that of the span around it, or, where that is in
/// none, in that of a W3C `traceparent`. What runs on after its request has no span around it, or that of a task.
pub fn join(span: &Span, traceparent: Option<&str>) {
    if let Some(traceparent) = traceparent
        && exporting()
        && !Span::current().context().span().span_context().is_sampled()
    {
        set_parent(span, traceparent);
    }
}

/// Adds a list of words to a span, which its macro cannot.
pub fn set_words(span: &Span, name: &'static str, words: Vec<String>) {
    let words: Vec<opentelemetry::StringValue> = words.into_iter().map(Into::into).collect();
    span.set_attribute(name, opentelemetry::Value::Array(words.into()));
}

/// What sends spans to the collector of the configuration. None: there is none.
pub(super) fn provider(config: &Config, service: &str) -> Result<Option<SdkTracerProvider>, Error> {
    if config.traces_disabled || (config.otlp_endpoint.is_none() && config.otlp_traces_endpoint.is_none()) {
        return Ok(None);
    }
    if !(0.0..=1.0).contains(&config.trace_share) {
        return Err(Error::Share(config.trace_share));
    }
    let exporter = export::to(config)?;
    let service = config.service_name.clone().unwrap_or_else(|| service.to_owned());
    // Beside it: what OTEL_RESOURCE_ATTRIBUTES says.
    let resource = Resource::builder().with_service_name(service).build();
    let sampler = Begun(config.sampler.with_share(config.trace_share));
    // Spans wait in a bounded queue for a thread of its own, and fall out of it where nobody takes them.
    let builder = SdkTracerProvider::builder().with_batch_exporter(exporter).with_sampler(sampler);
    // Only now: whoever asks before would read contexts that are none.
    EXPORTING.store(true, Relaxed);
    Ok(Some(builder.with_resource(resource).build()))
}

pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(
    provider: &SdkTracerProvider,
) -> OpenTelemetryLayer<S, Tracer> {
    // Nobody here asks OpenTelemetry for its current context, and where the source stands says less than the name.
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("perpetuo"))
        .with_context_activation(false)
        .with_tracked_inactivity(false)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
}
