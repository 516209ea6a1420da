//! envoy.config.listener.v3

use super::{Extension, core::Address};

message!(Listener {
    name: &'static str,
    address: Address,
    filter_chains: Vec<FilterChain>,
    per_connection_buffer_limit_bytes: u32;
    listener_filters: Vec<Extension>,
    udp_listener_config: UdpListenerConfig,
});
message!(FilterChain { name: &'static str, filters: Vec<Extension>; filter_chain_match: FilterChainMatch, transport_socket: Extension });
message!(FilterChainMatch { server_names: Vec<String> });
message!(UdpListenerConfig { quic_options: QuicOptions, downstream_socket_config: UdpSocketConfig });
message!(QuicOptions { idle_timeout: super::core::Span });
message!(UdpSocketConfig { prefer_gro: bool });
message!(TlsInspector {});

impl Listener {
    /// Its first and only use of a default: no filters before the first byte.
    pub(crate) fn tcp(name: &'static str, address: Address, filter_chains: Vec<FilterChain>) -> Self {
        // What a client may make us hold for it: small, as at every proxy that strangers reach.
        Self { name, address, filter_chains, per_connection_buffer_limit_bytes: 32 * 1024, ..Self::default() }
    }
}
