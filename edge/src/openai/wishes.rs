//! What a client wants of us beside the answer.

use http::{HeaderMap, HeaderName, header::CACHE_CONTROL};
use proto::gateway::CompleteRequest;

/// `1`: the log says why the request went where it went.
const EXPLAIN: HeaderName = HeaderName::from_static("x-perpetuo-explain");

/// A request that says no more than that.
pub(super) fn read(headers: &HeaderMap) -> CompleteRequest {
    let control = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives: Vec<_> = control.flat_map(|value| value.split(',')).map(str::trim).collect();
    let asks = |directive: &str| directives.iter().any(|given| given.eq_ignore_ascii_case(directive));
    CompleteRequest {
        explain: headers.get(EXPLAIN).is_some_and(|value| value == "1" || value == "true"),
        no_cache: asks("no-cache"),
        no_store: asks("no-store"),
        ..CompleteRequest::default()
    }
}
