//! To whom Envoy speaks.

use crate::{
    Place, health,
    plan::Plan,
    tls,
    v3::{
        Typed,
        cluster::{
            Cluster, ClusterLoadAssignment, CommonLbConfig, DnsCluster, Endpoint, ExplicitHttpConfig, HealthCheck,
            HttpProtocolOptions, LbEndpoint, LocalityLbEndpoints, TcpKeepalive, UpstreamConnectionOptions,
        },
        core::{Address, Percent, Span},
        http::{CommonProtocolOptions, Http2ProtocolOptions, KeepaliveSettings},
    },
};

/// Names of clusters that are not services.
pub(crate) const EDGE: &str = "edge";
pub(crate) const COLLECTOR: &str = "otel_collector";
pub(crate) const RATE_LIMITS: &str = "rate_limit_service";

/// Every cluster. Services carry the names of their roles.
pub(crate) fn all(plan: &Plan<'_>) -> Vec<Cluster> {
    let mut clusters = vec![];
    if plan.needs_edges() {
        clusters.push(watched(plan, EDGE, &plan.edges, health::of_edges(plan)));
    }
    if plan.grpc.is_some() {
        let services = plan.inputs.services.iter();
        clusters.extend(services.map(|s| watched(plan, s.role, &s.places, health::of_service(plan, s.name))));
    }
    for (name, place) in [(COLLECTOR, &plan.collector), (RATE_LIMITS, &plan.options.rate_service)] {
        clusters.extend(place.as_ref().map(|place| cluster(plan, name, std::slice::from_ref(place))));
    }
    clusters
}

fn watched(plan: &Plan<'_>, name: &str, places: &[Place], check: HealthCheck) -> Cluster {
    Cluster {
        health_checks: Some(vec![check]),
        outlier_detection: Some(health::outliers()),
        // What DNS no longer names has gone, whatever it answers.
        ignore_health_on_host_removal: Some(true),
        ..cluster(plan, name, places)
    }
}

fn cluster(plan: &Plan<'_>, name: &str, places: &[Place]) -> Cluster {
    let lb_endpoints = places.iter().map(endpoint).collect();
    let mut cluster = Cluster {
        name: name.to_owned(),
        connect_timeout: Span::seconds(1),
        // Calls to models differ a thousandfold: who has least to do gets the next one.
        lb_policy: "LEAST_REQUEST",
        load_assignment: ClusterLoadAssignment {
            cluster_name: name.to_owned(),
            endpoints: vec![LocalityLbEndpoints { lb_endpoints }],
        },
        circuit_breakers: health::breakers(plan),
        typed_extension_protocol_options: [protocol()].into(),
        // Only where none is ready all are tried: one that is about to stop still serves better than nobody.
        common_lb_config: CommonLbConfig { healthy_panic_threshold: Percent { value: 1.0 } },
        upstream_connection_options: UpstreamConnectionOptions {
            tcp_keepalive: TcpKeepalive { keepalive_time: 30, keepalive_interval: 10, keepalive_probes: 3 },
        },
        transport_socket: places.iter().any(|place| place.tls).then(|| tls::upstream(plan)),
        ..Cluster::default()
    };
    if places.iter().all(Place::is_address) {
        cluster.r#type = Some("STATIC");
    } else {
        cluster.cluster_type = Some(Typed::Dns(dns()).into());
    }
    cluster
}

/// Every address of a name is a place of its own: a headless Kubernetes service names each pod.
const fn dns() -> DnsCluster {
    DnsCluster {
        dns_refresh_rate: Span::seconds(2),
        dns_lookup_family: "V4_PREFERRED",
        all_addresses_in_single_endpoint: false,
    }
}

fn endpoint(place: &Place) -> LbEndpoint {
    // The name that a certificate must have.
    let hostname = place.tls.then(|| place.host.clone());
    LbEndpoint { endpoint: Endpoint { address: Address::of(&place.host, place.port), hostname } }
}

/// HTTP/2 to everybody: a process that stops says so (GOAWAY), where HTTP/1.1 would close a connection under a request.
fn protocol() -> (&'static str, Typed) {
    let http2 = Http2ProtocolOptions {
        max_concurrent_streams: 100,
        initial_stream_window_size: 1024 * 1024,
        initial_connection_window_size: 8 * 1024 * 1024,
        connection_keepalive: Some(KeepaliveSettings { interval: Span::seconds(20), timeout: Span::seconds(10) }),
    };
    let options = HttpProtocolOptions {
        common_http_protocol_options: CommonProtocolOptions {
            idle_timeout: Span::seconds(600),
            ..CommonProtocolOptions::default()
        },
        explicit_http_config: ExplicitHttpConfig { http2_protocol_options: http2 },
    };
    let typed = Typed::HttpProtocolOptions(options);
    (typed.name(), typed)
}
