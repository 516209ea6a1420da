//! Which traces are kept?

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanContext, SpanKind, TraceContextExt as _, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};
use serde::{Deserialize, Serialize};

type Sdk = opentelemetry_sdk::trace::Sampler;

/// Who decides whether a trace is kept, by OpenTelemetry's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampler {
    /// Every span.
    AlwaysOn,
    /// No span.
    AlwaysOff,
    /// A share of all traces, whatever the caller decided.
    #[serde(rename = "traceidratio")]
    TraceIdRatio,
    /// What the caller keeps, and all that begin here.
    #[serde(rename = "parentbased_always_on")]
    ParentBasedAlwaysOn,
    /// What the caller keeps.
    #[serde(rename = "parentbased_always_off")]
    ParentBasedAlwaysOff,
    /// What the caller keeps, and a share of those that begin here.
    #[serde(rename = "parentbased_traceidratio")]
    ParentBasedTraceIdRatio,
}

impl Sampler {
    pub(super) fn with_share(self, share: f64) -> Sdk {
        let or_parent = |sampler| Sdk::ParentBased(Box::new(sampler));
        match self {
            Self::AlwaysOn => Sdk::AlwaysOn,
            Self::AlwaysOff => Sdk::AlwaysOff,
            Self::TraceIdRatio => Sdk::TraceIdRatioBased(share),
            Self::ParentBasedAlwaysOn => or_parent(Sdk::AlwaysOn),
            Self::ParentBasedAlwaysOff => or_parent(Sdk::AlwaysOff),
            Self::ParentBasedTraceIdRatio => or_parent(Sdk::TraceIdRatioBased(share)),
        }
    }
}

/// A trace begins where somebody asks for something: with a request, a call or an execution. What runs beside them, such as
/// the look into an outbox every 200 ms, begins none, or it would bury them.
#[derive(Clone, Debug)]
pub(super) struct Begun(pub(super) Sdk);

impl ShouldSample for Begun {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let above = parent.map(|context| context.span().span_context().clone()).filter(SpanContext::is_valid);
        let is_asked = matches!(kind, SpanKind::Server | SpanKind::Consumer);
        let is_kept = match &above {
            None => is_asked,
            // What is inside of something that is not kept is not kept either.
            Some(above) => is_asked || above.is_sampled() || above.is_remote(),
        };
        if is_kept {
            return self.0.should_sample(parent, trace, name, kind, attributes, links);
        }
        let trace_state = above.map_or(TraceState::NONE, |above| above.trace_state().clone());
        SamplingResult { decision: SamplingDecision::Drop, attributes: vec![], trace_state }
    }
}
