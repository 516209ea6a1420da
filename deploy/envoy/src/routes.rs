//! Which path goes where, for how long it may be quiet, and whether it may be repeated.

use crate::{
    cluster::EDGE,
    limits,
    plan::Plan,
    v3::{
        Typed,
        core::{HeaderMatcher, HeaderValueOption, Int64Range, Span, StringMatcher},
        route::{
            DirectResponse, PreviousHosts, RetryBackOff, RetryPolicy, Route, RouteAction, RouteConfiguration,
            RouteMatch, VirtualHost,
        },
    },
};
use std::time::Duration;

/// How much longer than a service itself Envoy waits, so that the service's own answer is the one that is seen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// A stream of events says something every 15 seconds.
const QUIET: Duration = Duration::from_secs(35);

/// What the edge takes in of a body that it refuses (`edge/src/body.rs`).
const TAKEN_IN: u64 = 64 * 1024 * 1024;

const PROBES: &[&str] = &["/health", "/livez", "/readyz"];

/// Paths that are alike.
struct Group {
    name: &'static str,
    paths: Vec<RouteMatch>,
    idle: Duration,
}

/// The routes of every listener but Efí's. `advertised` is the port at which HTTP/3 is served, for those who come otherwise.
pub(crate) fn of_everybody(plan: &Plan<'_>, advertised: Option<u16>) -> RouteConfiguration {
    let probes = PROBES.iter().map(|probe| self::probe(plan, probe));
    // Without a certificate nobody is Efí, whatever name they call.
    let efi = plan.efi.iter().map(|_| absent("/webhooks/efi/"));
    let groups = groups(plan);
    let first = [too_large(plan)].into_iter().chain(probes).chain(efi);
    let routes = first.chain(groups.iter().flat_map(|group| group.routes(plan))).collect();
    let told = advertised.map(|port| vec![HeaderValueOption::set("alt-svc", format!("h3=\":{port}\"; ma=86400"))]);
    configuration("http", routes, told)
}

/// The routes behind Efí's certificate.
pub(crate) fn of_efi(plan: &Plan<'_>) -> RouteConfiguration {
    let webhooks = Group { name: "efi", paths: vec![prefix("/webhooks/efi/")], ..management(plan) };
    let routes = [too_large(plan)].into_iter().chain(webhooks.routes(plan)).chain([absent("/")]).collect();
    configuration("efi", routes, None)
}

/// What is not there, for whoever asks here.
pub(crate) fn absent(path: &str) -> Route {
    let direct_response = Some(DirectResponse { status: 404, body: None });
    Route { name: "absent".to_owned(), r#match: prefix(path), direct_response, ..Route::default() }
}

/// Repeating at another place what did not get anywhere.
pub(crate) fn retries(retry_on: &'static str) -> RetryPolicy {
    RetryPolicy {
        retry_on,
        num_retries: 2,
        retry_host_predicate: vec![Typed::PreviousHosts(PreviousHosts {}).into()],
        host_selection_retry_max_attempts: 5,
        retry_back_off: RetryBackOff { base_interval: Span::millis(25), max_interval: Span::millis(250) },
        retriable_request_headers: None,
    }
}

/// From the most particular to the rest, which the edge answers too: it says better than we that something is not there.
fn groups(plan: &Plan<'_>) -> Vec<Group> {
    let inference = Group {
        name: "inference",
        paths: vec![below("/v1"), below("/v1beta"), exact("/api/chat"), exact("/api/tags"), exact("/api/version")],
        // A model may think for as long as a request may take, and an answer that is no stream comes as a whole.
        idle: plan.inputs.inference_timeout + PATIENCE,
    };
    let named = |name, paths| Group { name, paths, ..management(plan) };
    vec![
        named("subscription", vec![below("/v1/subscription")]),
        inference,
        named("auth", vec![below("/auth"), below("/api/v1/auth")]),
        named("api", vec![below("/api")]),
        named("webhooks", vec![below("/webhooks")]),
        named("documents", vec![below("/docs"), exact("/openapi.json"), below("/.well-known")]),
        named("rest", vec![prefix("/")]),
    ]
}

fn management(plan: &Plan<'_>) -> Group {
    Group { name: "management", paths: vec![], idle: plan.inputs.management_timeout.max(QUIET) + PATIENCE }
}

impl Group {
    fn routes(&self, plan: &Plan<'_>) -> Vec<Route> {
        self.paths.iter().flat_map(|path| [self.read(plan, path), self.write(plan, path)]).collect()
    }

    /// Reading changes nothing: it is asked again where nothing came back.
    fn read(&self, plan: &Plan<'_>, path: &RouteMatch) -> Route {
        let reads = StringMatcher::regex("^(GET|HEAD)$");
        let method = HeaderMatcher { name: ":method", string_match: Some(reads), ..HeaderMatcher::default() };
        Route {
            name: format!("{}.read", self.name),
            r#match: RouteMatch { headers: Some(vec![method]), ..path.clone() },
            route: Some(RouteAction {
                retry_policy: Some(retries("connect-failure,refused-stream,reset")),
                ..self.action(plan)
            }),
            ..Route::default()
        }
    }

    /// What may change something, or costs money, is sent once.
    fn write(&self, plan: &Plan<'_>, path: &RouteMatch) -> Route {
        let unsent = plan.options.retry_unsent == Some(true);
        let route = RouteAction { retry_policy: unsent.then(|| retries("connect-failure")), ..self.action(plan) };
        Route { name: self.name.to_owned(), r#match: path.clone(), route: Some(route), ..Route::default() }
    }

    fn action(&self, plan: &Plan<'_>) -> RouteAction {
        RouteAction {
            cluster: EDGE.to_owned(),
            // Streams end when they end; the edge knows the deadlines of everything else.
            timeout: Span::seconds(0),
            idle_timeout: Span(self.idle),
            retry_policy: None,
            rate_limits: limits::told(plan, self.name),
        }
    }
}

/// A body that says itself that it is far too large is not begun. All others are the edge's affair, which takes in what it
/// refuses, so that clients see why. Counting here would mean holding bodies here, and nothing is held.
fn too_large(plan: &Plan<'_>) -> Route {
    let taken = plan.inputs.management_body_bytes.max(plan.inputs.inference_body_bytes).max(TAKEN_IN);
    let range = Int64Range { start: taken + 1, end: i64::MAX };
    let length = HeaderMatcher { name: "content-length", range_match: Some(range), ..HeaderMatcher::default() };
    Route {
        name: "too_large".to_owned(),
        r#match: RouteMatch { headers: Some(vec![length]), ..prefix("/") },
        direct_response: Some(DirectResponse { status: 413, body: None }),
        ..Route::default()
    }
}

fn probe(plan: &Plan<'_>, path: &str) -> Route {
    let route = RouteAction { cluster: EDGE.to_owned(), idle_timeout: Span(PATIENCE), ..RouteAction::default() };
    Route {
        name: "probe".to_owned(),
        r#match: exact(path),
        route: Some(route),
        typed_per_filter_config: limits::none(plan),
        ..Route::default()
    }
}

fn configuration(
    name: &'static str,
    routes: Vec<Route>,
    headers: Option<Vec<HeaderValueOption>>,
) -> RouteConfiguration {
    let host = VirtualHost { name, domains: vec!["*"], routes };
    RouteConfiguration { name, virtual_hosts: vec![host], response_headers_to_add: headers }
}

fn exact(path: &str) -> RouteMatch {
    RouteMatch { path: Some(path.to_owned()), ..RouteMatch::default() }
}

fn prefix(path: &str) -> RouteMatch {
    RouteMatch { prefix: Some(path.to_owned()), ..RouteMatch::default() }
}

/// The path itself and all below it: `/v1beta` is not below `/v1`.
fn below(path: &str) -> RouteMatch {
    RouteMatch { path_separated_prefix: Some(path.to_owned()), ..RouteMatch::default() }
}
