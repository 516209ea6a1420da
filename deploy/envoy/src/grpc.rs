//! gRPC for internal teams: a route per service.

use crate::{
    Service,
    connection::{self, Codec, For},
    jwt, limits,
    plan::Plan,
    routes, transcode,
    v3::{
        Extension,
        core::{HeaderMatcher, Span, StringMatcher},
        route::{RetryPolicy, Route, RouteAction, RouteConfiguration, RouteMatch, VirtualHost},
    },
};

/// What serves the gRPC listener.
pub(crate) fn manager(plan: &Plan<'_>) -> Extension {
    let purpose = For { name: "grpc", codec: Codec::Auto, verified: false };
    let before = [limits::local(plan), jwt::filter(plan), limits::global(plan), transcode::filter(plan)];
    let filters = before.into_iter().flatten().chain([connection::router()]).collect();
    let hosts = vec![VirtualHost { name: "grpc", domains: vec!["*"], routes: routes(plan) }];
    let routes = RouteConfiguration { name: "grpc", virtual_hosts: hosts, response_headers_to_add: None };
    connection::manager(plan, purpose, routes, filters)
}

fn routes(plan: &Plan<'_>) -> Vec<Route> {
    let route = |service: &Service| Route {
        name: format!("grpc.{}", service.role),
        r#match: RouteMatch { prefix: Some(format!("/{}/", service.name)), ..RouteMatch::default() },
        route: Some(action(plan, service)),
        ..Route::default()
    };
    plan.inputs.services.iter().map(route).chain([routes::absent("/")]).collect()
}

/// Deadlines are the callers' own (`grpc-timeout`), which the services keep; a stream may be quiet for as long as a model may.
fn action(plan: &Plan<'_>, service: &Service) -> RouteAction {
    RouteAction {
        cluster: service.role.to_owned(),
        timeout: Span::seconds(0),
        idle_timeout: Span(plan.inputs.inference_timeout + routes::PATIENCE),
        retry_policy: retries(service),
        rate_limits: limits::told(plan, service.role),
    }
}

/// Only rpcs without side effects that answer with one message are sent again (`idempotency_level = NO_SIDE_EFFECTS`).
fn retries(service: &Service) -> Option<RetryPolicy> {
    let named = |path: String| HeaderMatcher {
        name: ":path",
        string_match: Some(StringMatcher { exact: Some(path), ..StringMatcher::default() }),
        ..HeaderMatcher::default()
    };
    let repeatable: Vec<_> = service.repeatable_paths().map(named).collect();
    // Without a name all would match.
    (!repeatable.is_empty()).then(|| RetryPolicy {
        retriable_request_headers: Some(repeatable),
        ..routes::retries("connect-failure,refused-stream,reset,unavailable")
    })
}
