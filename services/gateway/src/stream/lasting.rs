//! A stream whose client may ask for it again: if the client leaves, it goes on to its end and is kept, so that who comes
//! back finds the whole answer, and pays for one.

use super::relay::Relay;
use crate::{Error, fallback::Answer, run::Run, stream::late::Work};
use bytes::Bytes;
use tokio::sync::oneshot;
use tonic::Status;
use tracing::Instrument as _;

/// A relay that outlives its reader, where somebody may come back for what it says.
pub(crate) struct Lasting(Option<Box<Relay>>);

impl Lasting {
    pub(crate) const fn new(relay: Box<Relay>) -> Self {
        Self(Some(relay))
    }

    /// See [`Relay::next`].
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Status>> {
        self.0.as_mut()?.next().await
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        let Some(relay) = self.0.take().filter(|relay| relay.is_awaited()) else { return };
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let tasks = relay.run().gateway().tasks.clone();
        let cut = tasks.cut();
        tasks.tracker().spawn(async move {
            let _ = cut.run_until_cancelled_owned(to_its_end(relay)).await;
        });
    }
}

/// Reads it for nobody, as long as it can be kept.
async fn to_its_end(mut relay: Box<Relay>) {
    while relay.is_awaited() && relay.next().await.is_some() {}
}

/// The attempts of a request, which go on without their client where the answer is kept for it.
pub(crate) fn work(run: &Run, work: Work) -> Work {
    if !run.outlives_client() {
        return work;
    }
    let (answered, wait) = oneshot::channel();
    let tasks = run.gateway().tasks.clone();
    let cut = tasks.cut();
    let working = async move {
        let Some(answer) = cut.run_until_cancelled_owned(work).await else { return };
        if let Err(Ok(Answer::Stream(_, relay))) = answered.send(answer) {
            drop(Lasting::new(relay));
        }
    };
    tasks.tracker().spawn(working.in_current_span());
    Box::pin(async move { wait.await.unwrap_or(Err(Error::Stopping)) })
}
