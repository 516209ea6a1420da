//! One process that runs a role, as its callers know it.

use super::connect::Connect;
use crate::grpc::RELEASE;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Frame, SizeHint};
use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
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

/// What a process says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Whether it wants calls. One that stops says no before it closes its port.
    pub serves: bool,
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
    under_way: Arc<AtomicUsize>,
}

impl Replica {
    /// Connects when it is first used.
    pub fn new(endpoint: &Endpoint, connect: &Connect, at: Option<SocketAddr>) -> Self {
        let connect = at.map_or_else(|| connect.clone(), |at| connect.to(at));
        let channel = endpoint
            .clone()
            // A peer that vanished without closing its connection is noticed within 15 s, and calls go elsewhere.
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true)
            .initial_stream_window_size(1024 * 1024)
            .initial_connection_window_size(8 * 1024 * 1024)
            .connect_with_connector_lazy(connect);
        let name = endpoint.uri().to_string();
        let name = at.map_or_else(|| name.clone(), |at| format!("{name} ({at})"));
        Self { name, channel, at, wanted: AtomicBool::new(true), under_way: Arc::default() }
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

    /// Calls and streams that have not ended.
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
        let Ok(Ok(answer)) = asked else { return Said::default() };
        let release = answer.metadata().get(RELEASE).and_then(|release| release.to_str().ok()).map(str::to_owned);
        Said { serves: answer.get_ref().status() == ServingStatus::Serving, release }
    }

    /// Sends one call. Errors: the transport's.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let counted = Counted::new(self.under_way.clone());
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

/// The body of an answer, whose call has ended when it is dropped.
struct Answer {
    body: Body,
    _counted: Counted,
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
