//! Answers that are kept in the memory of this process. They never leave it but as an answer.

use super::{
    Kept,
    key::AnswerKey,
    similar::{MOST, Meant},
};
use moka::sync::Cache;
use proto::id::WorkspaceId;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// No answer is kept longer.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);
/// What an entry takes beside its answer, in bytes.
const OVERHEAD: usize = 512;

type Place = (WorkspaceId, AnswerKey);

pub(crate) struct Memory {
    answers: Cache<Place, (Arc<Kept>, Instant)>,
    similar: Cache<Place, Arc<Vec<Meant>>>,
}

impl Memory {
    /// Room for so many bytes of answers, and a quarter as many of what they answer.
    pub(super) fn new(bytes: u64) -> Self {
        let weight = |_: &_, (kept, _): &(Arc<Kept>, Instant)| room(kept.body.len() + OVERHEAD);
        let answers = Cache::builder().max_capacity(bytes).weigher(weight).time_to_live(LONGEST);
        let of = |meant: &Meant| meant.text.len() + meant.numbers.len() + OVERHEAD;
        let weight = move |_: &_, all: &Arc<Vec<Meant>>| room(all.iter().map(of).sum());
        let similar = Cache::builder().max_capacity(bytes / 4).weigher(weight).time_to_live(LONGEST);
        Self {
            answers: answers.support_invalidation_closures().build(),
            similar: similar.support_invalidation_closures().build(),
        }
    }

    pub(super) fn get(&self, place: Place) -> Option<Arc<Kept>> {
        self.answers.get(&place).filter(|(_, until)| *until > Instant::now()).map(|(kept, _)| kept)
    }

    pub(super) fn keep(&self, place: Place, kept: Kept, ttl: Duration) {
        self.answers.insert(place, (Arc::new(kept), Instant::now() + ttl));
    }

    pub(super) fn similar(&self, place: Place) -> Arc<Vec<Meant>> {
        self.similar.get(&place).unwrap_or_default()
    }

    pub(super) fn remember(&self, place: Place, meant: Meant) {
        let before = self.similar(place);
        let others = before.iter().filter(|other| other.key != meant.key).take(MOST - 1).cloned();
        self.similar.insert(place, Arc::new(std::iter::once(meant.clone()).chain(others).collect()));
    }

    pub(super) fn erase(&self, workspace: WorkspaceId) {
        let answers = self.answers.invalidate_entries_if(move |(whose, _), _| *whose == workspace);
        let similar = self.similar.invalidate_entries_if(move |(whose, _), _| *whose == workspace);
        if let Err(error) = answers.and(similar) {
            // Nothing of anybody is better than something of them.
            tracing::warn!(error = %error, "kept answers are forgotten as a whole");
            self.answers.invalidate_all();
            self.similar.invalidate_all();
        }
    }
}

fn room(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
