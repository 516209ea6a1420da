//! What has a calendar period used so far?
//!
//! A counter begins where SQL is: what is settled (the roll-ups) and what each open grant has reserved, read in one
//! transaction. What ends meanwhile must be counted neither never nor twice: a counter that is not loaded notes the
//! grants that end, and those of them that were found open are corrected. A grant that was found settled is not open in
//! the counter, and its end, which may come later than its row, changes nothing.

mod read;

use crate::{Error, counter::Verdict, limit::Limit, service::Inner};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// How often it is read, if others drop meanwhile what was begun.
const READINGS: u32 = 4;
/// How long the ledger may take to write what has queued.
const PATIENCE: Duration = Duration::from_secs(2);

/// Of each workspace one loads, and all others wait for it.
#[derive(Default)]
pub(crate) struct Loads {
    running: Mutex<HashMap<Uuid, Arc<tokio::sync::Mutex<()>>>>,
}

impl Loads {
    fn of(&self, workspace: Uuid) -> Arc<tokio::sync::Mutex<()>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|_, lock| Arc::strong_count(lock) > 1);
        running.entry(workspace).or_default().clone()
    }
}

impl Inner {
    /// Brings counters of quotas up to date that have none. Errors: `SERVICE_UNAVAILABLE`, `UNPRICED_MODEL`.
    pub(crate) async fn load(&self, workspace: Uuid, missing: &[&Limit]) -> Result<(), Error> {
        let one = self.loads.of(workspace);
        let _one = one.lock().await;
        let now_ms = self.clock.now().timestamp_millis();
        let wanted: Vec<_> = missing.iter().copied().cloned().collect();
        // Whoever held the lock before may have loaded the same.
        let Verdict::Missing(mut missing) = self.counters.peek(workspace, &wanted, now_ms).await? else {
            return Ok(());
        };
        for _ in 0..READINGS {
            let mut begun = Vec::with_capacity(missing.len());
            for index in &missing {
                begun.push(self.counters.begin_load(workspace, &wanted[*index], now_ms).await?);
            }
            // What is durable in the journal only would not be found.
            self.ledger.settle_queue(PATIENCE).await?;
            let limits: Vec<_> = missing.iter().map(|index| &wanted[*index]).collect();
            let readings = read::readings(self, workspace, &limits).await?;
            let mut again = vec![];
            for ((index, reading), begun) in missing.into_iter().zip(readings).zip(begun) {
                if !self.counters.install(workspace, &wanted[index], begun, &reading).await? {
                    again.push(index);
                }
            }
            if again.is_empty() {
                return Ok(());
            }
            missing = again;
        }
        Err(Error::CountersAway)
    }
}
