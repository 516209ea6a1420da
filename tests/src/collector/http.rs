//! OTLP over HTTP with protobuf.

use super::{Collector, Kept};
use ::http::{Method, Request, Response, StatusCode};
use anyhow::ensure;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::task::AbortOnDropHandle;

impl Collector {
    /// Starts one on a free port that takes traces at this path alone.
    pub async fn over_http(path: &'static str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let kept = Arc::<Mutex<Kept>>::default();
        #[expect(clippy::disallowed_methods, reason = "ends with its handle")]
        let serving = tokio::spawn(serve(listener, path, kept.clone()));
        Ok(Self { url, kept, _serving: AbortOnDropHandle::new(serving) })
    }
}

async fn serve(listener: TcpListener, path: &'static str, kept: Arc<Mutex<Kept>>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let kept = kept.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let kept = kept.clone();
                async move {
                    let status = match take(path, request, &kept).await {
                        Ok(()) => StatusCode::OK,
                        Err(problem) => {
                            eprintln!("the collector refuses: {problem}");
                            StatusCode::BAD_REQUEST
                        }
                    };
                    let mut answer = Response::new(Full::new(Bytes::new()));
                    *answer.status_mut() = status;
                    anyhow::Ok(answer)
                }
            });
            // It ends with the test, which says what it missed.
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn take(path: &str, request: Request<Incoming>, kept: &Mutex<Kept>) -> anyhow::Result<()> {
    let (head, body) = request.into_parts();
    ensure!(head.method == Method::POST && head.uri.path() == path, "{} {}", head.method, head.uri);
    let kind = head.headers.get("content-type");
    ensure!(kind.is_some_and(|kind| kind == "application/x-protobuf"), "{kind:?}");
    let request = ExportTraceServiceRequest::decode(body.collect().await?.to_bytes())?;
    kept.lock().unwrap_or_else(PoisonError::into_inner).add(head.headers, request);
    Ok(())
}
