//! envoy.config.cluster.v3

use super::{
    Extension, Typed,
    core::{Address, Percent, Span},
    http::{CommonProtocolOptions, Http2ProtocolOptions},
};
use std::collections::BTreeMap;

message!(Cluster {
    name: String,
    connect_timeout: Span,
    lb_policy: &'static str,
    load_assignment: ClusterLoadAssignment,
    circuit_breakers: CircuitBreakers,
    typed_extension_protocol_options: BTreeMap<&'static str, Typed>,
    common_lb_config: CommonLbConfig,
    upstream_connection_options: UpstreamConnectionOptions;
    r#type: &'static str,
    cluster_type: Extension,
    health_checks: Vec<HealthCheck>,
    outlier_detection: OutlierDetection,
    transport_socket: Extension,
    ignore_health_on_host_removal: bool,
});
message!(DnsCluster { dns_refresh_rate: Span, dns_lookup_family: &'static str, all_addresses_in_single_endpoint: bool });
message!(ClusterLoadAssignment { cluster_name: String, endpoints: Vec<LocalityLbEndpoints> });
message!(LocalityLbEndpoints { lb_endpoints: Vec<LbEndpoint> });
message!(LbEndpoint { endpoint: Endpoint });
message!(Endpoint { address: Address; hostname: String });
message!(CommonLbConfig { healthy_panic_threshold: Percent });
message!(UpstreamConnectionOptions { tcp_keepalive: TcpKeepalive });
message!(TcpKeepalive { keepalive_time: u32, keepalive_interval: u32, keepalive_probes: u32 });
message!(CircuitBreakers { thresholds: Vec<Thresholds> });
message!(Thresholds {
    max_connections: u32,
    max_pending_requests: u32,
    max_requests: u32,
    retry_budget: RetryBudget,
    track_remaining: bool,
});
message!(RetryBudget { budget_percent: Percent, min_retry_concurrency: u32 });
message!(OutlierDetection {
    interval: Span,
    base_ejection_time: Span,
    max_ejection_time: Span,
    max_ejection_percent: u32,
    split_external_local_origin_errors: bool,
    consecutive_local_origin_failure: u32,
    enforcing_consecutive_local_origin_failure: u32,
    enforcing_local_origin_success_rate: u32,
    enforcing_consecutive_5xx: u32,
    enforcing_consecutive_gateway_failure: u32,
    enforcing_success_rate: u32,
});
message!(HealthCheck {
    timeout: Span,
    interval: Span,
    no_traffic_interval: Span,
    unhealthy_threshold: u32,
    healthy_threshold: u32;
    http_health_check: HttpHealthCheck,
    grpc_health_check: GrpcHealthCheck,
});
message!(HttpHealthCheck { path: &'static str, codec_client_type: &'static str });
message!(GrpcHealthCheck { service_name: &'static str });
message!(HttpProtocolOptions {
    common_http_protocol_options: CommonProtocolOptions,
    explicit_http_config: ExplicitHttpConfig,
});

message!(ExplicitHttpConfig { http2_protocol_options: Http2ProtocolOptions });
