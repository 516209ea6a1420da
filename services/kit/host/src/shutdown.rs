//! When does the process stop, and when does it read its settings again?

use std::{
    io::{self, IsTerminal as _, stdin},
    sync::Arc,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::Notify,
};
use tokio_util::sync::CancellationToken;

/// Which signals have come. SIGTERM and SIGINT both ask for the end. So does SIGHUP of a terminal that is closed; to a process
/// without one it means that its settings have changed.
#[derive(Clone, Debug)]
pub struct Signals {
    /// Cancelled by the first: finish what runs, then end.
    pub stop: CancellationToken,
    /// Cancelled by the second: end now.
    pub now: CancellationToken,
    /// Notified by SIGHUP.
    pub reload: Arc<Notify>,
}

impl Signals {
    /// Listens from now on. Errors: the system refuses to tell of signals.
    pub fn listen() -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let signals = Self { stop: CancellationToken::new(), now: CancellationToken::new(), reload: Arc::default() };
        let (stop, reload, has_terminal) = (signals.stop.clone(), signals.reload.clone(), stdin().is_terminal());
        #[expect(clippy::disallowed_methods, reason = "nothing is lost when this task is")]
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                if has_terminal { stop.cancel() } else { reload.notify_one() }
            }
        });
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{process::Command, time::Duration};
    use tokio::time::timeout;

    fn send(signal: &str) {
        let sent = Command::new("kill").args([signal, &std::process::id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    #[tokio::test]
    async fn the_first_signal_asks_and_the_second_insists() {
        let signals = Signals::listen().expect("signals");
        send("-TERM");
        timeout(Duration::from_secs(5), signals.stop.cancelled()).await.expect("asked");
        assert!(!signals.now.is_cancelled());
        send("-INT");
        timeout(Duration::from_secs(5), signals.now.cancelled()).await.expect("insisted");
    }
}
