//! The outermost layer. One, written by hand, because it runs for every request.
//!
//! From the outside in, and why in this order:
//! 1. request id and client address: everything that follows, errors included, carries them;
//! 2. headers that only peers may send are dropped before anything can read them;
//! 3. span, metrics and the access log around all that can answer, so that preflights, unknown paths and panics count;
//! 4. deadline and panic guard: their answers must still get a shape and a request id, so they are inside of 3;
//! 5. (tower-http's CORS layer, so that pages may read all that follows);
//! 6. what an overloaded process does not take on is turned away: counted and logged as any other, and nothing done (then the
//!    routes);
//! 7. on the way back failures get the shape of the face that was asked, and answers their headers.

pub(crate) mod address;
pub(crate) mod certificate;
mod client_id;
pub(crate) mod cors;
mod headers;
mod metrics;
pub(crate) mod shed;
mod span;
mod user_agent;

use crate::{Config, arrival::Arrival, error::Error, face::Face};
use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
pub(crate) use cors::cors;
use futures::{FutureExt as _, future::BoxFuture};
use host::Ids;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use metrics::{InFlight, Metrics};
use proto::{Reason, id::RequestId};
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::Instant;
use tower::{Layer, Service};
use tracing::{Instrument as _, Span};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How much longer than its deadline a handler gets to say itself that it was late.
const PATIENCE: Duration = Duration::from_millis(100);

/// The address at the other end of the connection, put into each request's extensions by [`crate::serve`].
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Wraps routes in the outermost layer.
#[derive(Clone)]
pub(crate) struct Outermost(Arc<Settings>);

struct Settings {
    config: Config,
    ids: Ids,
    metrics: Metrics,
}

/// A route inside the outermost layer.
#[derive(Clone)]
pub(crate) struct Wrapped<S> {
    inner: S,
    settings: Arc<Settings>,
}

/// What is remembered of a request for its answer.
struct Seen {
    id: RequestId,
    client: Option<IpAddr>,
    client_id: Option<HeaderValue>,
    method: Method,
    uri: Uri,
    route: Option<MatchedPath>,
    face: Face,
    began: Instant,
}

impl Outermost {
    pub(crate) fn new(config: Config, ids: Ids) -> Self {
        Self(Arc::new(Settings { config, ids, metrics: Metrics::new() }))
    }
}

impl<S> Layer<S> for Outermost {
    type Service = Wrapped<S>;

    fn layer(&self, inner: S) -> Wrapped<S> {
        Wrapped { inner, settings: self.0.clone() }
    }
}

impl<S> Service<Request> for Wrapped<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let settings = self.settings.clone();
        let in_flight = settings.metrics.arrive();
        let (seen, span, deadline) = settings.receive(&mut request);
        let answer = span.in_scope(|| self.inner.call(request));
        let answer = async move {
            let answer = AssertUnwindSafe(answer).catch_unwind();
            let outcome = match deadline {
                Some(deadline) => tokio::time::timeout_at(deadline, answer).await.map_err(|_| late()),
                None => Ok(answer.await),
            };
            let response = match outcome {
                Ok(Ok(Ok(response))) => response,
                // The panic hook has logged it where it happened.
                Ok(Err(_)) => Error::from(Reason::Internal.with("internal error")).into_answer(),
                Err(error) => error.into_answer(),
            };
            Ok(settings.answer(&seen, response, in_flight))
        };
        Box::pin(answer.instrument(span))
    }
}

fn late() -> Error {
    Reason::DeadlineExceeded.with("the request took longer than the server allows; try again").into()
}

impl Settings {
    /// Learns who sends what, and leaves it in the request for the handlers.
    fn receive(&self, request: &mut Request) -> (Seen, Span, Option<Instant>) {
        let began = Instant::now();
        let face = Face::of(request.uri().path());
        let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
        let client = peer.map(|peer| address::client(peer, request.headers(), &self.config.trusted_proxies));
        let client_id = client_id::take(request.headers_mut());
        headers::drop_internal(request.headers_mut());
        if !peer.is_some_and(|peer| address::is_trusted(peer, &self.config.trusted_proxies)) {
            request.headers_mut().remove(certificate::FORWARDED);
        }
        let id = RequestId::from_uuid(self.ids.uuid());
        let route = request.extensions().get::<MatchedPath>().cloned();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let seen = Seen { id, client, client_id, method, uri, route, face, began };
        let (span, trace) = span::open(&seen, request.headers());
        // Inference has deadlines of its own: the gateway's.
        let deadline = face.is_management().then(|| began + self.config.management_timeout());
        // The path of inference carries nothing that it does not need.
        let user_agent = if face.is_management() { user_agent::of(request.headers()) } else { None };
        request.extensions_mut().insert(Arrival { request_id: id, client, deadline, user_agent, trace });
        // The handler answers a little earlier, so that its own error is the one that is seen.
        (seen, span, deadline.map(|deadline| deadline + PATIENCE))
    }

    /// Gives the answer its shape and headers, counts it and logs it.
    fn answer(&self, seen: &Seen, mut response: Response, in_flight: InFlight) -> Response {
        let error = response.extensions_mut().remove::<Error>();
        if let Some(error) = &error {
            let plans_url = self.config.address_of(crate::api::PLANS);
            let context = crate::face::Context { id: seen.id, path: seen.uri.path(), plans_url: &plans_url };
            seen.face.render(&mut response, error.failure(), &context);
        }
        if seen.method == Method::HEAD {
            headers::without_body(&mut response);
        }
        let secure = self.config.is_https();
        headers::complete(response.headers_mut(), seen.id, seen.client_id.as_ref(), seen.face, secure);
        let elapsed = seen.began.elapsed();
        span::answered(response.status());
        in_flight.leave(seen.route(), &seen.method, response.status(), elapsed);
        // They are counted. A line for each would be a good part of what the process has too much of.
        if response.extensions().get::<shed::TurnedAway>().is_none() {
            seen.log(response.status(), elapsed, error.as_ref());
        }
        response
    }
}

impl Seen {
    fn route(&self) -> &str {
        self.route.as_ref().map_or("unmatched", MatchedPath::as_str)
    }

    /// One line for each request that was taken on, and the only one for a failed one.
    fn log(&self, status: StatusCode, elapsed: Duration, error: Option<&Error>) {
        let (method, route, status) = (self.method.as_str(), self.route(), status.as_u16());
        let duration_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let client = self.client.map(tracing::field::display);
        let client_request_id = self.client_id.as_ref().and_then(|id| id.to_str().ok());
        let code = error.map(|error| error.failure().reason.as_str());
        if status < 500 {
            tracing::info!(method, route, status, duration_us, client, client_request_id, code, "request");
            return;
        }
        let detail = error.map(|error| error.failure().message.as_str());
        let source = error.and_then(Error::cause);
        tracing::error!(
            method,
            route,
            status,
            duration_us,
            client,
            client_request_id,
            code,
            detail,
            source,
            "request failed"
        );
    }
}
