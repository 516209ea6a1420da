//! What a person sees when everything runs: where, and what to type next.

use crate::ports;
use crate::roles::Roles;
use crate::say;
use crate::wire::Base;
use host::Report;
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

/// Says that the process runs, whether it is ready, where, and what to type next.
pub async fn print(base: &Base, addresses: &Addresses) {
    let report = base.readiness.report().await;
    if report.ready {
        tracing::info!(role = %base.roles, ?addresses, "ready");
    } else {
        tracing::warn!(role = %base.roles, ?addresses, "started, not ready yet");
    }
    say::line(&text(base, addresses, &report));
}

fn text(base: &Base, addresses: &Addresses, report: &Report) -> String {
    let mut lines = state(&base.roles, report);
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
    if let Some(edge) = addresses.edge {
        lines.extend([String::new(), "Next, create an account:".to_owned(), String::new(), sign_up(edge)]);
    }
    lines.join("\n")
}

/// Whether requests are answered, and if not, what for.
fn state(roles: &Roles, report: &Report) -> Vec<String> {
    if report.ready {
        return vec![format!("Perpetuo is ready (role {roles}).")];
    }
    let mut lines = vec![format!("Perpetuo has started (role {roles}). It is ready as soon as these are:")];
    let missing = report.checks.iter().filter(|check| !check.ok);
    lines.extend(missing.map(|check| format!("  {}: {}", check.name, check.problem.as_deref().unwrap_or("not yet"))));
    lines
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
    use host::Readiness;

    #[tokio::test]
    async fn what_is_missing_is_said_instead_of_ready() {
        let readiness = Readiness::new();
        readiness.check("identity database", || async { Ok(()) });
        assert_eq!(state(&Roles::default(), &readiness.report().await), ["Perpetuo is ready (role all)."]);
        let waiting = Readiness::new();
        waiting.check("peer gateway", || async { Err("it does not answer".to_owned()) });
        let told = state(&"edge".parse().unwrap(), &waiting.report().await).join("\n");
        assert!(told.contains("peer gateway: it does not answer") && !told.contains("is ready ("), "{told}");
    }

    #[test]
    fn the_next_command_can_be_pasted_even_if_we_listen_everywhere() {
        let command = sign_up("0.0.0.0:8080".parse().unwrap());
        assert!(command.contains("http://127.0.0.1:8080/auth/signup"), "{command}");
        let body = command.split("-d '").nth(1).unwrap().trim_end_matches('\'');
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
    }
}
