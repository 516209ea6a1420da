//! Answers that are given again, where a workspace wants that: to the same request, and to one that means the same, for a
//! while. In Redis, where there is one, else in the memory of this process. They belong to their workspace, and go when it
//! asks.

pub(crate) mod claim;
pub(crate) mod key;
pub(crate) mod meaning;
mod memory;
pub(crate) mod recorder;
mod shared;
pub(crate) mod similar;
pub(crate) mod tail;

use crate::plan::Candidate;
use bytes::Bytes;
use host::{Tasks, config::Secret};
use key::AnswerKey;
use memory::Memory;
use proto::id::WorkspaceId;
use shared::{Place, Shared};
use similar::Meant;
use std::{sync::Arc, time::Duration};
use store::seal::Sealer;

/// The answers of all workspaces.
pub(crate) enum Answers {
    Memory(Memory),
    Shared(Arc<Shared>),
}

/// Whose answers are meant, and what opens them.
#[derive(Clone, Copy)]
pub(crate) struct Whose<'a> {
    pub workspace: WorkspaceId,
    /// None: the workspace has no key for answers, and shares none.
    pub sealer: Option<&'a Sealer>,
}

/// One answer, whole or as the stream that it was.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Who gave it. It is given again only to those who could be answered by that provider now.
    pub provider_id: String,
    pub model: String,
    pub content_type: String,
    pub body: Bytes,
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
    /// In Redis; without one, in room for so many bytes.
    pub(crate) fn new(redis: Option<&Secret>, bytes: u64, tasks: &Tasks) -> Self {
        match redis.map(|url| Shared::new(url, tasks.clone())) {
            Some(Ok(shared)) => return Self::Shared(Arc::new(shared)),
            // What is wrong with it may show its password.
            Some(Err(_)) => {
                tracing::warn!("redis.url is not the address of a Redis: each gateway keeps answers for itself");
            }
            None => {}
        }
        Self::Memory(Memory::new(bytes))
    }

    /// The answer, and which of `candidates` gave it. None: nobody gave it, or none of these, or it was too long ago.
    pub(crate) async fn get(
        &self,
        whose: Whose<'_>,
        key: AnswerKey,
        candidates: &[Candidate],
    ) -> Option<(usize, Arc<Kept>)> {
        let kept = match (self, whose.place(key)) {
            (Self::Memory(memory), _) => memory.get((whose.workspace, key))?,
            (Self::Shared(shared), place) => shared.get(&place?).await?,
        };
        let gave = |c: &Candidate| c.provider.id == kept.provider_id && c.model == kept.model;
        candidates.iter().position(gave).map(|index| (index, kept))
    }

    pub(crate) async fn keep(&self, whose: Whose<'_>, keep: Keep, kept: Kept) {
        match (self, whose.place(keep.key)) {
            (Self::Memory(memory), _) => memory.keep((whose.workspace, keep.key), kept, keep.ttl),
            (Self::Shared(shared), Some(place)) => shared.keep(&place, kept, keep.ttl).await,
            (Self::Shared(_), None) => {}
        }
    }

    /// What was asked that differs from another request in its last message only; the newest first.
    pub(crate) async fn similar(&self, whose: Whose<'_>, group: AnswerKey) -> Arc<Vec<Meant>> {
        match (self, whose.place(group)) {
            (Self::Memory(memory), _) => memory.similar((whose.workspace, group)),
            (Self::Shared(shared), Some(place)) => Arc::new(shared.similar(&place).await),
            (Self::Shared(_), None) => Arc::default(),
        }
    }

    pub(crate) async fn remember(&self, whose: Whose<'_>, group: AnswerKey, meant: Meant, ttl: Duration) {
        match (self, whose.place(group)) {
            (Self::Memory(memory), _) => memory.remember((whose.workspace, group), meant),
            (Self::Shared(shared), Some(place)) => shared.remember(&place, &meant, ttl).await,
            (Self::Shared(_), None) => {}
        }
    }

    /// Forgets every answer of a workspace that was kept until now.
    pub(crate) fn erase(&self, workspace: WorkspaceId) {
        match self {
            Self::Memory(memory) => memory.erase(workspace),
            Self::Shared(shared) => shared.erase(workspace),
        }
    }
}

impl<'a> Whose<'a> {
    fn place(self, key: AnswerKey) -> Option<Place<'a>> {
        Some(Place { workspace: self.workspace, key, sealer: self.sealer? })
    }
}
