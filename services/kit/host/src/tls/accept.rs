//! Who is let in over TLS?

use super::Current;
use crate::{Tasks, metrics};
use futures::{Stream, stream};
use prometheus::IntCounter;
use rustls::ServerConfig;
use std::{
    io,
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;
use tonic::transport::server::{Connected, TcpConnectInfo};

/// How long a client may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many may do so at once. Others wait in the system's queue.
const AT_ONCE: usize = 512;

static FAILED: LazyLock<IntCounter> = LazyLock::new(|| {
    metrics::counter(
        "perpetuo_grpc_tls_failures_total",
        "Connections to the gRPC port that were closed because no TLS came about.",
    )
});

/// A connection that is protected. What it tells of its client is what a plain one does.
pub struct Secured(TlsStream<TcpStream>);

/// Accepts connections until `stop`. One that dawdles or speaks no TLS keeps nobody else waiting.
pub(crate) fn incoming(
    listener: TcpListener,
    tls: Arc<Current<ServerConfig>>,
    tasks: &Tasks,
    stop: CancellationToken,
) -> impl Stream<Item = io::Result<Secured>> {
    let (sender, receiver) = mpsc::channel(16);
    tasks.spawn("TLS", async move { accept(listener, tls, sender, stop).await });
    stream::unfold(receiver, async |mut receiver| Some((Ok(receiver.recv().await?), receiver)))
}

async fn accept(
    listener: TcpListener,
    tls: Arc<Current<ServerConfig>>,
    sender: mpsc::Sender<Secured>,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut greetings = JoinSet::new();
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await.ok()?;
            Some((place, listener.accept().await))
        };
        let Some((place, accepted)) = stop.run_until_cancelled(next).await.flatten() else { break };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: the next one may be free in a moment.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (acceptor, sender) = (TlsAcceptor::from(tls.get()), sender.clone());
        greetings.spawn(async move {
            let secured = greet(stream, acceptor).await;
            drop(place);
            match secured {
                // Nobody takes it once the server has stopped.
                Ok(secured) => drop(sender.send(secured).await),
                Err(error) => {
                    FAILED.inc();
                    tracing::debug!(%error, "no TLS came about");
                }
            }
        });
        while greetings.try_join_next().is_some() {}
    }
}

async fn greet(stream: TcpStream, acceptor: TlsAcceptor) -> io::Result<Secured> {
    stream.set_nodelay(true)?;
    timeout(PATIENCE, acceptor.accept(stream)).await?.map(Secured)
}

impl Connected for Secured {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.0.get_ref().0.connect_info()
    }
}

impl AsyncRead for Secured {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
