//! Where does a request end? Who gets that wrong behind a proxy takes a part of one request for another one.

use crate::{
    fake::TOKEN,
    listener::{Server, exchange, start},
};
use bytes::Bytes;
use edge::Config;
use http::Request;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::{body::Frame, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{convert::Infallible, time::Duration};
use tokio::{io::AsyncReadExt as _, net::TcpStream};

const BODY: &str = r#"{"model":"plain"}"#;

/// A chat completion with these headers of framing, and bytes behind its head.
fn chat(framing: &str, rest: &str) -> String {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\n{framing}\r\n\r\n{rest}"
    )
}

/// All that comes back until nothing more does.
async fn told(server: &Server, sent: &str) -> String {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let mut all = exchange(&mut socket, sent.as_bytes(), "HTTP/1.1 ").await;
    let mut rest = vec![];
    let _ = tokio::time::timeout(Duration::from_millis(200), socket.read_to_end(&mut rest)).await;
    all.push_str(&String::from_utf8_lossy(&rest));
    all
}

#[tokio::test]
async fn chunks_go_before_a_length_and_nothing_is_left_for_a_second_request() {
    let server = start(Config::default()).await;
    // By the length the body would end within the first chunk, and a request of somebody else would begin there.
    let chunked = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
    for framing in
        ["content-length: 4\r\ntransfer-encoding: chunked", "transfer-encoding: chunked\r\ncontent-length: 4"]
    {
        let answer = told(&server, &chat(framing, &chunked)).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{framing}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{framing}: {answer}");
        let seen = server.fakes.last("complete").request;
        assert!(seen.contains("plain"), "{framing}: {seen}");
    }
}

#[tokio::test]
async fn a_request_that_two_readers_could_cut_differently_is_refused() {
    let server = start(Config::default()).await;
    for framing in [
        "content-length: 17\r\ncontent-length: 4",
        "content-length: 17, 4",
        "content-length: +17",
        "content-length: 0x11",
        "content-length : 17",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: xchunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity",
        "transfer-encoding : chunked",
    ] {
        let answer = told(&server, &chat(framing, BODY)).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.matches("HTTP/1.1 ").count() == 1, "{framing}: {answer}");
        assert!(!server.fakes.was_called("complete"), "{framing}");
    }
    for chunks in ["-1\r\n", "11;\n\r\n", "ffffffffffffffffff\r\n", "g\r\n"] {
        let sent = chat("transfer-encoding: chunked", &format!("{chunks}{BODY}\r\n0\r\n\r\n"));
        let answer = told(&server, &sent).await;
        assert!(!answer.starts_with("HTTP/1.1 200") && !server.fakes.was_called("complete"), "{chunks:?}: {answer}");
    }
}

/// The status of a chat completion over HTTP/2 that declares a length and sends `body`; None where its stream is reset.
async fn over_http2(server: &Server, declared: usize, body: &'static str) -> Option<u16> {
    let socket = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
    let driven = server.fakes.tasks.spawn("client", async move {
        let _ = connection.await;
    });
    // Of a body whose length it does not know the client says what the header says.
    let frames = futures::stream::iter([Ok::<_, Infallible>(Frame::data(Bytes::from_static(body.as_bytes())))]);
    let request = Request::post(format!("http://{}/v1/chat/completions", server.address))
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json")
        .header("content-length", declared)
        .body(StreamBody::new(frames))
        .unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(5), sender.send_request(request)).await.expect("an end");
    let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
    if let Ok(answer) = answer {
        let _ = answer.into_body().collect().await;
    }
    driven.abort();
    status
}

#[tokio::test]
async fn over_http2_a_length_that_is_not_that_of_the_data_is_refused() {
    let server = start(Config::default()).await;
    for declared in [BODY.len() - 1, BODY.len() + 1, 0] {
        let status = over_http2(&server, declared, BODY).await;
        assert!(status.is_none_or(|status| status == 400), "{declared}: {status:?}");
        assert!(!server.fakes.was_called("complete"), "{declared}");
    }
    assert_eq!(over_http2(&server, BODY.len(), BODY).await, Some(200));
    assert!(server.fakes.was_called("complete"));
}
