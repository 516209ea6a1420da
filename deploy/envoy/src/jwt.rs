//! Access tokens, verified at the proxy too. It is a sieve in front of the edge, never in its place: the edge knows which
//! sessions have ended.

use crate::{
    Service,
    cluster::EDGE,
    plan::Plan,
    v3::{
        Extension, Typed,
        core::{HeaderMatcher, Span, StringMatcher},
        filter::{
            HttpUri, JwksAsyncFetch, JwtAuthentication, JwtHeader, JwtProvider, JwtRequirement, RemoteJwks,
            RequirementRule,
        },
        route::RouteMatch,
    },
};

const PROVIDER: &str = "perpetuo";
/// Three parts of base64url between dots. API keys (`pk_…`) have no dot: they are not looked at.
const LOOKS_LIKE_ONE: &str = r"^Bearer +[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$";
/// Where nobody asks who it is: a client that always sends its token must be able to log in again when that has expired.
const OPEN_BELOW: &[&str] = &["/auth", "/api/v1/auth", "/docs", "/.well-known", "/webhooks"];
const OPEN: &[&str] = &[
    "/health",
    "/livez",
    "/readyz",
    "/openapi.json",
    "/plans",
    "/api/v1/plans",
    "/exports/download",
    "/api/v1/exports/download",
];

/// None unless asked for.
pub(crate) fn filter(plan: &Plan<'_>) -> Option<Extension> {
    if !plan.jwt() {
        return None;
    }
    let bearer = HeaderMatcher {
        name: "authorization",
        string_match: Some(StringMatcher::regex(LOOKS_LIKE_ONE)),
        ..HeaderMatcher::default()
    };
    let tokens = RouteMatch { prefix: Some("/".to_owned()), headers: Some(vec![bearer]), ..RouteMatch::default() };
    let last = RequirementRule { r#match: tokens, requires: Some(JwtRequirement { provider_name: PROVIDER }) };
    let rules = open(plan).chain([last]).collect();
    let providers = [(PROVIDER, provider(plan))].into();
    Some(Typed::Jwt(JwtAuthentication { providers, rules, bypass_cors_preflight: true }).into())
}

/// The first rule that fits a request counts, and these ask for nothing.
fn open(plan: &Plan<'_>) -> impl Iterator<Item = RequirementRule> {
    let below = OPEN_BELOW
        .iter()
        .map(|path| RouteMatch { path_separated_prefix: Some((*path).to_owned()), ..RouteMatch::default() });
    let rpcs = plan.inputs.services.iter().flat_map(Service::anonymous_paths);
    let exact = OPEN.iter().map(|path| (*path).to_owned()).chain(rpcs);
    let exact = exact.map(|path| RouteMatch { path: Some(path), ..RouteMatch::default() });
    below.chain(exact).map(|r#match| RequirementRule { r#match, requires: None })
}

fn provider(plan: &Plan<'_>) -> JwtProvider {
    let uri = HttpUri { uri: "http://edge/.well-known/jwks.json", cluster: EDGE, timeout: Span::seconds(2) };
    JwtProvider {
        issuer: plan.inputs.issuer.clone(),
        audiences: vec!["perpetuo"],
        remote_jwks: RemoteJwks {
            http_uri: uri,
            // As long as the edge says; a new key is published an hour before it signs.
            cache_duration: Span::seconds(300),
            async_fetch: JwksAsyncFetch { failed_refetch_duration: Span::seconds(1) },
        },
        forward: true,
        from_headers: vec![JwtHeader { name: "authorization", value_prefix: "Bearer " }],
    }
}
