//! Which ports are open, and what each serves.

use crate::{
    connection::{self, Codec, For},
    grpc,
    plan::{Efi, Plan},
    routes, tls,
    v3::{
        Extension, Typed,
        core::{Address, Span},
        listener::{
            FilterChain, FilterChainMatch, Listener, QuicOptions, TlsInspector, UdpListenerConfig, UdpSocketConfig,
        },
    },
};
use std::net::SocketAddr;

/// Every listener.
pub(crate) fn all(plan: &Plan<'_>) -> Vec<Listener> {
    let mut listeners = vec![];
    if let Some(at) = plan.https {
        listeners.push(https(plan, at));
        if plan.http3 {
            listeners.push(http3(plan, at));
        }
    }
    if let Some(at) = plan.plain {
        let chain = chain("plain", http(plan, "plain", Codec::Auto, None), None);
        listeners.push(Listener::tcp("plain", address(at), vec![chain]));
    }
    if let Some(Efi::Listen(at)) = plan.efi {
        listeners.push(Listener::tcp("efi", address(at), vec![efi(plan)]));
    }
    if let Some(at) = plan.grpc {
        let socket = plan.grpc_tls.then(|| tls::downstream(plan));
        listeners.push(Listener::tcp("grpc", address(at), vec![chain("grpc", grpc::manager(plan), socket)]));
    }
    listeners
}

fn https(plan: &Plan<'_>, at: SocketAddr) -> Listener {
    let advertised = plan.http3.then(|| plan.public_port(at));
    let everybody = chain("https", http(plan, "https", Codec::Auto, advertised), Some(tls::downstream(plan)));
    let mut chains = vec![everybody];
    if let Some(Efi::Host(host)) = &plan.efi {
        let names = FilterChainMatch { server_names: vec![host.clone()] };
        chains.insert(0, FilterChain { filter_chain_match: Some(names), ..efi(plan) });
    }
    // It reads the name that the client calls before any certificate is chosen.
    let inspector = Typed::TlsInspector(TlsInspector {}).into();
    Listener { listener_filters: Some(vec![inspector]), ..Listener::tcp("https", address(at), chains) }
}

/// The same port over UDP.
fn http3(plan: &Plan<'_>, at: SocketAddr) -> Listener {
    let mut udp = address(at);
    udp.socket_address.protocol = Some("UDP");
    let chain = chain("http3", http(plan, "http3", Codec::Http3, None), Some(tls::quic(plan)));
    let config = UdpListenerConfig {
        quic_options: QuicOptions { idle_timeout: Span::seconds(300) },
        downstream_socket_config: UdpSocketConfig { prefer_gro: true },
    };
    Listener { udp_listener_config: Some(config), ..Listener::tcp("http3", udp, vec![chain]) }
}

/// Nobody gets here without a certificate of Efí's, and from here nowhere but to Efí's webhooks.
fn efi(plan: &Plan<'_>) -> FilterChain {
    let purpose = For { name: "efi", codec: Codec::Auto, verified: true };
    let manager = connection::manager(plan, purpose, routes::of_efi(plan), connection::filters(plan));
    chain("efi", manager, Some(tls::mutual(plan)))
}

fn http(plan: &Plan<'_>, name: &'static str, codec: Codec, advertised: Option<u16>) -> Extension {
    let purpose = For { name, codec, verified: false };
    connection::manager(plan, purpose, routes::of_everybody(plan, advertised), connection::filters(plan))
}

fn chain(name: &'static str, manager: Extension, transport_socket: Option<Extension>) -> FilterChain {
    FilterChain { name, filters: vec![manager], transport_socket, filter_chain_match: None }
}

fn address(at: SocketAddr) -> Address {
    Address::of(&at.ip().to_string(), at.port())
}
