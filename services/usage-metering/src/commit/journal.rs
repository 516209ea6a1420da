//! Durable by the journal: one write, and the fold follows.

use super::{Shared, queue::Item};
use crate::{
    Error,
    event::{Event, Settled},
    fold::Folded,
    grant::GrantKey,
};
use fail::fail_point;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::journal::Journal;

/// The journal, and how far the disk has it.
pub(super) struct Lane {
    journal: Mutex<Journal>,
    /// The last sequence on disk. Whoever holds the lock waits for the disk on behalf of all who queue for it.
    synced: tokio::sync::Mutex<u64>,
}

impl Lane {
    pub fn new(journal: Journal) -> Self {
        Self { journal: Mutex::new(journal), synced: tokio::sync::Mutex::new(0) }
    }

    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Errors: [`Error::Journal`], [`Error::JournalFull`].
pub(super) async fn admit(shared: &Arc<Shared>, lane: &Lane, event: Event, key: GrantKey) -> Result<(), Error> {
    let sequence = append(shared, lane, event, shared.config.journal_max_bytes)?;
    let durable = reach_disk(shared, lane, sequence).await;
    if durable.is_err() {
        shared.queue().withdraw([key]);
    }
    durable
}

/// Errors: [`Error::Journal`], [`Error::JournalFull`].
pub(super) async fn settle(shared: &Arc<Shared>, lane: &Lane, settled: Box<Settled>) -> Result<Folded, Error> {
    // What has been admitted must be able to end.
    let sequence = append(shared, lane, Event::Settled(settled), 2 * shared.config.journal_max_bytes)?;
    reach_disk(shared, lane, sequence).await?;
    Ok(Folded::Settled { grant: None })
}

fn append(shared: &Arc<Shared>, lane: &Lane, event: Event, max: u64) -> Result<u64, Error> {
    let sequence = {
        // Held until the event has queued, so that queue and journal have one order.
        let mut journal = lane.journal();
        if shared.queue().unfolded_bytes >= max {
            return Err(Error::JournalFull);
        }
        let (sequence, bytes) = journal.append(|out| event.encode(out))?;
        fail_point!("usage::journal::written");
        shared.queue().push(Item { event, sequence: Some(sequence), bytes, waiter: None });
        sequence
    };
    shared.kick();
    Ok(sequence)
}

/// Waits until the disk has everything up to `sequence`, if the configuration says so.
async fn reach_disk(shared: &Shared, lane: &Lane, sequence: u64) -> Result<(), Error> {
    if !shared.waits_for_disk() {
        return Ok(());
    }
    let mut synced = lane.synced.lock().await;
    if *synced >= sequence {
        return Ok(());
    }
    let (file, upto) = lane.journal().unsynced();
    tokio::task::spawn_blocking(move || file.sync_data())
        .await
        .unwrap_or_else(|panic| Err(std::io::Error::other(panic)))
        .map_err(Error::Journal)?;
    *synced = upto;
    Ok(())
}
