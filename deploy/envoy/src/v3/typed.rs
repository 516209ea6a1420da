//! What Envoy takes as `Any`: messages that say themselves of which type they are.

use super::{bootstrap, cluster, filter, http, listener, log, route, tls};
use serde::Serialize;

/// Writes [`Typed`] and the name under which Envoy keeps each extension.
macro_rules! typed {
    ($($variant:ident($message:ty) = $url:literal, $name:literal;)*) => {
        /// A message with its type.
        #[derive(Clone, Debug, Serialize)]
        #[serde(tag = "@type")]
        pub(crate) enum Typed {
            $(#[serde(rename = $url)] $variant($message),)*
        }

        impl Typed {
            /// The extension's well-known name.
            pub(crate) const fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }
        }
    };
}

typed! {
    HttpConnectionManager(Box<http::HttpConnectionManager>) =
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "envoy.filters.network.http_connection_manager";
    TlsInspector(listener::TlsInspector) =
        "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
        "envoy.filters.listener.tls_inspector";
    DownstreamTls(tls::DownstreamTlsContext) =
        "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        "envoy.transport_sockets.tls";
    UpstreamTls(tls::UpstreamTlsContext) =
        "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        "envoy.transport_sockets.tls";
    Quic(tls::QuicDownstreamTransport) =
        "type.googleapis.com/envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport",
        "envoy.transport_sockets.quic";
    Router(filter::Router) =
        "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
        "envoy.filters.http.router";
    LocalRateLimit(filter::LocalRateLimit) =
        "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
        "envoy.filters.http.local_ratelimit";
    GlobalRateLimit(filter::GlobalRateLimit) =
        "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit",
        "envoy.filters.http.ratelimit";
    Jwt(filter::JwtAuthentication) =
        "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        "envoy.filters.http.jwt_authn";
    Transcoder(filter::GrpcJsonTranscoder) =
        "type.googleapis.com/envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        "envoy.filters.http.grpc_json_transcoder";
    FilterConfig(route::FilterConfig) =
        "type.googleapis.com/envoy.config.route.v3.FilterConfig",
        "";
    PreviousHosts(route::PreviousHosts) =
        "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
        "envoy.retry_host_predicates.previous_hosts";
    EarlyHeaderMutation(http::EarlyHeaderMutation) =
        "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
        "envoy.http.early_header_mutation.header_mutation";
    RequestId(http::UuidRequestIdConfig) =
        "type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig",
        "envoy.request_id.uuid";
    OpenTelemetry(filter::OpenTelemetryConfig) =
        "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
        "envoy.tracers.opentelemetry";
    Stdout(log::StdoutAccessLog) =
        "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
        "envoy.access_loggers.stdout";
    File(log::FileAccessLog) =
        "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
        "envoy.access_loggers.file";
    HttpProtocolOptions(cluster::HttpProtocolOptions) =
        "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    Dns(cluster::DnsCluster) =
        "type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster",
        "envoy.cluster.dns";
    DownstreamConnections(bootstrap::DownstreamConnections) =
        "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        "envoy.resource_monitors.global_downstream_max_connections";
    FixedHeap(bootstrap::FixedHeap) =
        "type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
        "envoy.resource_monitors.fixed_heap";
}

/// An extension with its configuration.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Extension {
    pub(crate) name: &'static str,
    pub(crate) typed_config: Typed,
}

impl From<Typed> for Extension {
    fn from(typed_config: Typed) -> Self {
        Self { name: typed_config.name(), typed_config }
    }
}

impl Default for Extension {
    fn default() -> Self {
        Typed::Router(filter::Router::default()).into()
    }
}

/// What stands in a file that Envoy watches.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "@type")]
pub(crate) enum Resource {
    #[serde(rename = "type.googleapis.com/envoy.config.listener.v3.Listener")]
    Listener(Box<listener::Listener>),
    #[serde(rename = "type.googleapis.com/envoy.config.cluster.v3.Cluster")]
    Cluster(Box<cluster::Cluster>),
    #[serde(rename = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret")]
    Secret(tls::Secret),
}
