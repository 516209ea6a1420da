//! A collector of traces: OTLP over gRPC or over HTTP, as any of them speaks it. It keeps what it is sent.

mod http;

use ::http::HeaderMap;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::span::SpanKind,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::task::AbortOnDropHandle;
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

/// A running collector. Stops when dropped.
pub struct Collector {
    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub url: String,
    kept: Arc<Mutex<Kept>>,
    _serving: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct Kept {
    spans: Vec<Span>,
    headers: Vec<HeaderMap>,
}

/// A span as it was sent.
#[derive(Clone, Debug)]
pub struct Span {
    /// 32 hexadecimal digits.
    pub trace: String,
    /// 16 hexadecimal digits.
    pub id: String,
    /// Empty where it has none.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// Who called whom.
    pub kind: SpanKind,
    /// What it says; values as text.
    pub attributes: BTreeMap<String, String>,
    /// What its process says of itself.
    pub resource: BTreeMap<String, String>,
}

struct Service(Arc<Mutex<Kept>>);

impl Collector {
    /// Starts one on a free port.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let kept = Arc::<Mutex<Kept>>::default();
        let service = TraceServiceServer::new(Service(kept.clone()));
        let serving = tonic::transport::Server::builder().add_service(service);
        #[expect(clippy::disallowed_methods, reason = "ends with its handle")]
        let serving = tokio::spawn(async move {
            // It ends with the test, which says what it missed.
            let _ = serving.serve_with_incoming(TcpIncoming::from(listener)).await;
        });
        Ok(Self { url, kept, _serving: AbortOnDropHandle::new(serving) })
    }

    /// The spans of a trace, so far.
    pub fn trace(&self, id: &str) -> Vec<Span> {
        self.kept().spans.iter().filter(|span| span.trace == id).cloned().collect()
    }

    /// All spans, so far.
    pub fn spans(&self) -> Vec<Span> {
        self.kept().spans.clone()
    }

    /// The headers of each request, so far.
    pub fn headers(&self) -> Vec<HeaderMap> {
        self.kept().headers.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(metadata.into_headers(), request);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Kept {
    fn add(&mut self, headers: HeaderMap, request: ExportTraceServiceRequest) {
        self.headers.push(headers);
        for of_process in request.resource_spans {
            let resource = texts(of_process.resource.map(|resource| resource.attributes).unwrap_or_default());
            for span in of_process.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                self.spans.push(Span {
                    trace: hex(&span.trace_id),
                    id: hex(&span.span_id),
                    parent: hex(&span.parent_span_id),
                    kind: span.kind(),
                    name: span.name,
                    attributes: texts(span.attributes),
                    resource: resource.clone(),
                });
            }
        }
    }
}

fn texts(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    attributes.into_iter().map(|attribute| (attribute.key, attribute.value.map(text).unwrap_or_default())).collect()
}

fn text(value: AnyValue) -> String {
    match value.value {
        Some(Value::StringValue(text)) => text,
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) => value.to_string(),
        Some(Value::ArrayValue(values)) => values.values.into_iter().map(text).collect::<Vec<_>>().join(","),
        _ => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
