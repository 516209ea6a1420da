//! How is given back what an attempt held?
//!
//! What Redis does not take now it gets later, in any order: whoever reserves, takes back or ends a grant leaves a trace
//! that the others find.

use super::{
    Redis,
    slot::{Slot, by_slot, letter},
};
use crate::{Error, grant::GrantKey, limit::Limit};
use std::sync::PoisonError;

/// Releases that wait for Redis to come back. What falls out expires with its grant.
const MAX_WAITING: usize = 10_000;

/// One call of release.lua, but for the epoch.
pub(super) struct Release {
    slot: Slot,
    keys: Vec<String>,
    grant: String,
    /// The reservation that is taken back. Empty: the grant has ended.
    ticket: String,
    at: i64,
    args: Vec<String>,
}

impl Redis {
    /// Ends a grant, or takes back the reservation with this ticket.
    pub async fn release(&self, key: &GrantKey, limits: &[Limit], corrections: &[i64], ticket: &str, now: i64) {
        self.leases.release(key, limits, corrections);
        for release in Release::all(key, limits, corrections, ticket, now) {
            // While Redis is away nobody waits to find it away again: the next retry tells.
            if self.is_away() || self.send(&release).await.is_err() {
                self.later(release);
            }
        }
    }

    /// Sends what could not be sent. Stops at the first that fails again.
    pub async fn retry(&self) {
        loop {
            let release = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(release) = release else { return self.retry_amends().await };
            if self.send(&release).await.is_err() {
                self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_front(release);
                return;
            }
        }
    }

    async fn send(&self, release: &Release) -> Result<(), Error> {
        for _ in 0..2 {
            let (epoch, now) = (self.epoch().await?, self.now());
            let mut call = self.scripts.release.prepare_invoke();
            for name in &release.keys {
                call.key(name);
            }
            call.arg(&release.grant).arg(release.at).arg(&epoch.epoch).arg(epoch.lost(now)).arg(&release.ticket);
            for arg in &release.args {
                call.arg(arg);
            }
            let mut manager = self.manager();
            if self.within("EVALSHA release", 1, call.invoke_async::<i64>(&mut manager)).await? >= 0 {
                return Ok(());
            }
            // Once it is open, what SQL had as open has its mark again, and what SQL had as settled has none.
            self.open(&release.slot).await?;
        }
        Err(Error::CountersAway)
    }

    pub(super) fn later(&self, release: Release) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MAX_WAITING {
            waiting.pop_front();
        }
        waiting.push_back(release);
    }
}

impl Release {
    /// One for each slot of the limits.
    pub fn all(
        key: &GrantKey,
        limits: &[Limit],
        corrections: &[i64],
        ticket: &str,
        now: i64,
    ) -> impl Iterator<Item = Self> {
        by_slot(key.workspace, limits).into_iter().map(move |(slot, indices)| {
            let of_slot: Vec<_> = indices.iter().map(|index| &limits[*index]).collect();
            let mut args = vec![];
            for index in &indices {
                let limit = &limits[*index];
                args.extend([letter(&limit.kind).to_owned(), limit.limit.to_string(), corrections[*index].to_string()]);
            }
            let keys = slot.keys(key, &of_slot);
            Self { keys, slot, grant: key.grant_id(), ticket: ticket.to_owned(), at: now, args }
        })
    }
}
