//! How are services served to other processes and to internal teams?

mod limit;
mod observe;
mod reflection;
mod shed;

use crate::{Overload, Readiness, Tasks, door::Door, tls};
use http::{HeaderValue, Response};
use proto::Role;
use rustls::ServerConfig;
use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    body::Body,
    service::Routes,
    transport::{Server, server::TcpIncoming},
};
use tonic_health::{ServingStatus, server::HealthReporter};
use tower::util::MapResponseLayer;

/// The header in which an answer names the release that gave it.
pub(crate) const RELEASE: &str = "x-perpetuo-release";

/// Settings of the gRPC port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What it shows to clients; nothing by default: plain HTTP/2.
    pub tls: tls::ServerFiles,
}

impl Default for Config {
    fn default() -> Self {
        Self { listen: ([127, 0, 0, 1], 9090).into(), tls: tls::ServerFiles::default() }
    }
}

/// What is served.
pub struct Serving {
    /// The services: `Routes::new(identity.into_grpc(door.clone()))`, `.add_service(…)`.
    pub services: Routes,
    /// The roles whose services these are: reflection shows no others.
    pub roles: Vec<Role>,
    /// Says who may use reflection, and what it shows them.
    pub door: Arc<Door>,
    /// What health answers.
    pub readiness: Readiness,
    /// Whether more can be taken on.
    pub overload: Overload,
    /// What protects the connections; None: nothing does.
    pub tls: Option<Arc<tls::Current<ServerConfig>>>,
}

/// Serves until `stop`; then takes nothing new, ends feeds, and returns when every other call has ended. Bound the wait
/// with a timeout. Errors: the listener broke.
pub async fn serve(
    listener: TcpListener,
    serving: Serving,
    tasks: &Tasks,
    stop: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    let Serving { services, roles, door, readiness, overload, tls } = serving;
    let (reporter, health) = tonic_health::server::health_reporter();
    report_health(reporter, &roles, readiness, tasks).await;
    let services = services
        .add_service(health)
        .add_service(reflection::Reflection::<{ reflection::V1 }>::new(door.clone(), roles.clone()))
        .add_service(reflection::Reflection::<{ reflection::V1_ALPHA }>::new(door, roles))
        .prepare();
    let router = Server::builder()
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .initial_stream_window_size(1024 * 1024)
        .initial_connection_window_size(8 * 1024 * 1024)
        // Outermost first: the span and the metrics see what the panic guard made of a panic.
        .layer(observe::Observe)
        .layer(MapResponseLayer::new(named))
        .layer(limit::Limits { stop: stop.clone() })
        .layer(shed::Shed(overload))
        .add_routes(services);
    match tls {
        // Setting `tcp_nodelay` on the server has no effect here: the incoming side decides.
        None => {
            let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
            router.serve_with_incoming_shutdown(incoming, stop.cancelled_owned()).await
        }
        Some(tls) => {
            let incoming = tls::incoming(listener, tls, tasks, stop.clone());
            router.serve_with_incoming_shutdown(incoming, stop.cancelled_owned()).await
        }
    }
}

/// Every answer names the release, so that `doctor` sees which processes are left to be replaced.
fn named(mut answer: Response<Body>) -> Response<Body> {
    answer.headers_mut().insert(RELEASE, HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
    answer
}

/// Health, for the server and for each service on it, is readiness, asked for so often that callers hear of a stop at once. Until it has been, nothing serves.
async fn report_health(reporter: HealthReporter, roles: &[Role], readiness: Readiness, tasks: &Tasks) {
    let mut names: Vec<&'static str> =
        proto::rpcs().filter(|r| roles.contains(&r.audience)).map(|r| r.service).collect();
    names.dedup();
    names.push("");
    for name in &names {
        reporter.set_service_status(*name, ServingStatus::NotServing).await;
    }
    tasks.every("gRPC health", Duration::from_millis(250), move || {
        let (reporter, readiness, names) = (reporter.clone(), readiness.clone(), names.clone());
        async move {
            let ready = readiness.report().await.ready;
            let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
            for name in names {
                reporter.set_service_status(name, status).await;
            }
        }
    });
}

#[cfg(test)]
mod tests;
