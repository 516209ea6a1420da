//! envoy.extensions.filters.network.http_connection_manager.v3

use super::{
    Extension,
    core::{Empty, Percent, Span, StringMatcher},
    log::{AccessLog, ResponseMapper},
    route::RouteConfiguration,
};

message!(HttpConnectionManager {
    stat_prefix: &'static str,
    codec_type: &'static str,
    route_config: RouteConfiguration,
    http_filters: Vec<Extension>,
    access_log: Vec<AccessLog>,
    use_remote_address: bool,
    xff_num_trusted_hops: u32,
    internal_address_config: InternalAddressConfig,
    early_header_mutation_extensions: Vec<Extension>,
    normalize_path: bool,
    server_header_transformation: &'static str,
    generate_request_id: bool,
    preserve_external_request_id: bool,
    request_id_extension: RequestIdExtension,
    forward_client_cert_details: &'static str,
    common_http_protocol_options: CommonProtocolOptions,
    http2_protocol_options: Http2ProtocolOptions,
    stream_idle_timeout: Span,
    request_headers_timeout: Span,
    request_timeout: Span,
    delayed_close_timeout: Span,
    local_reply_config: LocalReplyConfig;
    http3_protocol_options: Empty,
    tracing: Tracing,
});
message!(InternalAddressConfig { unix_sockets: bool });
message!(CommonProtocolOptions { idle_timeout: Span; headers_with_underscores_action: &'static str, max_headers_count: u32 });
message!(Http2ProtocolOptions {
    max_concurrent_streams: u32,
    initial_stream_window_size: u32,
    initial_connection_window_size: u32;
    connection_keepalive: KeepaliveSettings,
});
message!(KeepaliveSettings { interval: Span, timeout: Span });
message!(LocalReplyConfig { mappers: Vec<ResponseMapper> });
message!(Tracing {
    provider: Extension,
    random_sampling: Percent,
    spawn_upstream_span: bool,
    max_path_tag_length: u32,
    custom_tags: Vec<CustomTag>,
});
message!(CustomTag { tag: &'static str, value: &'static str });
message!(RequestIdExtension { ; typed_config: super::Typed });
message!(UuidRequestIdConfig { pack_trace_reason: bool, use_request_id_for_trace_sampling: bool });
message!(EarlyHeaderMutation { mutations: Vec<HeaderMutation> });

message!(HeaderMutation { ; remove: &'static str, remove_on_match: RemoveOnMatch });
message!(RemoveOnMatch { key_matcher: StringMatcher });
