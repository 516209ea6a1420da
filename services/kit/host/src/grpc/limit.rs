//! What must one call not do to the others?

use bytes::Bytes;
use futures::{FutureExt as _, future::BoxFuture};
use http::{HeaderMap, HeaderValue, Request, Response};
use hyper::body::{Frame, SizeHint};
use proto::Reason;
use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    task::{Context, Poll},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

/// A panic becomes `INTERNAL`, and streams that would never end do so when the process stops.
#[derive(Clone)]
pub(super) struct Limits {
    pub stop: CancellationToken,
}

#[derive(Clone)]
pub(super) struct Limited<S> {
    inner: S,
    stop: CancellationToken,
}

impl<S> Layer<S> for Limits {
    type Service = Limited<S>;

    fn layer(&self, inner: S) -> Limited<S> {
        Limited { inner, stop: self.stop.clone() }
    }
}

impl<S> Service<Request<Body>> for Limited<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let endless = request.uri().path().ends_with("/Watch");
        let stop = endless.then(|| self.stop.clone());
        // The panic hook logs it; here the caller is told.
        let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        Box::pin(async move {
            let Ok(answer) = answer.await else {
                return Ok(Status::from(Reason::Internal.with("internal error")).into_http());
            };
            Ok(match stop {
                Some(stop) => {
                    answer?.map(|body| Body::new(UntilStop { body, stop: Some(Box::pin(stop.cancelled_owned())) }))
                }
                None => answer?,
            })
        })
    }
}

/// A body that ends with `UNAVAILABLE` when the process stops, so that its reader goes to another replica.
struct UntilStop {
    body: Body,
    /// None once it has ended.
    stop: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

impl hyper::body::Body for UntilStop {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(stop) = &mut self.stop else { return Poll::Ready(None) };
        if stop.as_mut().poll(cx).is_ready() {
            self.stop = None;
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from_static("14"));
            trailers.insert("grpc-message", HeaderValue::from_static("stopping"));
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.stop.is_none() || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
