//! OTLP over HTTP with protobuf.

use super::{Scheme, scheme};
use crate::config::environment;
use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, hyper::HyperClient};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use rustls::crypto::aws_lc_rs;
use std::{sync::Arc, time::Duration};
use tokio::runtime::Handle;

/// The specification's, where `OTEL_EXPORTER_OTLP_TIMEOUT` says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Spans are sent by a thread that is none of the runtime's: what it asks for is done inside of it.
#[derive(Debug)]
struct Inside {
    runtime: Handle,
    client: Arc<dyn HttpClient>,
}

/// Call it inside the runtime. Errors: what is wrong with the address, or that no authority is trusted here.
pub(super) fn exporter(endpoint: &str) -> Result<SpanExporter, String> {
    let timeout = timeout();
    let client: Arc<dyn HttpClient> = match scheme(endpoint)? {
        Scheme::Http => Arc::new(HyperClient::with_default_connector(timeout, None)),
        Scheme::Https => {
            let connector = HttpsConnectorBuilder::new()
                .with_provider_and_native_roots(aws_lc_rs::default_provider())
                .map_err(|error| error.to_string())?
                .https_only()
                .enable_all_versions()
                .build();
            Arc::new(HyperClient::new(connector, timeout, None))
        }
    };
    let builder = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_endpoint(endpoint);
    // Headers and compression are those of OTEL_EXPORTER_OTLP_*.
    let builder = builder.with_http_client(Inside { runtime: Handle::current(), client });
    builder.build().map_err(|error| error.to_string())
}

/// In milliseconds, the more particular variable first.
fn timeout() -> Duration {
    let variables = environment();
    let named = |name| variables.get(name).and_then(|text| text.trim().parse().ok()).map(Duration::from_millis);
    named("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT").or_else(|| named("OTEL_EXPORTER_OTLP_TIMEOUT")).unwrap_or(TIMEOUT)
}

#[tonic::async_trait]
impl HttpClient for Inside {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        self.runtime.spawn(async move { client.send_bytes(request).await }).await?
    }
}
