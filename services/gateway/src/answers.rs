//! Answers that are given again, where a workspace wants that: to the same request, for a while.
//!
//! They are in the memory of this process only, and never leave it but as an answer: nothing is written that would have to
//! be sealed. They belong to their workspace, and go when it asks.

pub(crate) mod claim;
pub(crate) mod key;
pub(crate) mod recorder;

use crate::plan::Candidate;
use bytes::Bytes;
use key::AnswerKey;
use moka::sync::Cache;
use proto::id::WorkspaceId;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// No answer is kept longer.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);
/// What an entry takes beside its answer, in bytes.
const OVERHEAD: usize = 512;

/// The answers of all workspaces.
pub(crate) struct Answers(Cache<(WorkspaceId, AnswerKey), Arc<Kept>>);

/// One answer, whole or as the stream that it was.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Who gave it. It is given again only to those who could be answered by that provider now.
    pub provider_id: String,
    pub model: String,
    pub content_type: String,
    pub body: Bytes,
    until: Instant,
}

/// Whether and how the answer to a request is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    pub key: AnswerKey,
    pub ttl: Duration,
    /// In bytes.
    pub most: usize,
}

impl Answers {
    /// Room for so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let weight = |_: &_, kept: &Arc<Kept>| u32::try_from(kept.body.len() + OVERHEAD).unwrap_or(u32::MAX);
        let cache = Cache::builder().max_capacity(bytes).weigher(weight).time_to_live(LONGEST);
        Self(cache.support_invalidation_closures().build())
    }

    /// The answer, and which of `candidates` gave it. None: nobody gave it, or none of these, or it was too long ago.
    pub(crate) fn get(
        &self,
        workspace: WorkspaceId,
        key: AnswerKey,
        candidates: &[Candidate],
    ) -> Option<(usize, Arc<Kept>)> {
        let kept = self.0.get(&(workspace, key)).filter(|kept| kept.until > Instant::now())?;
        let gave = |c: &Candidate| c.provider.id == kept.provider_id && c.model == kept.model;
        candidates.iter().position(gave).map(|index| (index, kept))
    }

    pub(crate) fn keep(
        &self,
        workspace: WorkspaceId,
        keep: Keep,
        candidate: &Candidate,
        content_type: &str,
        body: Bytes,
    ) {
        let kept = Kept {
            provider_id: candidate.provider.id.clone(),
            model: candidate.model.clone(),
            content_type: content_type.to_owned(),
            body,
            until: Instant::now() + keep.ttl,
        };
        self.0.insert((workspace, keep.key), Arc::new(kept));
    }

    /// Forgets every answer of a workspace that was kept until now.
    pub(crate) fn erase(&self, workspace: WorkspaceId) {
        let erased = self.0.invalidate_entries_if(move |(whose, _), _| *whose == workspace);
        if let Err(error) = erased {
            // Nothing of anybody is better than something of them.
            tracing::warn!(error = %error, "kept answers are forgotten as a whole");
            self.0.invalidate_all();
        }
    }
}
