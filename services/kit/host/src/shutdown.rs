//! When does the process stop?

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Which signals have come. SIGTERM and SIGINT both ask for the end.
#[derive(Clone, Debug)]
pub struct Signals {
    /// Cancelled by the first: finish what runs, then end.
    pub stop: CancellationToken,
    /// Cancelled by the second: end now.
    pub now: CancellationToken,
}

impl Signals {
    /// Listens from now on. Errors: the system refuses to tell of signals.
    pub fn listen() -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let signals = Self { stop: CancellationToken::new(), now: CancellationToken::new() };
        let told = signals.clone();
        // Not one of `Tasks`: it listens until the very end, when those have been waited for.
        #[expect(clippy::disallowed_methods, reason = "nothing is lost when this task is")]
        tokio::spawn(async move {
            either(&mut terminate, &mut interrupt).await;
            tracing::info!("stopping: running requests are finished, a second signal ends at once");
            told.stop.cancel();
            either(&mut terminate, &mut interrupt).await;
            told.now.cancel();
        });
        Ok(signals)
    }
}

async fn either(a: &mut Signal, b: &mut Signal) {
    tokio::select! {
        _ = a.recv() => {}
        _ = b.recv() => {}
    }
}
