//! Which web pages may call the API.

use super::REQUEST_ID;
use http::{HeaderName, HeaderValue, Method, header};
use std::time::Duration;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// The layer for `origins`; None where no origin is allowed, so that the default costs nothing.
///
/// Credentials are never allowed: they travel in a header that the page sets, not in a cookie that any page could use.
pub(crate) fn cors(origins: &[String]) -> Option<CorsLayer> {
    let allowed = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let exact: Vec<HeaderValue> = origins.iter().filter_map(|o| o.trim_end_matches('/').parse().ok()).collect();
        if exact.is_empty() {
            return None;
        }
        AllowOrigin::list(exact)
    };
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        // OpenAI's SDK sends a dozen headers of its own.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed())
        .max_age(Duration::from_secs(600));
    Some(layer)
}

fn exposed() -> Vec<HeaderName> {
    let ours = ["provider", "model", "attempts", "overhead-us"].map(|n| format!("x-perpetuo-{n}"));
    let limits = ["limit", "remaining", "reset"]
        .into_iter()
        .flat_map(|what| ["requests", "tokens"].map(|kind| format!("x-ratelimit-{what}-{kind}")));
    let named = ours.into_iter().chain(limits).filter_map(|name| name.parse().ok());
    [REQUEST_ID, header::RETRY_AFTER, header::LOCATION].into_iter().chain(named).collect()
}
