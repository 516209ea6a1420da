//! How is the process doing? The operations port: `/metrics`, `/livez`, `/readyz`, `/log-level`, `/profile/cpu`.
//!
//! Probes are open, as they say nothing but names of checks. Everything else needs the token as soon as somebody on
//! another machine could ask.

mod profile;

use crate::{Readiness, config::Secret, metrics, telemetry};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Settings of the operations port.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What `Authorization: Bearer` must hold. Needed as soon as `listen` is not loopback.
    pub token: Option<Secret>,
}

impl Default for Config {
    fn default() -> Self {
        Self { listen: ([127, 0, 0, 1], 9091).into(), token: None }
    }
}

/// The operations port would be open to everybody.
#[derive(Debug, thiserror::Error)]
#[error(
    "ops.listen is {0}, which other machines can reach: set ops.token (16 characters or more), or listen on 127.0.0.1"
)]
pub struct Open(SocketAddr);

impl Config {
    /// Refuses a port that anybody on the network could read. Errors: [`Open`].
    pub fn check(&self) -> Result<(), Open> {
        let guarded = self.token.as_ref().is_some_and(|t| t.expose().len() >= 16);
        if guarded || self.listen.ip().to_canonical().is_loopback() { Ok(()) } else { Err(Open(self.listen)) }
    }
}

struct Ops {
    token: Option<Secret>,
    readiness: Readiness,
    stop: CancellationToken,
}

const NOTHING_RUNS: &str = "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
/// What there is, for whoever asks for something else.
const PATHS: &str = "there are /metrics, /livez, /readyz, /log-level, /profile/cpu\n";

/// Serves until `stop`, then ends when the requests under way are answered (two seconds at most). Errors: [`Open`].
pub async fn serve(
    listener: TcpListener,
    config: &Config,
    readiness: Readiness,
    stop: CancellationToken,
) -> Result<(), Open> {
    config.check()?;
    let ops = Arc::new(Ops { token: config.token.clone(), readiness, stop: stop.clone() });
    let connections = TaskTracker::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: the next one may be free in a moment.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        connections.spawn(converse(stream, ops.clone(), stop.clone()));
    }
    connections.close();
    connections.wait().await;
    Ok(())
}

/// Answers one connection. It is told to end after the running answer once `stop` is cancelled.
async fn converse(stream: TcpStream, ops: Arc<Ops>, stop: CancellationToken) {
    let answer = service_fn(move |request| {
        let ops = ops.clone();
        async move { Ok::<_, Infallible>(ops.answer(request).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10));
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), answer));
    // A prober that hangs up early is no news.
    if let Some(end) = stop.run_until_cancelled(connection.as_mut()).await {
        drop(end);
        return;
    }
    connection.as_mut().graceful_shutdown();
    drop(tokio::time::timeout(Duration::from_secs(2), connection).await);
}

impl Ops {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        match (request.method(), path.as_str()) {
            (&Method::GET | &Method::HEAD, "/livez") => text(StatusCode::OK, "ok\n"),
            (&Method::GET | &Method::HEAD, "/readyz") => self.ready().await,
            (_, "/metrics" | "/log-level" | "/profile/cpu") if !self.admits(&request) => {
                let mut refused = text(StatusCode::UNAUTHORIZED, "send `Authorization: Bearer <ops.token>`\n");
                refused.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
                refused
            }
            (&Method::GET | &Method::HEAD, "/metrics") => {
                self.readiness.report_soon().await.show();
                respond(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", metrics::text())
            }
            (&Method::PUT, "/log-level") => set_log_level(request).await,
            (&Method::GET, "/profile/cpu") => profile::cpu(request.uri().query(), &self.stop).await,
            (_, "/livez" | "/readyz" | "/metrics" | "/log-level" | "/profile/cpu") => {
                text(StatusCode::METHOD_NOT_ALLOWED, "GET /metrics, /livez, /readyz, /profile/cpu; PUT /log-level\n")
            }
            _ => text(StatusCode::NOT_FOUND, PATHS),
        }
    }

    async fn ready(&self) -> Response<Full<Bytes>> {
        let report = self.readiness.report().await;
        let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        respond(status, "application/json", serde_json::to_vec(&report).unwrap_or_default())
    }

    /// A token that is set counts on loopback too.
    fn admits(&self, request: &Request<Incoming>) -> bool {
        let Some(token) = &self.token else { return true };
        let given = request.headers().get(header::AUTHORIZATION).and_then(|h| h.as_bytes().strip_prefix(b"Bearer "));
        // Hashes are compared, so that the time taken says nothing about how much of a guess was right.
        given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(token.expose().as_bytes()))
    }
}

async fn set_log_level(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let body = Limited::new(request.into_body(), 1024).collect().await.map(http_body_util::Collected::to_bytes);
    let level = body.ok().and_then(|b| String::from_utf8(b.into()).ok()).unwrap_or_default();
    match telemetry::set_log_level(level.trim()) {
        Ok(()) => text(StatusCode::OK, "changed until the next start\n"),
        Err(error) => respond(StatusCode::BAD_REQUEST, "text/plain; charset=utf-8", format!("{error}\n").into_bytes()),
    }
}

fn text(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    respond(status, "text/plain; charset=utf-8", text.as_bytes().to_vec())
}

fn respond(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    let headers = [
        (header::CONTENT_TYPE, kind),
        // Nobody reads this in a browser, and if somebody does, it is text and nothing of it runs.
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, NOTHING_RUNS),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
