//! A real listener on loopback.

use crate::fake::{EXECUTION, Fakes, TOKEN, executions::event};
use edge::Config;
use proto::engine::Phase;
use std::{net::SocketAddr, sync::atomic::Ordering::SeqCst, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

pub struct Server {
    pub fakes: Fakes,
    pub address: SocketAddr,
}

pub async fn start(config: Config) -> Server {
    let fakes = Fakes::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (routes, tasks) = (edge::Routes::new(config.clone(), fakes.services()), fakes.tasks.clone());
    fakes.tasks.spawn("edge", async move { edge::serve(listener, routes, &config, &tasks).await });
    Server { fakes, address }
}

/// Sends bytes and reads until `end` has come, or the connection is closed.
pub async fn exchange(socket: &mut TcpStream, bytes: &[u8], end: &str) -> String {
    socket.write_all(bytes).await.unwrap();
    let mut all = vec![];
    let read = async {
        let mut chunk = [0; 4096];
        while !String::from_utf8_lossy(&all).contains(end) {
            match socket.read(&mut chunk).await {
                Ok(0) | Err(_) => break,
                Ok(n) => all.extend_from_slice(&chunk[..n]),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), read).await.expect("an answer within 5 s");
    String::from_utf8_lossy(&all).into_owned()
}

fn chat(model: &str) -> String {
    let body = format!(r#"{{"model":"{model}"}}"#);
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: not within 5 s");
}

#[tokio::test]
async fn a_client_that_hangs_up_ends_its_stream() {
    let server = start(Config::default()).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let begun = exchange(&mut socket, chat("endless").as_bytes(), "{\"a\":1}").await;
    assert!(begun.starts_with("HTTP/1.1 200"), "{begun}");
    drop(socket);
    eventually("the gateway is told", || server.fakes.dropped.load(SeqCst)).await;
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "what stops all tasks is none of them")]
async fn stopping_closes_what_idles_takes_nothing_new_and_cuts_streams_only_when_the_grace_is_over() {
    let server = start(Config::default()).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    exchange(&mut idle, b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n", "\"ok\"").await;
    let mut streaming = TcpStream::connect(server.address).await.unwrap();
    exchange(&mut streaming, chat("endless").as_bytes(), "{\"a\":1}").await;

    let tasks = server.fakes.tasks.clone();
    let stopping = tokio::spawn(async move { tasks.shutdown(Duration::from_millis(500)).await });
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap(), 0, "an idle connection is closed");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
    let ended = tokio::time::timeout(Duration::from_millis(100), streaming.read(&mut [0; 1])).await;
    assert!(ended.is_err() && !server.fakes.dropped.load(SeqCst), "the stream goes on for as long as it may");
    assert!(stopping.await.unwrap(), "and then everything ends");
    assert!(server.fakes.dropped.load(SeqCst), "the gateway's stream with it");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "what stops all tasks is none of them")]
async fn an_answer_under_way_is_finished_when_the_process_stops() {
    let server = start(Config::default()).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let (head, body) =
        chat("plain").split_once("\r\n\r\n").map(|(h, b)| (format!("{h}\r\n\r\n"), b.to_owned())).unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&body.as_bytes()[..3]).await.unwrap();
    eventually("the request has begun", || server.fakes.was_called("resolve_token")).await;
    let tasks = server.fakes.tasks.clone();
    let stopping = tokio::spawn(async move { tasks.shutdown(Duration::from_secs(5)).await });
    eventually("it is stopping", || server.fakes.tasks.stopping().is_cancelled()).await;
    let answer = exchange(&mut socket, &body.as_bytes()[3..], "chatcmpl-1").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    assert!(stopping.await.unwrap());
}

#[tokio::test]
async fn a_body_that_is_too_large_gets_its_answer_although_the_client_still_writes() {
    let server = start(Config::default()).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let length = 20 * 1024 * 1024;
    let mut request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    )
    .into_bytes();
    request.resize(request.len() + length, b' ');
    let answer = exchange(&mut socket, &request, "body_too_large").await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_head_that_never_ends_is_not_waited_for() {
    let server = start(Config { header_timeout_seconds: 1, ..Config::default() }).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let answer = exchange(&mut socket, b"GET /health HTTP/1.1\r\nhost: ", "never").await;
    assert!(!answer.contains("200"), "{answer}");
}

#[tokio::test]
async fn who_comes_too_many_waits_for_a_place() {
    let server = start(Config { max_connections: 1, ..Config::default() }).await;
    let health = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut first = TcpStream::connect(server.address).await.unwrap();
    exchange(&mut first, health, "\"ok\"").await;
    let mut second = TcpStream::connect(server.address).await.unwrap();
    second.write_all(health).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(100), second.read(&mut [0; 1])).await;
    assert!(early.is_err(), "there is no place yet");
    drop(first);
    let answer = exchange(&mut second, b"", "\"ok\"").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "what stops all tasks is none of them")]
async fn an_execution_that_is_followed_is_followed_elsewhere_when_the_process_stops() {
    let server = start(Config::default()).await;
    server.fakes.change(|world| {
        world.put(Phase::Running, 1);
        (world.goes_on, world.events) = (true, vec![event(1, "execution.queued")]);
    });
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let ask =
        format!("GET /executions/{EXECUTION}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\r\n");
    let begun = exchange(&mut socket, ask.as_bytes(), "execution.queued\",").await;
    assert!(begun.starts_with("HTTP/1.1 200"), "{begun}");
    let tasks = server.fakes.tasks.clone();
    let stopping = tokio::spawn(async move { tasks.shutdown(Duration::from_secs(30)).await });
    let rest = exchange(&mut socket, b"", "0\r\n\r\n").await;
    assert!(rest.ends_with("0\r\n\r\n"), "it ends as what is whole does, long before it is cut: {rest}");
    assert!(stopping.await.unwrap());
}
