//! How a connection is served, whatever its port.

use crate::{
    access_log, headers, jwt, limits,
    plan::Plan,
    replies, routes, tracing,
    v3::{
        Extension, Typed,
        core::{Empty, Span},
        filter::Router,
        http::{
            CommonProtocolOptions, Http2ProtocolOptions, HttpConnectionManager, InternalAddressConfig,
            KeepaliveSettings, LocalReplyConfig, RequestIdExtension, UuidRequestIdConfig,
        },
        route::RouteConfiguration,
    },
};
/// Which HTTP a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    /// HTTP/1.1 and HTTP/2.
    Auto,
    Http3,
}

/// For whom connections are served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct For {
    /// In statistics and spans.
    pub(crate) name: &'static str,
    pub(crate) codec: Codec,
    /// Whether a client's certificate has been verified, so that the edge may learn of it.
    pub(crate) verified: bool,
}

/// A browser keeps a connection for minutes; one that says nothing for longer is given back.
const IDLE: Span = Span::seconds(300);

/// The filter that makes requests of bytes.
pub(crate) fn manager(
    plan: &Plan<'_>,
    purpose: For,
    route_config: RouteConfiguration,
    filters: Vec<Extension>,
) -> Extension {
    let inputs = plan.inputs;
    let manager = HttpConnectionManager {
        stat_prefix: purpose.name,
        codec_type: if purpose.codec == Codec::Http3 { "HTTP3" } else { "AUTO" },
        route_config,
        http_filters: filters,
        access_log: access_log::all(plan),
        // The address at the other end counts, and what trusted proxies say of it; never what a client says of itself.
        use_remote_address: true,
        xff_num_trusted_hops: plan.options.trusted_hops.unwrap_or(0),
        // Nobody is inside: a private address is no proof of anything.
        internal_address_config: InternalAddressConfig { unix_sockets: false },
        early_header_mutation_extensions: vec![headers::sanitised(plan)],
        normalize_path: true,
        server_header_transformation: "PASS_THROUGH",
        generate_request_id: true,
        // The edge hands a client's own id back to it.
        preserve_external_request_id: true,
        request_id_extension: RequestIdExtension {
            typed_config: Some(Typed::RequestId(UuidRequestIdConfig::default())),
        },
        forward_client_cert_details: if purpose.verified { "SANITIZE_SET" } else { "SANITIZE" },
        common_http_protocol_options: CommonProtocolOptions {
            idle_timeout: IDLE,
            // `x_call_bin` is `x-call-bin` for some who read headers.
            headers_with_underscores_action: Some("DROP_HEADER"),
            max_headers_count: Some(100),
        },
        http2_protocol_options: http2(),
        http3_protocol_options: (purpose.codec == Codec::Http3).then_some(Empty {}),
        // Routes say their own.
        stream_idle_timeout: IDLE,
        request_headers_timeout: Span(inputs.header_timeout),
        // The body included. Streams of requests have no end: gRPC has rpcs of that kind in neither direction from clients.
        request_timeout: Span(inputs.header_timeout + inputs.body_timeout + routes::PATIENCE),
        delayed_close_timeout: Span::seconds(5),
        local_reply_config: LocalReplyConfig { mappers: replies::of(purpose.name) },
        tracing: tracing::of(plan),
    };
    Typed::HttpConnectionManager(Box::new(manager)).into()
}

/// What requests go through on their way to an edge. In this order: what costs least refuses first, and nobody's
/// signature is checked who has asked too often.
pub(crate) fn filters(plan: &Plan<'_>) -> Vec<Extension> {
    let before = [limits::local(plan), jwt::filter(plan), limits::global(plan)];
    before.into_iter().flatten().chain([router()]).collect()
}

/// The last filter.
pub(crate) fn router() -> Extension {
    Typed::Router(Router { suppress_envoy_headers: true }).into()
}

/// What strangers may do to us over HTTP/2 (Envoy's guide for edge proxies).
fn http2() -> Http2ProtocolOptions {
    Http2ProtocolOptions {
        max_concurrent_streams: 100,
        initial_stream_window_size: 64 * 1024,
        initial_connection_window_size: 1024 * 1024,
        // Whoever has gone away without a word does not keep a stream open, and with it a call to a provider.
        connection_keepalive: Some(KeepaliveSettings { interval: Span::seconds(30), timeout: Span::seconds(20) }),
    }
}
