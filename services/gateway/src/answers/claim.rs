//! The answer of a request that its client may repeat under an Idempotency-Key: it is given again for 24 hours, in whatever
//! process it is asked for.

use crate::service::Inner;
use bytes::Bytes;
use prost::Message as _;
use proto::{
    Call, Role,
    id::{RequestId, WorkspaceId},
    workspace::{AnswerPlace, ClaimAnswerRequest, KeepAnswerRequest, ReleaseAnswerRequest},
};
use sha2::{Digest as _, Sha256};
use std::{sync::Arc, time::Duration};
use tokio::{sync::oneshot, time::Instant};
use tonic::Status;

/// The longest answer that is kept, in bytes.
pub(crate) const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How long the workspace service may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much longer than its deadline a request may take to end.
const MARGIN: Duration = Duration::from_secs(60);

/// An answer as it is kept.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct KeptAnswer {
    #[prost(string, tag = "1")]
    pub content_type: String,
    #[prost(string, tag = "2")]
    pub provider: String,
    #[prost(string, tag = "3")]
    pub model: String,
    #[prost(bytes = "bytes", tag = "4")]
    pub body: Bytes,
}

/// The place for an answer. Dropped without one, it is given back.
pub(crate) struct Claim {
    gateway: Arc<Inner>,
    place: AnswerPlace,
    request: RequestId,
    workspace: WorkspaceId,
    is_open: bool,
}

/// What was found in the place.
pub(crate) enum Found {
    /// The answer of before.
    Kept(KeptAnswer),
    /// Nothing.
    New(Claim),
}

/// Takes the place for the answer of a request that ends within `total`. None: its client sent no key. Errors:
/// `IDEMPOTENCY_MISMATCH`, `CONFLICT`, `SERVICE_UNAVAILABLE`: whether it was answered is not known.
pub(crate) async fn claim(
    gateway: &Arc<Inner>,
    call: &Call,
    workspace: WorkspaceId,
    operation: &str,
    body: &[u8],
    total: Duration,
) -> Result<Option<Found>, Status> {
    let Some(key) = call.idempotency_key.as_deref() else { return Ok(None) };
    let whose = Sha256::new_with_prefix(call.actor()).chain_update([0]).chain_update(key).finalize();
    let what = Sha256::new_with_prefix(operation).chain_update([0]).chain_update(body).finalize();
    let place = AnswerPlace {
        workspace_id: workspace.to_string(),
        key_sha256: Bytes::copy_from_slice(&whose),
        request_sha256: Bytes::copy_from_slice(&what),
        holder: call.request_id.to_string(),
    };
    let lease_ms = i64::try_from((total + MARGIN).as_millis()).unwrap_or(i64::MAX);
    let claim = Claim { gateway: gateway.clone(), place, request: call.request_id, workspace, is_open: false };
    let (found, wait) = oneshot::channel();
    // A client that leaves meanwhile does not end the asking, but nobody waits for what is found: a place that was taken for
    // nobody is given back as it is dropped.
    gateway.tasks.tracker().spawn(async move { drop(found.send(claim.take(lease_ms).await)) });
    wait.await.map_err(|_| Status::internal("the place for the answer was not taken"))?.map(Some)
}

impl Claim {
    /// Takes the place, or what is in it.
    async fn take(mut self, lease_ms: i64) -> Result<Found, Status> {
        let request = ClaimAnswerRequest { place: Some(self.place.clone()), lease_ms };
        match self.gateway.workspaces.claim_answer(&self.call(), request).await?.answer {
            Some(answer) => {
                let answer = KeptAnswer::decode(answer).map_err(|error| Status::internal(error.to_string()))?;
                Ok(Found::Kept(answer))
            }
            None => {
                self.is_open = true;
                Ok(Found::New(self))
            }
        }
    }

    /// Keeps the answer. It is not worth failing for: the client has it.
    pub(crate) async fn keep(mut self, answer: KeptAnswer) {
        self.is_open = false;
        let request = KeepAnswerRequest { place: Some(self.place.clone()), answer: answer.encode_to_vec().into() };
        let (workspaces, call) = (self.gateway.workspaces.clone(), self.call());
        // A client that leaves now has seen the answer, and may ask for it again.
        let keeping = self.gateway.tasks.tracker().spawn(async move {
            if let Err(status) = workspaces.keep_answer(&call, request).await {
                tracing::warn!(error = status.message(), "an answer will not be given again");
            }
        });
        drop(keeping.await);
    }

    fn call(&self) -> Call {
        let call = Call::service(Role::Gateway, self.request);
        Call { workspace: Some(self.workspace), ..call }.until(Instant::now() + PATIENCE)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.is_open || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let request = ReleaseAnswerRequest { place: Some(self.place.clone()) };
        let (workspaces, call) = (self.gateway.workspaces.clone(), self.call());
        self.gateway.tasks.tracker().spawn(async move {
            // Otherwise it is free once its time has passed.
            drop(workspaces.release_answer(&call, request).await);
        });
    }
}
