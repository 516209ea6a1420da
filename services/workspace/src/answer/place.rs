//! Where the answer of one request is kept.

use crate::error::Error;
use proto::{
    id::{RequestId, WorkspaceId},
    workspace::AnswerPlace,
};
use store::{
    Value,
    seal::{self, Sealer},
};

const DIGEST: usize = 32;

/// A place that has been read.
pub(super) struct Place {
    pub workspace: WorkspaceId,
    pub holder: RequestId,
    key: Vec<u8>,
    request: Vec<u8>,
}

impl Place {
    /// Errors: `NOT_FOUND` for what is no place.
    pub fn read(place: Option<AnswerPlace>) -> Result<Self, Error> {
        let AnswerPlace { workspace_id, key_sha256, request_sha256, holder } = place.unwrap_or_default();
        let wrong = || Error::NotFound("place for an answer");
        if key_sha256.len() != DIGEST || request_sha256.len() != DIGEST {
            return Err(wrong());
        }
        Ok(Self {
            workspace: workspace_id.parse().map_err(|_| wrong())?,
            holder: holder.parse().map_err(|_| wrong())?,
            key: key_sha256.to_vec(),
            request: request_sha256.to_vec(),
        })
    }

    /// Workspace and key.
    pub fn key(&self) -> [Value; 2] {
        [self.workspace.into(), self.key.clone().into()]
    }

    /// The same, and who holds it.
    pub fn held(&self) -> [Value; 3] {
        [self.workspace.into(), self.key.clone().into(), self.holder.into()]
    }

    pub fn seal(&self, sealer: &Sealer, answer: &[u8]) -> Vec<u8> {
        sealer.seal(&[&self.request, answer].concat(), &self.name())
    }

    /// The answer in `sealed`. Errors: `IDEMPOTENCY_MISMATCH` where it is one to another request.
    pub fn open(&self, sealer: &Sealer, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let opened = sealer.open(sealed, &self.name())?;
        let (request, answer) = opened.split_at_checked(DIGEST).ok_or(seal::Error::Damaged)?;
        if request != self.request {
            return Err(Error::Replay(store::replay::Error::Mismatch));
        }
        Ok(answer.to_vec())
    }

    /// What an answer is sealed for: copied elsewhere it does not open.
    fn name(&self) -> Vec<u8> {
        let key: String = self.key.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("answers/{}/{key}", self.workspace).into_bytes()
    }
}
