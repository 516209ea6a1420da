//! Sending a request.

use crate::connect::Connector;
use crate::tls::{self, Tls, Unusable};
use crate::{Body, Error, Guard, Phase, Purpose, Refused};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long an unused connection is kept. Shorter than the usual 60 s of servers, so that we close first.
const KEEP_UNUSED: Duration = Duration::from_secs(50);

/// How many unused connections are kept for one host.
const MOST_UNUSED: usize = 256;

/// How often an HTTP/2 connection in use is asked whether it is still there, and how long the answer may take.
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_WITHIN: Duration = Duration::from_secs(10);

/// An HTTP client for one purpose. Connections are pooled by host (HTTP/2 where the server offers it), redirects are
/// never followed, and no proxy is used. Cheap to clone; clones share the pool.
#[derive(Clone, Debug)]
pub struct Client {
    guard: Guard,
    http: legacy::Client<HttpsConnector<Connector>, Full<Bytes>>,
}

/// How long a caller waits. The pause between two pieces of the answer is given where they are read:
/// [`Body::next_within`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// Until there is a connection: resolving, connecting, TLS.
    pub connect: Duration,
    /// From there until the head of the answer.
    pub first_byte: Duration,
    /// For the whole exchange, with the body.
    pub total: Option<Duration>,
}

impl Client {
    /// A client whose connections `guard` checks for `purpose`. Pools are not shared between purposes, because a
    /// connection that one of them may use can be forbidden to another.
    pub fn new(guard: Guard, purpose: Purpose) -> Self {
        let plain = tls::client_config(&Tls::default(), tls::machine());
        Self::speaking(plain.expect("nothing was given that could be unusable"), guard, purpose)
    }

    /// The same with a certificate that it shows to servers that ask for one, or with further authorities that it trusts.
    ///
    /// # Errors
    /// [`Unusable`], with a sentence for an operator.
    pub fn with_tls(guard: Guard, purpose: Purpose, tls: &Tls) -> Result<Self, Unusable> {
        Ok(Self::speaking(tls::client_config(tls, tls::machine())?, guard, purpose))
    }

    fn speaking(tls: rustls::ClientConfig, guard: Guard, purpose: Purpose) -> Self {
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(Connector::new(guard.clone(), purpose));
        let http = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEEP_UNUSED)
            .pool_max_idle_per_host(MOST_UNUSED)
            .http2_adaptive_window(true)
            .http2_keep_alive_interval(PING_EVERY)
            .http2_keep_alive_timeout(PING_WITHIN)
            .build(https);
        Self { guard, http }
    }

    /// A client for another purpose, which the same guard judges. It has no certificate and trusts this machine only.
    #[must_use]
    pub fn with_purpose(&self, purpose: Purpose) -> Self {
        Self::new(self.guard.clone(), purpose)
    }

    /// Sends a request with an absolute URI and waits for the head of the answer. Dropping the future, or the body of
    /// the answer, ends the exchange at once.
    ///
    /// A request that meets a connection which the server has just closed is sent again on a new one, but only if
    /// nothing of it was written.
    pub async fn send(&self, request: Request<Bytes>, deadlines: &Deadlines) -> Result<Response<Body>, Error> {
        if request.uri().authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(Refused::UserInfo.into());
        }
        let total = deadlines.total.map(|total| Instant::now() + total);
        let mut request = request.map(Full::new);
        let mut connection = capture_connection(&mut request);
        let mut answer = pin!(self.http.request(request));

        // With a pooled connection this is over at the first poll, before any timer is set.
        let connected = async {
            tokio::select! {
                biased;
                early = &mut answer => Some(early),
                _ = connection.wait_for_connection_metadata() => None,
            }
        };
        let response = match within(deadlines.connect, Phase::Connect, total, connected).await? {
            Some(early) => early,
            None => within(deadlines.first_byte, Phase::FirstByte, total, answer).await?,
        };
        Ok(response?.map(|incoming| Body::new(incoming, total)))
    }
}

/// Waits for `work`, at most as long as this phase and the whole exchange may take.
async fn within<T>(
    limit: Duration,
    phase: Phase,
    total: Option<Instant>,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    let end = Instant::now() + limit;
    match total {
        Some(total) if total < end => timeout_at(total, work).await.map_err(|_| Error::Timeout(Phase::Total)),
        _ => timeout_at(end, work).await.map_err(|_| Error::Timeout(phase)),
    }
}
