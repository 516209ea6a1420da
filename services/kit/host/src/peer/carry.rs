//! How does a call reach one of the processes that run a role?
//!
//! A process that stops must not make its callers' calls fail: a call that it has not begun, and one that changes
//! nothing, is given to another.

use super::{
    fate::{Fate, chain},
    replicas::Replicas,
};
use crate::metrics;
use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::{BodyExt as _, Full};
use prometheus::IntCounterVec;
use proto::rpc::{BoxError, Carrier, Sent};
use std::{sync::LazyLock, time::Duration};
use tokio::time::{Instant, sleep};
use tonic::{Status, body::Body, codegen::BoxFuture};

/// How often a call is given to somebody else.
const AGAIN: usize = 2;
/// How long it waits before it goes to somebody who has just failed.
const PAUSE: Duration = Duration::from_millis(50);

static RETRIES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter_vec(
        "perpetuo_peer_retries_total",
        "Calls to peers that were made again, because the peer had not begun them or they change nothing.",
        &["role", "why"],
    )
});

/// Carries calls to the processes of one role.
pub(super) struct Carry(Replicas);

impl Carry {
    pub fn new(replicas: Replicas) -> Self {
        Self(replicas)
    }
}

impl Carrier for Carry {
    fn carry(&self, request: Request<Body>) -> BoxFuture<Response<Body>, BoxError> {
        let replicas = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            // No rpc has a stream of requests: this is the one message, and is there already.
            let body = body.collect().await?.to_bytes();
            carry(&replicas, head, body).await
        })
    }
}

async fn carry(replicas: &Replicas, mut head: Parts, body: Bytes) -> Result<Response<Body>, BoxError> {
    let sent = head.extensions.get::<Sent>().copied();
    let is_feed = sent.is_some_and(|sent| sent.rpc.method == "Watch");
    let mut tried = Vec::new();
    loop {
        let (replica, is_new) = replicas.pick(&tried);
        if !is_new {
            sleep(PAUSE).await;
        }
        let request = Request::from_parts(head.clone(), Body::new(Full::new(body.clone())));
        let error: BoxError = match replica.send(request, is_feed).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error.into(),
        };
        let fate = Fate::of(error.as_ref());
        let why = match fate {
            Fate::Late => return Err(error),
            Fate::Unsent => "unsent",
            Fate::Unknown => "read",
        };
        let is_safe = fate == Fate::Unsent || sent.is_some_and(|sent| sent.rpc.no_side_effects);
        if !is_safe || tried.len() == AGAIN || !has_time(&mut head, sent) {
            return Err(Status::unavailable(format!("{}: {}", replica.address(), whole(error.as_ref()))).into());
        }
        RETRIES.with_label_values(&[replicas.role().as_str(), why]).inc();
        tracing::debug!(role = %replicas.role(), why, "a call to a peer is made again");
        tried.push(replica);
    }
}

/// Whether somebody still waits for the answer. Whoever is asked next is told how long.
fn has_time(head: &mut Parts, sent: Option<Sent>) -> bool {
    let Some(deadline) = sent.and_then(|sent| sent.deadline) else { return true };
    let left = deadline.saturating_duration_since(Instant::now()).as_millis();
    // Eight digits at most: that is what gRPC allows, and more than a day.
    let told = format!("{}m", left.min(99_999_999));
    if let Ok(told) = told.parse() {
        head.headers.insert("grpc-timeout", told);
    }
    left > 0
}

/// An error with what lies behind it, for our own log: callers see the reason alone.
fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    chain(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests;
