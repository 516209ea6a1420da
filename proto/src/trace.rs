//! The span of a call between services, in one process and between two. Who makes traces installs what it takes; where
//! nobody does, there are no spans.

use crate::{Call, rpc::Rpc};
use std::sync::{Arc, OnceLock};
use tracing::Span;

static HOOKS: OnceLock<Hooks> = OnceLock::new();

/// What only those can do who make traces.
pub struct Hooks {
    /// Sees to it that a span is in a trace: that of the span around it, or that of a W3C `traceparent`.
    pub join: fn(&Span, Option<&str>),
    /// A span as W3C `traceparent`.
    pub context: fn(&Span) -> Option<Arc<str>>,
}

/// From now on calls have spans. Once in the life of a process.
pub fn install(hooks: Hooks) {
    // The first one stays: whoever comes second makes traces in the same way.
    drop(HOOKS.set(hooks));
}

/// The span of a call that is made here. The target `otel` is refused everywhere but where traces are made.
pub(crate) fn span(rpc: &'static Rpc, call: &Call, is_remote: bool) -> Span {
    let Some(hooks) = HOOKS.get() else { return Span::none() };
    let span = tracing::trace_span!(
        target: "otel",
        "call",
        otel.name = %format_args!("{}/{}", rpc.service, rpc.method),
        otel.kind = if is_remote { "client" } else { "internal" },
        rpc.system = "grpc",
        rpc.service = rpc.service,
        rpc.method = rpc.method,
    );
    if !span.is_disabled() {
        (hooks.join)(&span, call.trace.as_deref());
    }
    span
}

/// The trace in which the called one goes on.
pub(crate) fn context(span: &Span) -> Option<Arc<str>> {
    if span.is_disabled() {
        return None;
    }
    HOOKS.get().and_then(|hooks| (hooks.context)(span))
}
