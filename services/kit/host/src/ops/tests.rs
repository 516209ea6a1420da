//! The operations port, over a real connection.

use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

struct Port {
    address: SocketAddr,
    readiness: Readiness,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<Result<(), Open>>,
}

async fn open(token: Option<&str>) -> Port {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (readiness, stop) = (Readiness::new(), CancellationToken::new());
    let config = Config { listen: address, token: token.map(Into::into) };
    let (ready, until) = (readiness.clone(), stop.clone());
    let served = TaskTracker::new().spawn(async move { serve(listener, &config, ready, until).await });
    Port { address, readiness, stop, served }
}

impl Port {
    async fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        let request = format!("{request}\r\nhost: ops\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }
}

#[tokio::test]
async fn probes_tell_alive_from_ready() {
    let port = open(None).await;
    port.readiness.check("database", || async { Err("the database is away".to_owned()) });
    assert!(port.ask("GET /livez HTTP/1.1").await.starts_with("HTTP/1.1 200"));
    let ready = port.ask("GET /readyz HTTP/1.1").await;
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("\"the database is away\""), "{ready}");
    assert!(port.ask("GET /metrics HTTP/1.1").await.contains("process_open_fds"));
    assert!(port.ask("GET /nothing HTTP/1.1").await.starts_with("HTTP/1.1 404"));
    assert!(port.ask("POST /metrics HTTP/1.1").await.starts_with("HTTP/1.1 405"));
}

#[tokio::test]
async fn metrics_need_the_token_and_probes_do_not() {
    let port = open(Some("0123456789abcdef")).await;
    assert!(port.ask("GET /metrics HTTP/1.1").await.starts_with("HTTP/1.1 401"));
    let wrong = port.ask("GET /metrics HTTP/1.1\r\nauthorization: Bearer 0123456789abcdeF").await;
    assert!(wrong.starts_with("HTTP/1.1 401"), "{wrong}");
    let right = port.ask("GET /metrics HTTP/1.1\r\nauthorization: Bearer 0123456789abcdef").await;
    assert!(right.starts_with("HTTP/1.1 200"), "{right}");
    assert!(port.ask("PUT /log-level HTTP/1.1\r\ncontent-length: 0").await.starts_with("HTTP/1.1 401"));
    assert!(port.ask("GET /readyz HTTP/1.1").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_log_level_that_is_none_is_refused() {
    let port = open(None).await;
    let answer = port.ask("PUT /log-level HTTP/1.1\r\ncontent-length: 0").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn it_ends_when_told_though_somebody_keeps_a_connection_open() {
    let port = open(None).await;
    let mut idle = TcpStream::connect(port.address).await.expect("a connection");
    idle.write_all(b"GET /livez HTTP/1.1\r\nhost: ops\r\n\r\n").await.expect("sent");
    let mut first = [0u8; 15];
    idle.read_exact(&mut first).await.expect("an answer");
    port.stop.cancel();
    tokio::time::timeout(Duration::from_secs(3), port.served).await.expect("in time").expect("a task").expect("served");
}

#[test]
fn an_open_port_for_everybody_is_refused() {
    let config = |listen: &str, token: Option<&str>| Config {
        listen: listen.parse().expect("an address"),
        token: token.map(Into::into),
    };
    assert!(config("127.0.0.1:9091", None).check().is_ok());
    assert!(config("[::1]:9091", None).check().is_ok());
    for open in ["0.0.0.0:9091", "[::]:9091", "10.0.0.1:9091"] {
        let error = config(open, None).check().expect_err("open").to_string();
        assert!(error.contains("ops.token") && error.contains(open), "{error}");
        assert!(config(open, Some("short")).check().is_err());
        assert!(config(open, Some("0123456789abcdef")).check().is_ok());
    }
}
