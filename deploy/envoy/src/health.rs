//! Who gets requests: asked, watched, and no more than they can take.

use crate::{
    plan::Plan,
    v3::{
        Typed,
        bootstrap::{DownstreamConnections, FixedHeap, OverloadAction, OverloadManager, Threshold, Trigger},
        cluster::{
            CircuitBreakers, GrpcHealthCheck, HealthCheck, HttpHealthCheck, OutlierDetection, RetryBudget, Thresholds,
        },
        core::{Percent, Span},
    },
};

const HEAP: &str = "envoy.resource_monitors.fixed_heap";

/// Whether an edge can serve requests now. A 503 counts at once: a process that stops is left before it does.
pub(crate) fn of_edges(plan: &Plan<'_>) -> HealthCheck {
    let check = HttpHealthCheck { path: "/readyz", codec_client_type: "HTTP2" };
    HealthCheck { http_health_check: Some(check), ..asked(plan) }
}

/// The same of a service (`grpc.health.v1`).
pub(crate) fn of_service(plan: &Plan<'_>, service_name: &'static str) -> HealthCheck {
    HealthCheck { grpc_health_check: Some(GrpcHealthCheck { service_name }), ..asked(plan) }
}

fn asked(plan: &Plan<'_>) -> HealthCheck {
    let interval = Span::millis(plan.options.health_ms.unwrap_or(1000));
    HealthCheck {
        timeout: Span::seconds(2),
        interval,
        // Before the first request too: it must not be the one that finds out.
        no_traffic_interval: interval,
        unhealthy_threshold: 2,
        healthy_threshold: 1,
        ..HealthCheck::default()
    }
}

/// Who cannot be reached, or breaks connections, gets nothing for a while. Statuses count for nothing: a 502 of the edge is
/// a provider's failure, and a 503 another service's, which every edge would give.
pub(crate) fn outliers() -> OutlierDetection {
    OutlierDetection {
        interval: Span::seconds(1),
        base_ejection_time: Span::seconds(5),
        max_ejection_time: Span::seconds(60),
        max_ejection_percent: 50,
        split_external_local_origin_errors: true,
        consecutive_local_origin_failure: 3,
        enforcing_consecutive_local_origin_failure: 100,
        enforcing_local_origin_success_rate: 0,
        enforcing_consecutive_5xx: 0,
        enforcing_consecutive_gateway_failure: 0,
        enforcing_success_rate: 0,
    }
}

/// Beyond this requests are refused at once, instead of waiting until nobody needs them any more.
pub(crate) fn breakers(plan: &Plan<'_>) -> CircuitBreakers {
    let requests = plan.options.max_requests.unwrap_or(10_000);
    CircuitBreakers {
        thresholds: vec![Thresholds {
            max_connections: requests,
            max_pending_requests: plan.options.max_pending.unwrap_or(1_000),
            max_requests: requests,
            // Repeating must not be what keeps a service down.
            retry_budget: RetryBudget { budget_percent: Percent { value: 20.0 }, min_retry_concurrency: 3 },
            track_remaining: true,
        }],
    }
}

/// What Envoy itself can take.
pub(crate) fn overload(plan: &Plan<'_>) -> OverloadManager {
    let connections = DownstreamConnections { max_active_downstream_connections: plan.inputs.max_connections };
    let mut manager = OverloadManager {
        refresh_interval: Span::millis(250),
        resource_monitors: vec![Typed::DownstreamConnections(connections).into()],
        actions: vec![],
    };
    if let Some(megabytes) = plan.options.memory {
        let heap = FixedHeap { max_heap_size_bytes: megabytes * 1024 * 1024 };
        manager.resource_monitors.push(Typed::FixedHeap(heap).into());
        let at = |name, value| OverloadAction {
            name,
            triggers: vec![Trigger { name: HEAP, threshold: Threshold { value } }],
        };
        manager.actions = vec![
            at("envoy.overload_actions.shrink_heap", 0.92),
            at("envoy.overload_actions.disable_http_keepalive", 0.95),
            at("envoy.overload_actions.stop_accepting_requests", 0.98),
        ];
    }
    manager
}
