//! Serves HTTP/1.1 and HTTP/2 (prior knowledge) on a listener, until the process stops.

use crate::{Config, Routes, face::Face, gemini, layer::Peer};
use axum::body::Body;
use host::Tasks;
use http::Request;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// After an error such as too many open files, accepting again at once would only burn the processor.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until `tasks` are told to stop, then returns. Connections run on `tasks`: idle ones are closed
/// at once, requests and streams under way are finished, bounded by the grace that `tasks.shutdown` gives.
pub async fn serve(listener: TcpListener, routes: Routes, config: &Config, tasks: &Tasks) {
    let (stopping, tracker) = (tasks.stopping(), tasks.tracker());
    let ends = Ends { stopping: stopping.clone(), cut: tasks.cut() };
    let builder = Arc::new(builder(config));
    let connections = Arc::new(Semaphore::new(config.max_connections));
    loop {
        let next = async {
            // The place is taken before the connection: who comes too many waits in the kernel's queue.
            let place = connections.clone().acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|(socket, peer)| (socket, peer, place))
        };
        let Some(accepted) = stopping.run_until_cancelled(next).await else { return };
        match accepted {
            Ok((socket, peer, place)) => {
                let connection = connection(builder.clone(), routes.clone(), socket, peer, ends.clone());
                tracker.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) if is_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection cannot be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Cancelled when the process stops: for answers that go on for long and can be taken up again.
#[derive(Clone, Default)]
pub(crate) struct Stopping(pub CancellationToken);

/// When a connection ends.
#[derive(Clone)]
struct Ends {
    /// After what it has begun.
    stopping: CancellationToken,
    /// At once.
    cut: CancellationToken,
}

fn builder(config: &Config) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Against clients that send their head byte by byte, and those that stay and send nothing.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(config.header_timeout());
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(30)))
        .keep_alive_timeout(Duration::from_secs(20))
        .max_concurrent_streams(256);
    builder
}

async fn connection(
    builder: Arc<Builder<TokioExecutor>>,
    routes: Routes,
    socket: TcpStream,
    peer: SocketAddr,
    ends: Ends,
) {
    // Events of a stream are small and must not wait for each other.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY cannot be set");
    }
    let stopping = Stopping(ends.stopping.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        // The path of inference carries nothing that it does not need.
        if Face::of(request.uri().path()) == Face::Management {
            request.extensions_mut().insert(stopping.clone());
        }
        if let Some(uri) = gemini::version::moved(request.uri(), request.headers()) {
            *request.uri_mut() = uri;
        }
        routes.now().call(request.map(Body::new))
    });
    let served = builder.serve_connection(TokioIo::new(socket), service);
    let mut served = std::pin::pin!(served);
    let result = tokio::select! {
        result = served.as_mut() => result,
        () = ends.stopping.cancelled() => {
            served.as_mut().graceful_shutdown();
            // Cut off, the client sees a broken stream and not a finished one.
            ends.cut.run_until_cancelled(served).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = result {
        // The client went away or spoke no HTTP: its affair, and too common for the log.
        tracing::debug!(%error, %peer, "connection ended");
    }
}

/// The client gave up before it was accepted.
fn is_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}
