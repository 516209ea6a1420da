//! envoy.config.route.v3

use super::{
    Extension, Typed,
    core::{DataSource, HeaderMatcher, HeaderValueOption, Span},
};
use std::collections::BTreeMap;

message!(RouteConfiguration { name: &'static str, virtual_hosts: Vec<VirtualHost>; response_headers_to_add: Vec<HeaderValueOption> });
message!(VirtualHost { name: &'static str, domains: Vec<&'static str>, routes: Vec<Route> });
message!(Route {
    name: String,
    r#match: RouteMatch;
    route: RouteAction,
    direct_response: DirectResponse,
    typed_per_filter_config: BTreeMap<&'static str, Typed>,
});
message!(RouteMatch {
    ;
    prefix: String,
    path: String,
    path_separated_prefix: String,
    headers: Vec<HeaderMatcher>,
});
message!(RouteAction { cluster: String, timeout: Span, idle_timeout: Span; retry_policy: RetryPolicy, rate_limits: Vec<RateLimit> });
message!(DirectResponse { status: u16; body: DataSource });
message!(RetryPolicy {
    retry_on: &'static str,
    num_retries: u32,
    retry_host_predicate: Vec<Extension>,
    host_selection_retry_max_attempts: u32,
    retry_back_off: RetryBackOff;
    retriable_request_headers: Vec<HeaderMatcher>,
});
message!(RetryBackOff { base_interval: Span, max_interval: Span });
message!(RateLimit { actions: Vec<RateLimitAction> });
message!(FilterConfig { disabled: bool });

message!(RateLimitAction { ; masked_remote_address: MaskedRemoteAddress, generic_key: GenericKey });
message!(MaskedRemoteAddress { v4_prefix_mask_len: u32, v6_prefix_mask_len: u32 });
message!(GenericKey { descriptor_key: &'static str, descriptor_value: String });
message!(PreviousHosts {});
