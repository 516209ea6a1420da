//! A stream whose head had to leave before there was content: it is kept alive, and what goes wrong is told in it.

use super::{
    lasting::Lasting,
    silence::{KEEP_ALIVE, Silence},
};
use crate::{
    Error,
    fallback::Answer,
    provider::fault::{Fault, Kind},
    run::Run,
    wire::answer::reported,
};
use bytes::Bytes;
use futures::future::BoxFuture;
use proto::gateway::Head;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{sync::Arc, time::Duration};
use tonic::Status;

/// The attempts of a request, under way.
pub(crate) type Work = BoxFuture<'static, Result<Answer, Error>>;

pub(crate) enum Late {
    /// No content yet.
    Waiting { run: Arc<Run>, work: Work, silence: Silence },
    /// As any other stream.
    Relaying(Lasting),
    /// Everything has been told.
    Over,
}

impl Late {
    pub(crate) fn new(run: Arc<Run>, work: Work) -> Self {
        let silence = Silence::new(run.gateway().timers.heartbeat);
        Self::Waiting { run, work, silence }
    }

    /// The next bytes for the client; None after a good end. Errors, once: why there is no more.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Status>> {
        loop {
            let answer = match self {
                Self::Over => return None,
                Self::Relaying(relay) => return relay.next().await,
                Self::Waiting { work, silence, .. } => tokio::select! {
                    biased;
                    answer = work => answer,
                    () = silence.passed() => return Some(Ok(Bytes::from_static(KEEP_ALIVE))),
                },
            };
            let before = std::mem::replace(self, Self::Over);
            match (answer, before) {
                (Ok(Answer::Stream(_, relay)), _) => *self = Self::Relaying(Lasting::new(relay)),
                (Ok(Answer::Whole(head, body)), Self::Waiting { run, .. }) => {
                    return Some(Err(refusal(&run, &head, &body).into()));
                }
                (Ok(Answer::Whole(..)), _) => return None,
                (Err(error), _) => return Some(Err(error.into())),
            }
        }
    }
}

/// A provider's refusal, which came too late for its status to be the client's.
fn refusal(run: &Run, head: &Head, body: &[u8]) -> Error {
    #[derive(Deserialize)]
    struct Refusal<'a> {
        #[serde(borrow)]
        error: &'a RawValue,
    }
    let status = u16::try_from(head.status).unwrap_or(0);
    if status == 429 {
        // The reason tells programs what its status would have.
        let wait = head.retry_after.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
        return run.failure(Fault { retry_after: wait, ..Fault::new(Kind::Overloaded).with_status(status) });
    }
    let said = serde_json::from_slice::<Refusal<'_>>(body).map(|r| reported(r.error)).unwrap_or_default();
    run.failure(Fault::new(Kind::Reported(said)).with_status(status))
}
