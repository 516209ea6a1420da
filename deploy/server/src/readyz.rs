//! What does an operations port on this machine say of its process?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A probe itself may take two seconds.
const PATIENCE: Duration = Duration::from_secs(4);

/// The whole answer of `/readyz`, head and body. None where nobody answers.
pub async fn ask(address: SocketAddr) -> Option<String> {
    let answer = async {
        let mut stream = TcpStream::connect(here(address)).await.ok()?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.ok()?;
        let mut answer = Vec::new();
        stream.take(16 * 1024).read_to_end(&mut answer).await.ok()?;
        String::from_utf8(answer).ok()
    };
    tokio::time::timeout(PATIENCE, answer).await.ok().flatten()
}

/// Who listens everywhere is reached at the loopback address.
fn here(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    };
    SocketAddr::new(ip, address.port())
}
