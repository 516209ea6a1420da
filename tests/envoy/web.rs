//! A client that speaks TLS, and shows a certificate where it has one.

use crate::pki::{Authority, Identity};
use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, client::conn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, pki_types::ServerName};
use std::sync::Arc;
use tests::Answer;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::task::AbortOnDropHandle;

/// How somebody calls: a connection for each request.
#[derive(Clone)]
pub struct Web {
    port: u16,
    host: &'static str,
    tls: Arc<ClientConfig>,
}

impl Web {
    /// Calls `host` at `port` of this machine over HTTP/1.1 or HTTP/2, trusting `authority`.
    pub fn new(port: u16, host: &'static str, version: Version, authority: &Authority) -> anyhow::Result<Self> {
        Self::with(port, host, version, authority, None)
    }

    /// The same, showing a certificate.
    pub fn with(
        port: u16,
        host: &'static str,
        version: Version,
        authority: &Authority,
        identity: Option<Identity>,
    ) -> anyhow::Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let builder = builder.with_root_certificates(authority.roots()?);
        let mut tls = match identity {
            Some((certificate, key)) => builder.with_client_auth_cert(vec![certificate], key)?,
            None => builder.with_no_client_auth(),
        };
        tls.alpn_protocols = vec![if version == Version::HTTP_2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
        Ok(Self { port, host, tls: Arc::new(tls) })
    }

    /// A connection with TLS, and nothing asked yet.
    pub async fn connect(&self) -> anyhow::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(("127.0.0.1", self.port)).await?;
        tcp.set_nodelay(true)?;
        Ok(TlsConnector::from(self.tls.clone()).connect(ServerName::try_from(self.host)?, tcp).await?)
    }

    /// Sends a request whose address is a path, and gives the head of the answer. Drop the handle to end the connection.
    pub async fn send(
        &self,
        request: http::request::Builder,
        body: impl Into<Bytes>,
    ) -> anyhow::Result<(Response<Incoming>, AbortOnDropHandle<()>)> {
        let stream = self.connect().await?;
        let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let mut request: Request<Full<Bytes>> = request.body(Full::new(body.into()))?;
        let io = TokioIo::new(stream);
        if is_h2 {
            let path = request.uri().path_and_query().context("a path")?.to_string();
            *request.uri_mut() = format!("https://{}:{}{path}", self.host, self.port).parse()?;
            let (mut sender, connection) = conn::http2::handshake(TokioExecutor::new(), io).await?;
            let connection = background(connection);
            return Ok((sender.send_request(request).await?, connection));
        }
        request.headers_mut().insert("host", self.host.parse()?);
        let (mut sender, connection) = conn::http1::handshake(io).await?;
        let connection = background(connection);
        Ok((sender.send_request(request).await?, connection))
    }

    /// Sends a request and reads the whole answer.
    pub async fn ask(
        &self,
        request: http::request::Builder,
        body: impl Into<Bytes>,
    ) -> anyhow::Result<(Version, Answer)> {
        let (response, _connection) = self.send(request, body).await?;
        let (version, status, headers): (Version, u16, HeaderMap) =
            (response.version(), response.status().as_u16(), response.headers().clone());
        let text = String::from_utf8(response.into_body().collect().await?.to_bytes().to_vec())?;
        Ok((version, Answer { status, headers, text }))
    }

    /// The same of a `GET`.
    pub async fn get(&self, path: &str) -> anyhow::Result<(Version, Answer)> {
        self.ask(Request::get(path), Bytes::new()).await
    }
}

fn background<E>(connection: impl Future<Output = Result<(), E>> + Send + 'static) -> AbortOnDropHandle<()> {
    #[expect(clippy::disallowed_methods, reason = "ends with its handle")]
    let task = tokio::spawn(async move { drop(connection.await) });
    AbortOnDropHandle::new(task)
}
