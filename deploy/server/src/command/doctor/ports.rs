//! Can we listen where we should, or do we already?

use super::Findings;
use crate::lock;
use crate::roles::Roles;
use crate::settings::Settings;
use proto::Role;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(2);

/// Every port that a process with these roles takes.
pub async fn check(settings: &Settings, roles: &Roles, findings: &mut Findings) {
    let mut listeners = vec![("ops.listen", settings.ops.listen)];
    if roles.has(Role::Edge) {
        listeners.push(("edge.listen", settings.edge.listen));
    }
    if roles.has_grpc() {
        listeners.push(("grpc.listen", settings.grpc.listen));
    }
    for (setting, address) in listeners {
        one(setting, address, &settings.data_dir, findings).await;
    }
}

async fn one(setting: &str, address: SocketAddr, data_dir: &Path, findings: &mut Findings) {
    let name = format!("port {}", address.port());
    match TcpListener::bind(address).await {
        Ok(_) => findings.ok(&name, format!("{address} is free ({setting})")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if lock::is_held(data_dir) || is_ours(address).await {
                findings.ok(&name, format!("perpetuo listens on {address} ({setting})"));
            } else {
                findings
                    .fail(&name, format!("another program has {address}: stop it, or set {setting} to another port"));
            }
        }
        Err(error) => findings.fail(&name, format!("cannot listen on {address} ({error}): correct {setting}")),
    }
}

/// Whether the program behind the port answers as Perpetuo's probes do.
async fn is_ours(address: SocketAddr) -> bool {
    tokio::time::timeout(PATIENCE, livez(address)).await.ok().flatten().is_some_and(|answer| {
        // The edge sends a request id with everything; the operations port answers in the same words.
        answer.starts_with("HTTP/1.1 200") && (answer.contains("x-request-id: req_") || answer.contains("perpetuo"))
    })
}

async fn livez(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.ok()?;
    let mut answer = Vec::new();
    stream.take(16 * 1024).read_to_end(&mut answer).await.ok()?;
    Some(String::from_utf8_lossy(&answer).to_lowercase().replacen("http/1.1", "HTTP/1.1", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_that_another_program_has_is_told_with_its_setting() {
        let dir = tempfile::tempdir().unwrap();
        let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let taken = holder.local_addr().unwrap();
        let mut findings = Findings::default();
        let (check, _) = tokio::join!(one("edge.listen", taken, dir.path(), &mut findings), async {
            let (mut stream, _) = holder.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        });
        let () = check;
        assert!(findings.problems()[0].contains("edge.listen"), "{:?}", findings.problems());
    }
}
