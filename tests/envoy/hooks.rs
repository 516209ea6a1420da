//! What Envoy asks and tells others: a rate-limit service, and a collector of traces.

use crate::{
    cases,
    front::{Front, trusting},
};
use anyhow::{Context as _, ensure};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Request, Response, header::CONTENT_TYPE},
};
use futures::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use serde_json::json;
use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};
use tests::{Cluster, client::Client, cluster::Shape, eventually};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

cases! {
    own: a_rate_limit_service_is_asked_without_credentials, one_that_is_away_stops_nobody_unless_it_should,
        spans_reach_the_collector_without_a_query;
}

/// A gRPC service that gives one answer to everything, and remembers what it was sent.
struct Service {
    port: u16,
    heard: Arc<Heard>,
    _serving: AbortOnDropHandle<()>,
}

struct Heard {
    answer: &'static [u8],
    calls: Mutex<Vec<(String, Bytes)>>,
}

impl Service {
    /// `answer` is a message of protobuf.
    async fn start(answer: &'static [u8]) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let heard = Arc::new(Heard { answer, calls: Mutex::default() });
        let router = Router::new().fallback(hear).with_state(heard.clone());
        #[expect(clippy::disallowed_methods, reason = "ends with its handle")]
        let serving = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { port, heard, _serving: AbortOnDropHandle::new(serving) })
    }

    /// What was sent to a method.
    fn sent(&self, method: &str) -> Vec<Bytes> {
        let calls = self.heard.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().filter(|(path, _)| path.ends_with(method)).map(|(_, body)| body.clone()).collect()
    }
}

async fn hear(State(heard): State<Arc<Heard>>, request: Request<Body>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    heard.calls.lock().unwrap_or_else(PoisonError::into_inner).push((path, body));
    let length = u8::try_from(heard.answer.len()).unwrap_or_default();
    let message: Bytes = [&[0, 0, 0, 0, length], heard.answer].concat().into();
    let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap_or(CONTENT_TYPE), 0.into())]);
    let frames = [Frame::data(message), Frame::trailers(trailers)].map(Ok::<_, Infallible>);
    let mut response = Response::new(Body::new(StreamBody::new(stream::iter(frames))));
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("application/grpc"));
    response
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

async fn a_rate_limit_service_is_asked_without_credentials() -> anyhow::Result<()> {
    let cluster = Cluster::start(Shape::One, &trusting()).await?;
    // overall_code: OVER_LIMIT
    let service = Service::start(&[0x08, 0x02]).await?;
    let front = Front::start(&cluster, &[&format!("rate.service=127.0.0.1:{}", service.port)]).await?;
    let client = Client::new(front.url()).with("pk_a-key-that-nobody-may-see");
    let answer = client.chat("simulator/chat", "hi").await?.expect(429)?;
    ensure!(answer.json()?["error"]["code"] == "rate_limit_exceeded", "{}", answer.text);
    let asked = service.sent("RateLimitService/ShouldRateLimit");
    let first = asked.first().context("nobody was asked")?;
    for told in ["perpetuo", "remote_address", "group", "inference"] {
        ensure!(holds(first, told), "{told} was not told");
    }
    ensure!(asked.iter().all(|request| !holds(request, "pk_a-key")), "a credential has left");
    client.get("/readyz").await?.expect(200).map(drop)
}

async fn one_that_is_away_stops_nobody_unless_it_should() -> anyhow::Result<()> {
    let cluster = Cluster::start(Shape::One, &trusting()).await?;
    let away = format!("rate.service=127.0.0.1:{}", tests::free_port()?);
    let open = Front::start(&cluster, &[&away]).await?;
    Client::new(open.url()).get("/v1/models").await?.expect(401)?;
    let closed = Front::start(&cluster, &[&away, "rate.fail_closed=true"]).await?;
    let refused = Client::new(closed.url()).get("/v1/models").await?;
    ensure!((429..=503).contains(&refused.status) && refused.json()?["error"]["code"].is_string(), "{refused:?}");
    Ok(())
}

async fn spans_reach_the_collector_without_a_query() -> anyhow::Result<()> {
    let cluster = Cluster::start(Shape::One, &trusting()).await?;
    let collector = Service::start(&[]).await?;
    let front = Front::start(&cluster, &[&format!("traces=127.0.0.1:{}", collector.port)]).await?;
    let client = Client::new(front.url());
    client.get("/v1beta/models?key=pk_a-key-that-nobody-may-see").await?.expect(401)?;
    client.post("/webhooks/stripe?hmac=a-secret-that-nobody-may-see", &json!({})).await?;
    eventually(async || {
        let spans = collector.sent("TraceService/Export");
        for path in ["/v1beta/models", "/webhooks/stripe"] {
            ensure!(spans.iter().any(|span| holds(span, path)), "no span of {path} in {} exports", spans.len());
        }
        ensure!(spans.iter().any(|span| holds(span, "envoy")), "nobody says whose spans they are");
        Ok(())
    })
    .await?;
    let spans = collector.sent("TraceService/Export");
    ensure!(spans.iter().all(|span| !holds(span, "nobody-may-see")), "a span holds a secret");
    Ok(())
}
