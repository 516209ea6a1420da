//! Can we listen where we should, or do we already?

use super::Findings;
use crate::lock;
use crate::readyz;
use crate::roles::Roles;
use crate::settings::Settings;
use proto::Role;
use std::io::ErrorKind;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Every port that a process with these roles takes.
pub async fn check(settings: &Settings, roles: &Roles, findings: &mut Findings) {
    let mut listeners = vec![("ops.listen", settings.ops.listen)];
    if roles.has(Role::Edge) {
        listeners.push(("edge.listen", settings.edge.listen));
    }
    if roles.has_grpc() {
        listeners.push(("grpc.listen", settings.grpc.listen));
    }
    // One of ours that runs with these settings has all of its ports, and tells so on this one.
    let running = lock::is_held(&settings.data_dir) || is_ours(settings.ops.listen).await;
    for (setting, address) in listeners {
        one(setting, address, running, findings).await;
    }
}

async fn one(setting: &str, address: SocketAddr, running: bool, findings: &mut Findings) {
    let name = format!("port {}", address.port());
    match TcpListener::bind(address).await {
        Ok(_) => findings.ok(&name, format!("{address} is free ({setting})")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && running => {
            findings.ok(&name, format!("perpetuo listens on {address} ({setting})"));
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            findings.fail(&name, format!("another program has {address}: stop it, or set {setting} to another port"));
        }
        Err(error) => findings.fail(&name, format!("cannot listen on {address} ({error}): correct {setting}")),
    }
}

/// Whether the program behind the port answers as our operations port does.
async fn is_ours(address: SocketAddr) -> bool {
    readyz::ask(address).await.is_some_and(|answer| answer.contains(r#"{"ready":"#))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt as _;

    #[tokio::test]
    async fn a_port_that_another_program_has_is_told_with_its_setting() {
        let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let taken = holder.local_addr().unwrap();
        let mut findings = Findings::default();
        let answer = async {
            let (mut stream, _) = holder.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        };
        let (ours, ()) = tokio::join!(is_ours(taken), answer);
        assert!(!ours);
        one("ops.listen", taken, ours, &mut findings).await;
        assert!(findings.problems()[0].contains("ops.listen"), "{:?}", findings.problems());
    }

    #[tokio::test]
    async fn our_own_running_process_is_no_problem() {
        let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let taken = holder.local_addr().unwrap();
        let stop = tokio_util::sync::CancellationToken::new();
        let config = host::ops::Config { listen: taken, token: None };
        let ours = stop.run_until_cancelled(host::ops::serve(holder, &config, host::Readiness::new(), stop.clone()));
        let ask = async {
            let answer = is_ours(taken).await;
            stop.cancel();
            answer
        };
        assert!(tokio::join!(ours, ask).1);
    }
}
