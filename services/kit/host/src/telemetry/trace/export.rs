//! How do spans get to a collector?

use super::super::Error;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithTonicConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter as Exporter},
};
use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};
use tonic::transport::{ClientTlsConfig, Uri};

/// Sends to a collector, and says when it takes nothing and when it takes something again.
#[derive(Debug)]
pub(super) struct Told {
    inner: SpanExporter,
    endpoint: String,
    failing: AtomicBool,
}

/// Errors: [`Error::Endpoint`].
pub(super) fn exporter(endpoint: &str) -> Result<SpanExporter, Error> {
    let fault = |problem: String| Error::Endpoint { endpoint: endpoint.to_owned(), problem };
    let uri = endpoint.parse::<Uri>().map_err(|error| fault(error.to_string()))?;
    let builder = SpanExporter::builder().with_tonic().with_endpoint(endpoint);
    let builder = match uri.scheme_str() {
        Some("http") => builder,
        // Signed by an authority that this machine trusts.
        Some("https") => builder.with_tls_config(ClientTlsConfig::new().with_enabled_roots()),
        _ => return Err(fault("it looks like http://localhost:4317 or https://collector.example:4317".to_owned())),
    };
    // Headers, time-out and compression are those of OTEL_EXPORTER_OTLP_*.
    builder.build().map_err(|error| fault(error.to_string()))
}

impl Told {
    pub(super) fn new(inner: SpanExporter, endpoint: &str) -> Self {
        Self { inner, endpoint: endpoint.to_owned(), failing: AtomicBool::new(false) }
    }
}

impl Exporter for Told {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let sent = self.inner.export(batch).await;
        match &sent {
            // Once for each time that it goes away.
            Err(error) if !self.failing.swap(true, Relaxed) => {
                tracing::warn!(%error, endpoint = self.endpoint, "traces are not taken: they are lost until they are");
            }
            Ok(()) if self.failing.swap(false, Relaxed) => {
                tracing::info!(endpoint = self.endpoint, "traces are taken again");
            }
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
