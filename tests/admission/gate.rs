//! Who decides about admissions here, and counts them: what stands before the real usage-metering.

use http::{Request, Response};
use proto::Reason;
use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
};
use tonic::{Status, body::Body, server::NamedService};
use tower::Service;

/// Every way in which an admission is refused, in turn.
const REFUSALS: [Reason; 6] = [
    Reason::RateLimited,
    Reason::ConcurrencyLimited,
    Reason::QuotaExceeded,
    Reason::BudgetExceeded,
    Reason::UnpricedModel,
    Reason::ServiceUnavailable,
];

/// Lets admissions pass or refuses them. Clones share the count.
#[derive(Clone)]
pub(crate) struct Gate {
    is_open: bool,
    asked: Arc<AtomicUsize>,
}

impl Gate {
    /// Refuses every admission.
    pub(crate) fn closed() -> Self {
        Self { is_open: false, asked: Arc::default() }
    }

    /// Lets the real service decide.
    pub(crate) fn open() -> Self {
        Self { is_open: true, asked: Arc::default() }
    }

    /// Admissions asked for.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(SeqCst)
    }

    /// `inner` behind this gate.
    pub(crate) fn before<S>(&self, inner: S) -> Guarded<S> {
        Guarded { gate: self.clone(), inner }
    }
}

/// A gRPC service behind a gate.
#[derive(Clone)]
pub(crate) struct Guarded<S> {
    gate: Gate,
    inner: S,
}

impl<S: NamedService> NamedService for Guarded<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = futures::future::Either<S::Future, Ready<Result<Response<Body>, Infallible>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        use futures::future::Either;
        if !request.uri().path().ends_with("/Admit") {
            return Either::Left(self.inner.call(request));
        }
        let before = self.gate.asked.fetch_add(1, SeqCst);
        if self.gate.is_open {
            return Either::Left(self.inner.call(request));
        }
        let status = Status::from(REFUSALS[before % REFUSALS.len()].with("nobody is admitted"));
        Either::Right(ready(Ok(status.into_http())))
    }
}
