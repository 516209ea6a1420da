//! The client against small servers on loopback that answer byte for byte what a test says.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use bytes::Bytes;
use egress::{Client, Config, Deadlines, Error, Guard, Phase, Purpose, Refused};
use http::Request;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const IDLE: Duration = Duration::from_millis(150);
const SHORT: Deadlines =
    Deadlines { connect: Duration::from_millis(300), first_byte: Duration::from_millis(150), total: None };

fn client(loopback_ok: bool) -> Client {
    Client::new(Guard::new(&Config::default(), loopback_ok, vec![]), Purpose::Provider)
}

fn post(address: SocketAddr) -> Request<Bytes> {
    let uri = format!("http://{address}/v1/chat?key=secret");
    Request::post(uri).header("authorization", "Bearer secret").body(Bytes::from_static(b"{}")).unwrap()
}

/// A server that runs `script` on each connection, with its number from 0.
async fn server<F>(script: impl Fn(usize, TcpStream) -> F + Send + 'static) -> (SocketAddr, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    let accept = async move {
        while let Ok((stream, _)) = listener.accept().await {
            spawn(script(count.fetch_add(1, Ordering::SeqCst), stream));
        }
    };
    spawn(accept);
    (address, connections)
}

#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

/// Reads one request: head and a two-byte body.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n{}") {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => seen.extend_from_slice(&piece[..n]),
            _ => return false,
        }
    }
    true
}

async fn text(response: http::Response<egress::Body>) -> Result<String, Error> {
    let bytes = response.into_body().collect_within(1 << 20, IDLE).await?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn an_answer_arrives_whole_and_its_connection_serves_the_next_request() {
    let (address, connections) = server(|_, mut stream| async move {
        while read_request(&mut stream).await {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await.unwrap();
        }
    })
    .await;
    let client = client(true);
    for _ in 0..3 {
        let response = client.send(post(address), &SHORT).await.unwrap();
        assert_eq!((response.status().as_u16(), response.body().announced_len()), (200, Some(5)));
        assert_eq!(text(response).await.unwrap(), "hello");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn pieces_arrive_as_they_are_sent() {
    let (go, wait) = mpsc::channel::<()>(1);
    let wait = Arc::new(tokio::sync::Mutex::new(wait));
    let (address, _) = server(move |_, mut stream| {
        let wait = wait.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await.unwrap();
            wait.lock().await.recv().await;
            stream.write_all(b"3\r\ntwo\r\n0\r\n\r\n").await.unwrap();
        }
    })
    .await;
    let mut body = client(true).send(post(address), &SHORT).await.unwrap().into_body();
    assert_eq!(body.next_within(IDLE).await.unwrap().unwrap(), "one");
    go.send(()).await.unwrap();
    assert_eq!(body.next_within(IDLE).await.unwrap().unwrap(), "two");
    assert!(body.next_within(IDLE).await.is_none());
}

#[tokio::test]
async fn a_server_that_says_nothing_misses_the_first_byte_deadline() {
    let (address, _) = server(|_, mut stream| async move {
        read_request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let started = Instant::now();
    let error = client(true).send(post(address), &SHORT).await.unwrap_err();
    assert_eq!(error, Error::Timeout(Phase::FirstByte));
    assert!(started.elapsed() >= SHORT.first_byte && !error.is_unsent());
}

#[tokio::test]
async fn a_server_that_stalls_misses_the_idle_deadline_and_one_that_drips_the_total_one() {
    let (address, _) = server(|number, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await.unwrap();
        while number == 1 && stream.write_all(b".").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        std::future::pending::<()>().await;
    })
    .await;
    let client = client(true);
    let stalled = client.send(post(address), &SHORT).await.unwrap();
    assert_eq!(text(stalled).await, Err(Error::Timeout(Phase::Idle)));
    let started = Instant::now();
    let total = Duration::from_millis(400);
    let dripping = client.send(post(address), &Deadlines { total: Some(total), ..SHORT }).await.unwrap();
    assert_eq!(text(dripping).await, Err(Error::Timeout(Phase::Total)));
    assert!(started.elapsed() >= total, "{:?}", started.elapsed());
}

#[tokio::test]
async fn time_that_the_reader_takes_is_not_idle_time() {
    let (address, _) = server(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na").await.unwrap();
        tokio::time::sleep(IDLE * 2).await;
        stream.write_all(b"b").await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let mut body = client(true).send(post(address), &SHORT).await.unwrap().into_body();
    assert_eq!(body.next_within(IDLE).await.unwrap().unwrap(), "a");
    tokio::time::sleep(IDLE * 3 / 2).await;
    assert_eq!(body.next_within(IDLE).await.unwrap().unwrap(), "b");
}

#[tokio::test]
async fn a_server_that_accepts_and_never_speaks_tls_misses_the_connect_deadline() {
    let (address, _) = server(|_, stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let request = Request::get(format!("https://{address}/")).body(Bytes::new()).unwrap();
    let error = client(true).send(request, &SHORT).await.unwrap_err();
    assert_eq!(error, Error::Timeout(Phase::Connect));
    assert!(error.is_unsent());
}

#[tokio::test]
async fn each_way_of_not_answering_has_its_name() {
    let (address, _) = server(|number, mut stream| async move {
        if number == 0 {
            stream.write_all(b"no TLS here, sorry\r\n").await.unwrap();
            return;
        }
        read_request(&mut stream).await;
        let answer: &[u8] = match number {
            1 => b"",
            2 => b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\ncut",
            3 => b"SSH-2.0-OpenSSH_9.2\r\n",
            _ => b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nnot a length\r\n",
        };
        stream.write_all(answer).await.unwrap();
    })
    .await;
    let client = client(true);
    let tls = Request::get(format!("https://{address}/")).body(Bytes::new()).unwrap();
    assert_eq!(client.send(tls, &SHORT).await.unwrap_err(), Error::Tls);
    assert_eq!(client.send(post(address), &SHORT).await.unwrap_err(), Error::Closed);
    let cut = client.send(post(address), &SHORT).await.unwrap();
    assert_eq!(text(cut).await, Err(Error::Closed));
    assert_eq!(client.send(post(address), &SHORT).await.unwrap_err(), Error::Protocol);
    let garbled = client.send(post(address), &SHORT).await.unwrap();
    assert!(matches!(text(garbled).await, Err(Error::Protocol | Error::Closed)));
}

#[tokio::test]
async fn what_cannot_be_reached_says_so_without_naming_the_url() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = client(true);
    let refused = client.send(post(closed), &SHORT).await.unwrap_err();
    assert_eq!(refused, Error::Connect);
    let request = Request::get("http://nowhere.invalid/?key=secret").body(Bytes::new()).unwrap();
    let unknown = client.send(request, &Deadlines { connect: Duration::from_secs(20), ..SHORT }).await.unwrap_err();
    assert_eq!(unknown, Error::Resolve);
    for error in [refused, unknown] {
        let told = format!("{error} {error:?}");
        assert!(!told.contains("secret") && !told.contains("127.0.0.1") && !told.contains("nowhere"), "{told}");
    }
}

#[tokio::test]
async fn a_forbidden_address_is_never_connected_to_by_number_or_by_name() {
    let (address, connections) = server(|_, _| async {}).await;
    let strict = client(false);
    for host in ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1"] {
        let request = Request::get(format!("http://{host}:{}/", address.port())).body(Bytes::new()).unwrap();
        let error = strict.send(request, &SHORT).await.unwrap_err();
        assert_eq!(error, Error::Refused(Refused::Loopback), "{host}");
    }
    let request = Request::get(format!("http://me:secret@{address}/")).body(Bytes::new()).unwrap();
    assert_eq!(client(true).send(request, &SHORT).await.unwrap_err(), Error::Refused(Refused::UserInfo));
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let (address, connections) = server(|_, mut stream| async move {
        read_request(&mut stream).await;
        let answer = b"HTTP/1.1 307 Moved\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    })
    .await;
    let response = client(true).send(post(address), &SHORT).await.unwrap();
    assert_eq!((response.status().as_u16(), connections.load(Ordering::SeqCst)), (307, 1));
}

#[tokio::test]
async fn dropping_the_wait_or_the_body_closes_the_connection() {
    let (closed, mut seen) = mpsc::channel(2);
    let (address, _) = server(move |number, mut stream| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            if number == 1 {
                stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n").await.unwrap();
            }
            let end = stream.read(&mut [0; 16]).await;
            closed.send((number, matches!(end, Ok(0) | Err(_)))).await.unwrap();
        }
    })
    .await;
    let client = client(true);
    assert!(tokio::time::timeout(IDLE / 2, client.send(post(address), &SHORT)).await.is_err());
    let mut end = async || tokio::time::timeout(Duration::from_secs(1), seen.recv()).await.unwrap();
    assert_eq!(end().await, Some((0, true)));
    let mut body = client.send(post(address), &SHORT).await.unwrap().into_body();
    assert_eq!(body.next_within(IDLE).await.unwrap().unwrap(), "a");
    drop(body);
    assert_eq!(end().await, Some((1, true)));
}

#[tokio::test]
async fn a_pooled_connection_that_the_server_has_closed_is_replaced_without_an_error() {
    let (address, connections) = server(|_, mut stream| async move {
        read_request(&mut stream).await;
        // Keep-alive is promised and not kept, as by a server that restarts.
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
    })
    .await;
    let client = client(true);
    for _ in 0..50 {
        assert_eq!(text(client.send(post(address), &SHORT).await.unwrap()).await.unwrap(), "ok");
        // Long enough for the other side's FIN on loopback; what remains is the race that the client must win.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(connections.load(Ordering::SeqCst), 50);
}

#[tokio::test]
async fn an_answer_larger_than_asked_for_is_not_kept() {
    let (address, _) = server(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n").await.unwrap();
        stream.write_all(&[b'x'; 100]).await.unwrap();
    })
    .await;
    let response = client(true).send(post(address), &SHORT).await.unwrap();
    assert_eq!(response.into_body().collect_within(99, IDLE).await, Err(Error::TooLarge(99)));
}
