//! What does this gateway owe the ledger, whatever kills it?
//!
//! Where usage-metering runs in another process, a settlement is written down here, in one write, before the last bytes
//! of its answer leave, and stays until the ledger has it. What a killed process owed is sent by the next one; if its
//! grant was swept meanwhile, the ledger corrects the row.

mod debt;
mod place;
mod record;
#[cfg(test)]
mod tests;

pub(crate) use debt::Debt;
pub use place::SpoolError;

use crate::metrics::SpoolMetrics;
use fail::fail_point;
use place::Taken;
use proto::usage::SettleRequest;
use std::{
    collections::BTreeSet,
    fs::File,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use store::journal::{self, Journal, Keep};

/// Small files, so that they can be deleted soon; none of them is needed once everything in it is paid. A power cut may
/// take what the disk does not have yet, and the sweep estimates it then.
const KEEP: Keep = Keep { on_disk: false, segment_bytes: 1024 * 1024, spare_files: 0 };

/// So many debts are paid at most before that is written down: it goes along with the next debt as a rule.
const PAID: usize = 256;

/// What this process owes. Shared by its settlements.
pub(crate) struct Spool {
    state: Mutex<State>,
    max_bytes: u64,
    /// The last settlement could not be written down.
    failing: AtomicBool,
    metrics: SpoolMetrics,
}

struct State {
    journal: Journal,
    /// Records whose settlements the ledger does not have.
    owed: BTreeSet<u64>,
    /// Paid, and not written down as such.
    paid: Vec<u64>,
    /// Keeps other processes away.
    _lock: File,
}

impl Spool {
    /// The spool of this process below `dir`, and what processes that are no more have left there. Beyond `max_bytes`
    /// of files it takes nothing.
    ///
    /// Errors: the folder or a file in it cannot be used; the sentence says what to do.
    pub(crate) async fn open(
        dir: &Path,
        max_bytes: u64,
    ) -> Result<(Arc<Self>, Vec<(SettleRequest, Debt)>), SpoolError> {
        let Taken { dir, lock, recovered, owed, others } = place::take(dir).await?;
        let before = recovered.last;
        let journal = Journal::begin(&dir, recovered, KEEP).map_err(journal::Error::Io)?;
        let state = State { journal, owed: BTreeSet::new(), paid: vec![], _lock: lock };
        let spool = Arc::new(Self {
            state: Mutex::new(state),
            max_bytes,
            failing: AtomicBool::new(false),
            metrics: SpoolMetrics::new(),
        });
        let mut left = Vec::with_capacity(owed.len());
        for request in owed {
            let sequence = spool.state().write(Some(&request), None)?;
            left.push((request, Debt { spool: spool.clone(), sequence }));
        }
        // Only now nothing is left that stands in the old files alone.
        spool.state().journal.release(before);
        for (_lock, recovered) in others {
            recovered.remove();
        }
        spool.metrics.owed.set(i64::try_from(left.len()).unwrap_or(i64::MAX));
        Ok((spool, left))
    }

    /// Writes down that `request` is owed, in place of what was owed for the same grant before. None if that is not
    /// possible: then it is owed in memory only, and the operator is told.
    pub(crate) fn owe(self: &Arc<Self>, request: &SettleRequest, before: Option<Debt>) -> Option<Debt> {
        let mut state = self.state();
        let full = state.journal.bytes() >= self.max_bytes;
        let written = if full { Err(None) } else { state.write(Some(request), before.as_ref()).map_err(Some) };
        match written {
            Ok(sequence) => {
                fail_point!("gateway::spool::written");
                self.failing.store(false, Relaxed);
                self.metrics.owed.set(i64::try_from(state.owed.len()).unwrap_or(i64::MAX));
                Some(Debt { spool: self.clone(), sequence })
            }
            Err(error) => {
                drop(state);
                self.complain(error);
                before
            }
        }
    }

    fn paid(&self, sequence: u64) {
        let mut state = self.state();
        if !state.owed.remove(&sequence) {
            return;
        }
        state.paid.push(sequence);
        // Where nothing is under way, nothing comes along that could take the mark with it.
        if state.owed.is_empty() || state.paid.len() >= PAID {
            // What is not marked is sent again after a restart, which changes nothing.
            drop(state.write(None, None));
        }
        let done_with = state.owed.first().map_or(u64::MAX, |oldest| oldest - 1);
        state.journal.release(done_with);
        self.metrics.owed.set(i64::try_from(state.owed.len()).unwrap_or(i64::MAX));
    }

    /// Once per trouble: the metric counts the rest.
    fn complain(&self, error: Option<journal::Error>) {
        self.metrics.unwritten.inc();
        if !self.failing.swap(true, Relaxed) {
            let why = error.map_or_else(|| "gateway.spool_max_bytes is reached".to_owned(), |error| error.to_string());
            tracing::error!(
                why,
                "settlements are kept in memory only: if this process is killed, the ledger estimates them"
            );
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// One record: what is owed, in place of `before`, and what was paid since the last. Errors: nothing is written.
    fn write(&mut self, owed: Option<&SettleRequest>, before: Option<&Debt>) -> Result<u64, journal::Error> {
        let before = before.map(|debt| debt.sequence);
        self.paid.extend(before);
        let written = self.journal.append(|out| record::write(owed, &self.paid, out));
        match written {
            Ok((sequence, _)) => {
                self.paid.clear();
                if let Some(before) = before {
                    self.owed.remove(&before);
                }
                if owed.is_some() {
                    self.owed.insert(sequence);
                }
                Ok(sequence)
            }
            Err(error) => {
                if before.is_some() {
                    self.paid.pop();
                }
                Err(error)
            }
        }
    }
}
