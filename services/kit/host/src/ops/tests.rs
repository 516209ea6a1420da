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
        String::from_utf8_lossy(&self.ask_for_bytes(request).await).into_owned()
    }

    async fn ask_for_bytes(&self, request: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        let request = format!("{request}\r\nhost: ops\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = vec![];
        stream.read_to_end(&mut answer).await.expect("an answer");
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
    let metrics = port.ask("GET /metrics HTTP/1.1").await;
    for line in [
        "process_open_fds ",
        "tokio_workers ",
        "perpetuo_ready{check=\"database\"} 0",
        "perpetuo_ready{check=\"all\"} 0",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
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

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_shows_what_keeps_the_processor_busy() {
    use pprof::protos::{Message as _, Profile};
    let port = open(Some("0123456789abcdef")).await;
    assert!(port.ask("GET /profile/cpu?seconds=1 HTTP/1.1").await.starts_with("HTTP/1.1 401"));
    let busy = std::thread::spawn(|| {
        let until = std::time::Instant::now() + Duration::from_secs(3);
        let mut sum = 0_u64;
        while std::time::Instant::now() < until {
            sum = (0..10_000).fold(sum, |sum, number| std::hint::black_box(sum.wrapping_mul(31).wrapping_add(number)));
        }
        sum
    });
    let authorized = "authorization: Bearer 0123456789abcdef";
    let first = format!("GET /profile/cpu?seconds=1 HTTP/1.1\r\n{authorized}");
    let second = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        port.ask(&first).await
    };
    let (answer, meanwhile) = tokio::join!(port.ask_for_bytes(&first), second);
    assert!(meanwhile.starts_with("HTTP/1.1 409"), "{meanwhile}");
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n").expect("a head") + 4;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..head]));
    let profile = Profile::decode(&answer[head..]).expect("a profile");
    assert!(profile.sample.len() > 1 && !profile.function.is_empty(), "{} samples", profile.sample.len());
    assert!(profile.string_table.iter().any(|name| name.contains("a_profile_shows")), "nothing of what was busy");
    let wrong = port.ask(&format!("GET /profile/cpu?seconds=100 HTTP/1.1\r\n{authorized}")).await;
    assert!(wrong.starts_with("HTTP/1.1 400"), "{wrong}");
    busy.join().expect("it ends");
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
