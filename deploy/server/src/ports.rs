//! Which ports are ours?

use anyhow::Context as _;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// The port of a URL's host if that is this machine, for ports that outbound calls must not reach.
pub fn of_url(url: &str, default: u16) -> u16 {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let port = host_port.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    port.unwrap_or(default)
}

/// The address that a listener got.
pub fn address(listener: &TcpListener) -> anyhow::Result<SocketAddr> {
    listener.local_addr().context("a listener has no address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ports_of_the_stores_are_found_in_their_urls() {
        for (url, port) in [
            ("postgres://me:p%40ss@localhost:5433/db?sslmode=disable", 5433),
            ("postgres://localhost/db", 5432),
            ("postgres://me:pa:ss@[::1]:6000/db", 6000),
            ("postgres:///db?host=/run/postgresql", 5432),
            ("postgres://[::1]/db", 5432),
        ] {
            assert_eq!(of_url(url, 5432), port, "{url}");
        }
    }
}
