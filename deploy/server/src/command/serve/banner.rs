//! What a person sees when everything runs: where, and what to type next.

use crate::ports;
use crate::say;
use crate::wire::Base;
use proto::Role;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

/// Where we listen.
#[derive(Debug)]
pub struct Addresses {
    edge: Option<SocketAddr>,
    grpc: Option<SocketAddr>,
    ops: SocketAddr,
}

impl Addresses {
    /// Where these listeners listen.
    pub fn of(edge: Option<&TcpListener>, grpc: Option<&TcpListener>, ops: &TcpListener) -> anyhow::Result<Self> {
        let edge = edge.map(ports::address).transpose()?;
        Ok(Self { edge, grpc: grpc.map(ports::address).transpose()?, ops: ports::address(ops)? })
    }
}

/// Says that everything runs, where, and what to type next.
pub fn print(base: &Base, addresses: &Addresses) {
    tracing::info!(role = %base.roles, ?addresses, "ready");
    say::line(&text(base, addresses));
}

fn text(base: &Base, addresses: &Addresses) -> String {
    let mut lines = vec![format!("Perpetuo is ready (role {}).", base.roles)];
    if let Some(edge) = addresses.edge {
        lines.push(format!("  HTTP        http://{}   (documentation: /docs)", reachable(edge)));
    }
    if let Some(grpc) = addresses.grpc {
        lines.push(format!("  gRPC        {}", reachable(grpc)));
    }
    lines.push(format!("  operations  http://{}/metrics, /readyz", reachable(addresses.ops)));
    if base.settings.is_embedded(&base.roles) {
        lines.push(format!("  data        {}", base.settings.data_dir.display()));
    }
    if let (Some(edge), true) = (addresses.edge, base.roles.has(Role::Edge)) {
        lines.push(String::new());
        lines.push("Next, create an account:".to_owned());
        lines.push(String::new());
        lines.push(sign_up(edge));
    }
    lines.join("\n")
}

fn sign_up(edge: SocketAddr) -> String {
    format!(
        "  curl -s http://{}/auth/signup -H 'content-type: application/json' \\\n    \
         -d '{{\"email\":\"ada@example.com\",\"password\":\"correct horse battery\",\"name\":\"Ada\"}}'",
        reachable(edge)
    )
}

/// An address that can be typed: one that means "every address of this machine" is reached as loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_command_can_be_pasted_even_if_we_listen_everywhere() {
        let command = sign_up("0.0.0.0:8080".parse().unwrap());
        assert!(command.contains("http://127.0.0.1:8080/auth/signup"), "{command}");
        let body = command.split("-d '").nth(1).unwrap().trim_end_matches('\'');
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
    }
}
