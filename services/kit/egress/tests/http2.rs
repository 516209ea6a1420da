//! The client against servers on loopback that speak HTTP/2, HTTP/1.1 or both: what is negotiated, and over how many connections.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use bytes::Bytes;
use egress::{Authorities, Body, Client, Config, Deadlines, Guard, Purpose, Tls};
use futures::future::join_all;
use http::{Request, Response, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio_rustls::TlsAcceptor;

const WAIT: Duration = Duration::from_secs(10);
const DEADLINES: Deadlines = Deadlines { connect: WAIT, first_byte: WAIT, total: None };

/// How many requests overlap.
const TOGETHER: usize = 8;

/// A server with a certificate, which offers these protocols. What is asked at `/together` it answers once so many are there.
struct Server {
    address: SocketAddr,
    authority: String,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn start(offers: &[&str]) -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = names.signed_by(&key, &authority).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let chain = vec![certificate.der().clone()];
        let mut config = builder.with_no_client_auth().with_single_cert(chain, key.into()).unwrap();
        config.alpn_protocols = offers.iter().map(|name| name.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, together) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(TOGETHER)));
        let count = connections.clone();
        spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, SeqCst);
                let (acceptor, together) = (acceptor.clone(), together.clone());
                spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request| answer(request, together.clone()));
                    let http = auto::Builder::new(TokioExecutor::new());
                    let served = http.serve_connection(TokioIo::new(stream), service);
                    drop(Box::pin(served).await);
                });
            }
        });
        Self { address, authority: authority.pem(), connections }
    }

    fn client(&self) -> Client {
        let config =
            Config { allow: vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()], ..Default::default() };
        let authorities = Authorities::read(self.authority.as_bytes()).unwrap();
        let tls = Tls { authorities, ..Tls::default() };
        Client::with_tls(Guard::new(&config, false, vec![]), Purpose::Provider, &tls).unwrap()
    }

    async fn call(&self, client: &Client, path: &str, said: usize) -> Response<Body> {
        let uri = format!("https://localhost:{}{path}", self.address.port());
        client.send(Request::post(uri).body(Bytes::from(said.to_string())).unwrap(), &DEADLINES).await.unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

async fn answer(request: Request<Incoming>, together: Arc<Barrier>) -> Result<Response<Full<Bytes>>, Infallible> {
    use http_body_util::BodyExt as _;
    let is_together = request.uri().path() == "/together";
    let said = request.into_body().collect().await.unwrap().to_bytes();
    if is_together {
        together.wait().await;
    }
    Ok(Response::new(Full::new(said)))
}

/// Whether all that are asked at once are answered as they were asked, and by which version.
async fn at_once(server: &Server, client: &Client, count: usize) -> Vec<Version> {
    let path = if count == TOGETHER { "/together" } else { "/alone" };
    join_all((0..count).map(|said| async move {
        let response = server.call(client, path, said).await;
        let version = response.version();
        let told = response.into_body().collect_within(100, WAIT).await.unwrap();
        assert_eq!(told, said.to_string());
        version
    }))
    .await
}

#[tokio::test]
async fn a_provider_that_offers_http2_is_asked_so_and_one_connection_carries_requests_that_overlap() {
    let server = Server::start(&["h2", "http/1.1"]).await;
    let client = server.client();
    assert_eq!(at_once(&server, &client, 1).await, [Version::HTTP_2]);
    // Answered only when all of them are there: none can wait for another's answer.
    for _ in 0..3 {
        assert_eq!(at_once(&server, &client, TOGETHER).await, [Version::HTTP_2; TOGETHER]);
    }
    assert_eq!(server.connections.load(SeqCst), 1);
}

#[tokio::test]
async fn requests_that_come_before_there_is_a_connection_leave_no_more_behind_than_they_opened() {
    let server = Server::start(&["h2", "http/1.1"]).await;
    let client = server.client();
    assert_eq!(at_once(&server, &client, TOGETHER).await, [Version::HTTP_2; TOGETHER]);
    // Each of them had to open one: nobody knew yet that they could share.
    let opened = server.connections.load(SeqCst);
    assert!((1..=TOGETHER).contains(&opened), "{opened}");
    assert_eq!(at_once(&server, &client, TOGETHER).await, [Version::HTTP_2; TOGETHER]);
    assert_eq!(server.connections.load(SeqCst), opened, "no more than there are");
}

#[tokio::test]
async fn an_answer_that_is_dropped_ends_its_own_stream_and_no_other() {
    let server = Server::start(&["h2"]).await;
    let client = server.client();
    drop(server.call(&client, "/alone", 1).await);
    assert_eq!(at_once(&server, &client, 5).await, [Version::HTTP_2; 5]);
    assert_eq!(server.connections.load(SeqCst), 1);
}

#[tokio::test]
async fn a_provider_that_offers_http1_only_or_nothing_is_asked_so() {
    for offers in [&["http/1.1"][..], &[]] {
        let server = Server::start(offers).await;
        assert_eq!(at_once(&server, &server.client(), 1).await, [Version::HTTP_11]);
    }
}
