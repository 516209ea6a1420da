//! What is not taken on while the process is overloaded?

use crate::Overload;
use futures::future::BoxFuture;
use http::{Request, Response};
use proto::Role;
use std::{
    collections::HashSet,
    sync::LazyLock,
    task::{Context, Poll},
};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

/// Where work begins: calls of the gateway that do something. What other roles are asked for is part of something that has begun already, such
/// as a settlement, and refusing it would waste what was done.
static BEGINNINGS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let gateway = proto::rpcs().filter(|rpc| rpc.audience == Role::Gateway && !rpc.no_side_effects);
    // Part of an execution that has begun.
    let gateway = gateway.filter(|rpc| rpc.method != "CompleteForExecution");
    gateway.map(|rpc| format!("/{}/{}", rpc.service, rpc.method)).collect()
});

/// Has wait what would begin more than the process can do, or turns it away.
#[derive(Clone)]
pub(super) struct Shed(pub Overload);

#[derive(Clone)]
pub(super) struct Shedding<S> {
    inner: S,
    overload: Overload,
}

impl<S> Layer<S> for Shed {
    type Service = Shedding<S>;

    fn layer(&self, inner: S) -> Shedding<S> {
        Shedding { inner, overload: self.0.clone() }
    }
}

impl<S> Service<Request<Body>> for Shedding<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if !BEGINNINGS.contains(request.uri().path()) {
            return Box::pin(self.inner.call(request));
        }
        // The one that is ready is the one that must be called; its clone need not be.
        let next = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, next);
        let overload = self.overload.clone();
        Box::pin(async move {
            match overload.admit().await {
                Ok(_admitted) => ready.call(request).await,
                Err(failure) => Ok(Status::from(failure).into_http()),
            }
        })
    }
}
