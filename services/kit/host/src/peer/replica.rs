//! One process that runs a role, as its callers know it.

use super::connect::{Connect, target};
use crate::grpc::RELEASE;
use bytes::Bytes;
use http::{Request, Response, Uri};
use hyper::body::{Frame, SizeHint};
use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;
use tonic::{
    Status,
    body::Body,
    codegen::Service as _,
    transport::{Channel, Endpoint, Error},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

/// How long it may take to say whether it wants calls.
const PATIENCE: Duration = Duration::from_secs(1);
/// Who has said nothing so often in a row gets no calls.
const SILENCES: u32 = 3;

/// What a process says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Whether it wants calls. One that stops says no before it closes its port.
    pub serves: bool,
    /// It has said nothing in time: it may be busy, it may be starting.
    pub silent: bool,
    /// Its release, as far as it tells.
    pub release: Option<String>,
}

/// One process that runs a role.
pub(super) struct Replica {
    name: String,
    channel: Channel,
    /// Where it is; None: wherever its name leads.
    at: Option<SocketAddr>,
    /// Whether it gets calls.
    wanted: AtomicBool,
    /// How often in a row it has said nothing.
    silences: AtomicU32,
    under_way: Arc<AtomicUsize>,
}

impl Replica {
    /// Connects when it is first used.
    pub fn new(endpoint: &Endpoint, connect: &Connect, at: Option<SocketAddr>) -> Self {
        let connect = at.map_or_else(|| connect.clone(), |at| connect.to(at));
        let channel = for_our_connector(endpoint)
            // A peer that vanished without closing its connection is noticed within 15 s, and calls go elsewhere.
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true)
            .initial_stream_window_size(1024 * 1024)
            .initial_connection_window_size(8 * 1024 * 1024)
            .connect_with_connector_lazy(connect);
        let name = endpoint.uri().to_string();
        let name = at.map_or_else(|| name.clone(), |at| format!("{name} ({at})"));
        Self {
            name,
            channel,
            at,
            wanted: AtomicBool::new(true),
            silences: AtomicU32::new(0),
            under_way: Arc::default(),
        }
    }

    /// What it is called in the log.
    pub fn address(&self) -> &str {
        &self.name
    }

    /// Where it is, where that is fixed.
    pub fn at(&self) -> Option<SocketAddr> {
        self.at
    }

    /// Whether it gets calls.
    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Relaxed)
    }

    /// Gives it calls or not. Whether that is new.
    pub fn want(&self, wanted: bool) -> bool {
        self.wanted.swap(wanted, Relaxed) != wanted
    }

    /// Whether it should get calls after it has said this. Who is silent is believed to be what it was: a busy process goes on
    /// getting calls for a while, and one that accepts connections before it serves gets none.
    pub fn believe(&self, said: &Said) -> bool {
        if !said.silent {
            self.silences.store(0, Relaxed);
            return said.serves;
        }
        self.silences.fetch_add(1, Relaxed) + 1 < SILENCES && self.is_wanted()
    }

    /// Calls that have not ended. Feeds are none of them: they never end, and say nothing of how busy it is.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Relaxed)
    }

    #[cfg(test)]
    pub fn busy(&self) -> impl Drop {
        Counted::new(self.under_way.clone())
    }

    /// What it says of itself; that it does not serve, if it cannot be reached.
    pub async fn ask(&self) -> Said {
        let mut health = HealthClient::new(self.channel.clone());
        let asked = timeout(PATIENCE, health.check(HealthCheckRequest { service: String::new() })).await;
        let Ok(asked) = asked else { return Said { silent: true, ..Said::default() } };
        let Ok(answer) = asked else { return Said::default() };
        let release = answer.metadata().get(RELEASE).and_then(|release| release.to_str().ok()).map(str::to_owned);
        Said { serves: answer.get_ref().status() == ServingStatus::Serving, silent: false, release }
    }

    /// Sends one call. Errors: the transport's.
    pub async fn send(&self, request: Request<Body>, is_feed: bool) -> Result<Response<Body>, Error> {
        let counted = (!is_feed).then(|| Counted::new(self.under_way.clone()));
        let mut channel = self.channel.clone();
        std::future::poll_fn(|cx| channel.poll_ready(cx)).await?;
        let answer = channel.call(request).await?;
        Ok(answer.map(|body| Body::new(Answer { body, _counted: counted })))
    }
}

/// Counts a call for as long as it is there.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// As soon as any crate switches on tonic's own TLS, it refuses to let the connector of somebody else connect to `https://`. So it is
/// told `http://`, with the port that is meant; requests name the true origin, and TLS is the connector's affair.
fn for_our_connector(endpoint: &Endpoint) -> Endpoint {
    let uri = endpoint.uri().clone();
    if uri.scheme_str() != Some("https") {
        return endpoint.clone();
    }
    let authority = format!("{}:{}", uri.host().unwrap_or_default(), target(&uri).1);
    let plain = Uri::builder().scheme("http").authority(authority).path_and_query("/").build();
    plain.map_or_else(|_| endpoint.clone(), |plain| Endpoint::from(plain).origin(uri))
}

/// The body of an answer, whose call has ended when it is dropped.
struct Answer {
    body: Body,
    _counted: Option<Counted>,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
