//! What waits to be folded?

use crate::{
    event::{Event, Refused},
    fold::Folded,
    grant::GrantKey,
};
use std::collections::VecDeque;
use tokio::{sync::oneshot, time::Instant};

/// Grants whose withdrawal may wait. What falls out is swept.
const MAX_WITHDRAWN: usize = 100_000;

/// An event on its way into SQL.
pub(super) struct Item {
    pub event: Event,
    /// Its record in the journal.
    pub sequence: Option<u64>,
    /// What it takes in the journal.
    pub bytes: u64,
    /// Who waits for it to be in SQL.
    pub waiter: Option<oneshot::Sender<Folded>>,
}

#[derive(Default)]
pub(super) struct Queue {
    items: Vec<Item>,
    refusals: VecDeque<Refused>,
    withdrawn: Vec<GrantKey>,
    /// Something was taken out and is not folded yet.
    pub in_hand: bool,
    /// When the oldest journaled one was acknowledged of those that are in hand, and of those that wait.
    acknowledged: (Option<Instant>, Option<Instant>),
    /// The process stops and the database did not take what was taken out.
    pub given_up: bool,
    /// How often everything was taken out.
    taken: u64,
    /// In the journal and not in SQL.
    pub unfolded_bytes: u64,
}

/// What was taken out to be folded.
#[derive(Default)]
pub(super) struct Work {
    pub items: Vec<Item>,
    pub refusals: Vec<Refused>,
    pub withdrawn: Vec<GrantKey>,
}

impl Queue {
    pub fn push(&mut self, item: Item) {
        self.unfolded_bytes += item.bytes;
        if item.sequence.is_some() {
            self.acknowledged.1.get_or_insert_with(Instant::now);
        }
        self.items.push(item);
    }

    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// True if another one was dropped for it.
    pub fn refuse(&mut self, refused: Refused, max: usize) -> bool {
        let dropped = self.refusals.len() >= max && self.refusals.pop_front().is_some();
        self.refusals.push_back(refused);
        dropped
    }

    pub fn withdraw(&mut self, keys: impl IntoIterator<Item = GrantKey>) {
        self.withdrawn.extend(keys);
        let surplus = self.withdrawn.len().saturating_sub(MAX_WITHDRAWN);
        self.withdrawn.drain(..surplus);
    }

    /// Everything there is.
    pub fn take(&mut self) -> Work {
        let work = Work {
            items: std::mem::take(&mut self.items),
            refusals: std::mem::take(&mut self.refusals).into(),
            withdrawn: std::mem::take(&mut self.withdrawn),
        };
        self.in_hand = !work.is_empty();
        self.acknowledged = (self.acknowledged.1.take(), None);
        self.taken += u64::from(self.in_hand);
        work
    }

    /// Since when the oldest is acknowledged of those that are not in SQL.
    pub fn oldest(&self) -> Option<Instant> {
        let (in_hand, waiting) = self.acknowledged;
        in_hand.filter(|_| self.in_hand).or(waiting)
    }

    /// Refusals whose transaction failed come first again, as far as there is room.
    pub fn put_back(&mut self, refusals: Vec<Refused>, max: usize) {
        let room = max.saturating_sub(self.refusals.len());
        let surplus = refusals.len().saturating_sub(room);
        for refused in refusals.into_iter().skip(surplus).rev() {
            self.refusals.push_front(refused);
        }
    }

    pub fn folded(&mut self, bytes: u64) {
        self.unfolded_bytes = self.unfolded_bytes.saturating_sub(bytes);
    }

    /// Remembered, it tells later what [`Queue::has_passed`].
    pub const fn rounds(&self) -> u64 {
        self.taken
    }

    /// Whether what had queued when [`Queue::rounds`] was asked is folded: it was taken out in the next round at the
    /// latest, which is over once another one has begun, or nothing is in hand.
    pub fn has_passed(&self, rounds: u64) -> bool {
        self.is_idle() || self.taken > rounds + 1 || self.taken == rounds + 1 && !self.in_hand
    }

    /// Nothing is left to fold. Withdrawals alone are no work: they go with the next batch.
    pub fn is_idle(&self) -> bool {
        !self.in_hand && !self.has_work()
    }

    pub fn has_work(&self) -> bool {
        !self.items.is_empty() || !self.refusals.is_empty()
    }
}

impl Work {
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.refusals.is_empty()
    }
}
