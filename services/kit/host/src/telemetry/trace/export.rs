//! How do spans get to a collector?

mod http;

use super::super::{Config, Error};
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

/// To the collector of the configuration. Errors: [`Error::Endpoint`], [`Error::Protocol`].
pub(super) fn to(config: &Config) -> Result<Told, Error> {
    let base = config.otlp_endpoint.as_deref().unwrap_or_default();
    let (endpoint, made) = match (config.otlp_protocol.as_str(), &config.otlp_traces_endpoint) {
        ("grpc", traces) => {
            let endpoint = traces.as_deref().unwrap_or(base).to_owned();
            (endpoint.clone(), grpc(&endpoint))
        }
        // As OpenTelemetry's specification of its exporters has it.
        ("http/protobuf", traces) => {
            let below = || format!("{}/v1/traces", base.trim_end_matches('/'));
            let endpoint = traces.clone().unwrap_or_else(below);
            (endpoint.clone(), http::exporter(&endpoint))
        }
        (other, _) => return Err(Error::Protocol(other.to_owned())),
    };
    match made {
        Ok(inner) => Ok(Told { inner, endpoint, failing: AtomicBool::new(false) }),
        Err(problem) => Err(Error::Endpoint { endpoint, problem }),
    }
}

/// Errors: what is wrong with the address.
fn grpc(endpoint: &str) -> Result<SpanExporter, String> {
    let builder = SpanExporter::builder().with_tonic().with_endpoint(endpoint);
    let builder = match scheme(endpoint)? {
        Scheme::Http => builder,
        // Signed by an authority that this machine trusts.
        Scheme::Https => builder.with_tls_config(ClientTlsConfig::new().with_enabled_roots()),
    };
    // Headers, time-out and compression are those of OTEL_EXPORTER_OTLP_*.
    builder.build().map_err(|error| error.to_string())
}

enum Scheme {
    Http,
    Https,
}

/// Errors: what is wrong with the address.
fn scheme(endpoint: &str) -> Result<Scheme, String> {
    let uri = endpoint.parse::<Uri>().map_err(|error| error.to_string())?;
    match uri.scheme_str() {
        Some("http") => Ok(Scheme::Http),
        Some("https") => Ok(Scheme::Https),
        _ => Err("it looks like http://localhost:4317 or https://collector.example:4317".to_owned()),
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
