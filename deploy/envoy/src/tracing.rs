//! Spans of the proxy, to the same collector as those of the services.

use crate::{
    cluster::COLLECTOR,
    plan::Plan,
    v3::{
        Typed,
        core::{EnvoyGrpc, GrpcService, Percent, Span},
        filter::OpenTelemetryConfig,
        http::{CustomTag, Tracing},
    },
};

/// None where traces go nowhere.
pub(crate) fn of(plan: &Plan<'_>) -> Option<Tracing> {
    plan.collector.as_ref()?;
    let grpc_service =
        GrpcService { envoy_grpc: EnvoyGrpc { cluster_name: COLLECTOR }, timeout: Some(Span::millis(500)) };
    Some(Tracing {
        provider: Typed::OpenTelemetry(OpenTelemetryConfig { grpc_service, service_name: "envoy" }).into(),
        random_sampling: Percent { value: plan.inputs.trace_share.clamp(0.0, 1.0) * 100.0 },
        spawn_upstream_span: true,
        // Envoy's tag with the address has the query, and with it keys: none of the path is kept in it.
        max_path_tag_length: 0,
        custom_tags: vec![CustomTag { tag: "url.path", value: "%PATH(NQ:PATH)%" }],
    })
}
