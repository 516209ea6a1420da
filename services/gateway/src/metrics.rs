//! How often, how long, how well? Labels are kinds and classes, never a workspace, a key or a model.

use crate::route::health::Change;
use host::metrics::{counter, counter_vec, gauge, histogram, histogram_vec};
use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge};
use proto::usage::Outcome;
use std::time::Duration;

/// Our own part of a request: from tens of microseconds to a second.
const OVERHEAD: &[f64] = &[
    0.000_025, 0.000_05, 0.000_1, 0.000_2, 0.000_35, 0.000_5, 0.000_75, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1,
    0.5, 1.0,
];
/// Until a provider says something.
const TTFT: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0];

pub(crate) struct Metrics {
    attempts: IntCounterVec,
    overhead: Histogram,
    ttft: HistogramVec,
    fallbacks: IntCounter,
    streams: IntGauge,
    refusals: IntCounterVec,
    breakers: IntCounterVec,
    tokens: IntCounterVec,
    retries: IntCounter,
    unkept: IntCounter,
    hedges: IntCounter,
    shadows: IntCounterVec,
    cached: IntCounterVec,
}

/// Counts as one open stream for as long as it lives.
pub(crate) struct OpenStream(IntGauge);

/// How much is owed to a ledger elsewhere.
pub(crate) struct SpoolMetrics {
    pub owed: IntGauge,
    pub unwritten: IntCounter,
}

/// What guardrails find.
pub(crate) struct GuardMetrics(IntCounterVec);

impl GuardMetrics {
    pub(crate) fn new() -> Self {
        Self(counter_vec(
            "perpetuo_gateway_guardrail_matches_total",
            "What guardrails found: cpf, cnpj, email, card, phone, pattern, words or moderation; in which direction, and \
             what was done about it (`failed`: a moderation that did not answer).",
            &["what", "stage", "action"],
        ))
    }

    pub(crate) fn found(&self, what: &str, stage: &str, action: &str) {
        self.0.with_label_values(&[what, stage, action]).inc();
    }
}

impl SpoolMetrics {
    pub(crate) fn new() -> Self {
        Self {
            owed: gauge("perpetuo_gateway_settlements_owed", "Settlements in the spool that the ledger does not have."),
            unwritten: counter(
                "perpetuo_gateway_settlements_unspooled_total",
                "Settlements that the spool could not take, so that a killed process would have lost them.",
            ),
        }
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            attempts: counter_vec(
                "perpetuo_gateway_attempts_total",
                "Calls of providers that have ended.",
                &["provider_kind", "outcome", "status"],
            ),
            tokens: counter_vec(
                "perpetuo_gateway_tokens_total",
                "Tokens that providers were paid for, as far as they say: `input`, which includes what was cached, and `output`.",
                &["provider_kind", "kind"],
            ),
            overhead: histogram(
                "perpetuo_gateway_overhead_seconds",
                "Our own time until the head of an answer.",
                OVERHEAD,
            ),
            ttft: histogram_vec(
                "perpetuo_gateway_ttft_seconds",
                "From the start of a call of a provider until its first content.",
                &["provider_kind"],
                TTFT,
            ),
            fallbacks: counter("perpetuo_gateway_fallbacks_total", "Attempts that were followed by another provider."),
            streams: gauge("perpetuo_gateway_open_streams", "Streams under way."),
            refusals: counter_vec(
                "perpetuo_gateway_refusals_total",
                "Requests refused before any attempt.",
                &["reason"],
            ),
            breakers: counter_vec(
                "perpetuo_gateway_breaker_changes_total",
                "Times that a provider and model were left alone (`open`), and came back (`closed`).",
                &["provider_kind", "to"],
            ),
            retries: counter(
                "perpetuo_gateway_retries_total",
                "Attempts that were followed by another one with the same provider.",
            ),
            unkept: counter(
                "perpetuo_gateway_responses_unkept_total",
                "Responses that should have been kept for their clients to come back to, and were not.",
            ),
            hedges: counter("perpetuo_gateway_hedges_total", "Second calls beside one from which nothing came."),
            shadows: counter_vec(
                "perpetuo_gateway_shadows_total",
                "Copies of requests for another model: `completed`, `failed`, or `skipped` because too many were under way.",
                &["outcome"],
            ),
            cached: counter_vec(
                "perpetuo_gateway_cached_answers_total",
                "Answers that were given again: to the same request (`hit`) or to one that means the same (`similar`).",
                &["how"],
            ),
        }
    }

    pub(crate) fn ended(&self, kind: &str, outcome: Outcome, status: u16, ttft_ms: i64) {
        let outcome = match outcome {
            Outcome::Completed => "completed",
            Outcome::ClientGone => "client_gone",
            Outcome::Incomplete => "incomplete",
            Outcome::Rejected => "rejected",
            Outcome::BudgetStopped => "budget_stopped",
            Outcome::Cached => "cached",
            Outcome::Replayed => "replayed",
            Outcome::Blocked => "blocked",
            Outcome::Outrun => "outrun",
            Outcome::UpstreamError | Outcome::Unspecified => "upstream_error",
        };
        let class = match status {
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            500..=599 => "5xx",
            _ => "none",
        };
        self.attempts.with_label_values(&[kind, outcome, class]).inc();
        if ttft_ms > 0 {
            let seconds = Duration::from_millis(ttft_ms.unsigned_abs()).as_secs_f64();
            self.ttft.with_label_values(&[kind]).observe(seconds);
        }
    }

    pub(crate) fn used(&self, kind: &str, (input, output): (i64, i64)) {
        for (what, tokens) in [("input", input), ("output", output)] {
            if let Some(tokens) = u64::try_from(tokens).ok().filter(|tokens| *tokens > 0) {
                self.tokens.with_label_values(&[kind, what]).inc_by(tokens);
            }
        }
    }

    pub(crate) fn overhead(&self, time: Duration) {
        self.overhead.observe(time.as_secs_f64());
    }

    pub(crate) fn fell_back(&self) {
        self.fallbacks.inc();
    }

    pub(crate) fn tried_again(&self) {
        self.retries.inc();
    }

    pub(crate) fn response_lost(&self) {
        self.unkept.inc();
    }

    pub(crate) fn hedged(&self) {
        self.hedges.inc();
    }

    pub(crate) fn shadow(&self, outcome: &str) {
        self.shadows.with_label_values(&[outcome]).inc();
    }

    pub(crate) fn cached(&self, how: &str) {
        self.cached.with_label_values(&[how]).inc();
    }

    pub(crate) fn breaker(&self, kind: &str, change: Option<Change>) {
        let Some(change) = change else { return };
        let to = match change {
            Change::Opened => "open",
            Change::Closed => "closed",
        };
        self.breakers.with_label_values(&[kind, to]).inc();
    }

    pub(crate) fn refused(&self, reason: proto::Reason) {
        self.refusals.with_label_values(&[reason.as_str()]).inc();
    }

    pub(crate) fn stream(&self) -> OpenStream {
        self.streams.inc();
        OpenStream(self.streams.clone())
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}
