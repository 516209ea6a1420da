//! Filters of HTTP requests.

use super::{
    Typed,
    core::{GrpcService, HeaderValueOption, RuntimeFractionalPercent, Span},
    route::{RateLimit, RouteMatch},
};
use std::collections::BTreeMap;

message!(Router { suppress_envoy_headers: bool });
message!(LocalRateLimit {
    stat_prefix: &'static str,
    token_bucket: TokenBucket,
    filter_enabled: RuntimeFractionalPercent,
    filter_enforced: RuntimeFractionalPercent,
    response_headers_to_add: Vec<HeaderValueOption>,
    always_consume_default_token_bucket: bool;
    rate_limits: Vec<RateLimit>,
    descriptors: Vec<LocalDescriptor>,
    max_dynamic_descriptors: u32,
});
message!(TokenBucket { max_tokens: u32, tokens_per_fill: u32, fill_interval: Span });
message!(LocalDescriptor { entries: Vec<DescriptorEntry>, token_bucket: TokenBucket });
message!(DescriptorEntry { key: &'static str });
message!(GlobalRateLimit {
    domain: &'static str,
    failure_mode_deny: bool,
    timeout: Span,
    enable_x_ratelimit_headers: &'static str,
    rate_limit_service: RateLimitService,
});
message!(RateLimitService { grpc_service: GrpcService, transport_api_version: &'static str });

message!(JwtAuthentication { providers: BTreeMap<&'static str, JwtProvider>, rules: Vec<RequirementRule>, bypass_cors_preflight: bool });
message!(JwtProvider {
    issuer: String,
    audiences: Vec<&'static str>,
    remote_jwks: RemoteJwks,
    forward: bool,
    from_headers: Vec<JwtHeader>,
});
message!(RemoteJwks { http_uri: HttpUri, cache_duration: Span, async_fetch: JwksAsyncFetch });
message!(JwksAsyncFetch { failed_refetch_duration: Span });
message!(HttpUri { uri: &'static str, cluster: &'static str, timeout: Span });
message!(JwtHeader { name: &'static str, value_prefix: &'static str });
message!(RequirementRule { r#match: RouteMatch; requires: JwtRequirement });
message!(JwtRequirement { provider_name: &'static str });

message!(GrpcJsonTranscoder {
    proto_descriptor_bin: String,
    services: Vec<&'static str>,
    auto_mapping: bool,
    convert_grpc_status: bool,
    match_incoming_request_route: bool,
    print_options: PrintOptions,
    max_request_body_size: u32,
    max_response_body_size: u32,
});
message!(PrintOptions {
    preserve_proto_field_names: bool,
    always_print_primitive_fields: bool,
    stream_newline_delimited: bool
});

message!(OpenTelemetryConfig { grpc_service: GrpcService, service_name: &'static str });

/// A filter that a route switches off.
pub(crate) fn off() -> Typed {
    Typed::FilterConfig(super::route::FilterConfig { disabled: true })
}
