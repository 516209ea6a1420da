//! What is seen of a gRPC call from outside?

use crate::{metrics, telemetry};
use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use prometheus::{HistogramVec, IntCounterVec};
use proto::{Call, rpc::PEER_TOKEN};
use std::{
    collections::HashSet,
    sync::LazyLock,
    task::{Context, Poll},
    time::Instant,
};
use tonic::{body::Body, metadata::MetadataMap};
use tower::{Layer, Service};
use tracing::{Instrument as _, field::Empty};

static PATHS: LazyLock<HashSet<String>> =
    LazyLock::new(|| proto::rpcs().map(|r| format!("/{}/{}", r.service, r.method)).collect());
static CALLS: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counter_vec("perpetuo_grpc_calls_total", "gRPC calls answered.", &["rpc", "code"]));
static SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    let buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
    metrics::histogram_vec("perpetuo_grpc_seconds", "Time until the head of a gRPC answer.", &["rpc"], &buckets)
});

/// A span and two metrics for each call.
#[derive(Clone)]
pub(super) struct Observe;

#[derive(Clone)]
pub(super) struct Observed<S>(S);

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed(inner)
    }
}

impl<S> Service<Request<Body>> for Observed<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // Anybody can ask for any path: labels and names of spans come from our own list.
        let rpc = PATHS.get(request.uri().path()).map_or("other", String::as_str);
        let span = tracing::info_span!(
            parent: None,
            "rpc",
            otel.name = rpc.trim_start_matches('/'),
            otel.kind = "server",
            otel.status_code = Empty,
            rpc.response.status_code = Empty,
            rpc,
            request_id = Empty,
            workspace_id = Empty,
            user_id = Empty,
            impersonator_id = Empty,
            key_id = Empty,
        );
        if telemetry::exporting()
            && let Some(parent) = parent(request.headers())
        {
            telemetry::set_parent(&span, &parent);
        }
        let began = Instant::now();
        let answer = span.in_scope(|| self.0.call(request));
        let answer = async move {
            let answer = answer.await;
            SECONDS.with_label_values(&[rpc]).observe(began.elapsed().as_secs_f64());
            // A failure has its code in the head, a success (and a stream that fails later) has none there.
            let code =
                answer.as_ref().ok().and_then(|a| a.headers().get("grpc-status")).map_or("0", |c| known(c.as_bytes()));
            CALLS.with_label_values(&[rpc, code]).inc();
            if telemetry::exporting() {
                note(code);
            }
            tracing::debug!(code, "answered");
            answer
        };
        Box::pin(answer.instrument(span))
    }
}

/// Adds how the call ended, for traces only. Ours are the failures that a server answers for: unknown, deadline exceeded,
/// unimplemented, internal, unavailable and data loss.
fn note(code: &'static str) {
    let span = tracing::Span::current();
    span.record("rpc.response.status_code", code);
    if matches!(code, "2" | "4" | "12" | "13" | "14" | "15") {
        span.record("otel.status_code", "ERROR");
    }
}

/// The trace that the caller is in. It is only taken to group spans: nothing is decided by it.
fn parent(headers: &HeaderMap) -> Option<String> {
    if headers.contains_key(PEER_TOKEN) {
        let call = Call::read(&MetadataMap::from_headers(headers.clone())).ok()?;
        return call.trace.map(|t| t.to_string());
    }
    headers.get("traceparent")?.to_str().ok().map(str::to_owned)
}

fn known(code: &[u8]) -> &'static str {
    const CODES: [&str; 17] =
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"];
    CODES.into_iter().find(|c| c.as_bytes() == code).unwrap_or("2")
}
