//! How does an event become durable?
//!
//! Events queue in the order in which they happened; one task at a time folds what has queued into SQL, in one
//! transaction. Who waits for what differs: with a journal the caller is answered once the operating system has its
//! record, without one once the transaction is committed.

mod drain;
mod group;
mod journal;
mod queue;

pub(crate) use drain::position;

use crate::{
    Config, Error,
    config::Fsync,
    daily::DailyCounters,
    event::{Event, Refused, Settled},
    fold::Folded,
    grant::GrantKey,
    metric::Metrics,
    price::Prices,
};
use fail::fail_point;
use host::{
    Tasks,
    metrics::{at_scrape, float_gauge},
};
use queue::Queue;
use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::{
    Db,
    journal::{Journal, Keep, Recovered, recover},
};
use tokio::sync::Notify;

/// A new file of the journal is begun beyond this size, so that folded records can be deleted while others are being
/// written.
const SEGMENT_BYTES: u64 = 8 * 1024 * 1024;

/// So many folded files stay: a power cut may take back what SQLite has committed since it last synchronised, which it
/// does at least every 4 MB, and then these are folded again.
const SPARE: usize = 2;

/// The durable side of the service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ledger {
    shared: Arc<Shared>,
}

struct Shared {
    db: Db,
    tasks: Tasks,
    config: Config,
    metrics: Metrics,
    prices: Prices,
    daily: DailyCounters,
    queue: Mutex<Queue>,
    /// None: the transaction alone makes events durable.
    journal: Option<journal::Lane>,
    draining: AtomicBool,
    /// The last transaction failed.
    failing: AtomicBool,
    /// Somebody waits for the fold.
    urgent: Notify,
    /// Everything that had queued is folded.
    idle: Notify,
}

/// Folds what the last process left in the journal in `dir`. Errors: the database or the journal cannot be used; the
/// sentence says what to do.
pub(crate) async fn take_over(into: (&Db, &Prices, &DailyCounters, &Metrics), dir: &Path) -> Result<Recovered, Error> {
    let position = drain::position(into.0).await?;
    let fold = async |records: Vec<Vec<u8>>, last| {
        drain::recovered(into, &records, last).await?;
        fail_point!("usage::recover::folded");
        Ok::<_, Error>(())
    };
    let recovered = recover(dir, Some(position), fold).await?;
    if recovered.last > position {
        tracing::info!(records = recovered.last - position, "usage journal recovered");
    }
    Ok(recovered)
}

impl Ledger {
    /// Durable by group commit.
    pub fn group(db: Db, tasks: Tasks, config: Config, metrics: Metrics, prices: Prices, daily: DailyCounters) -> Self {
        Self::new(db, tasks, config, metrics, prices, daily, None)
    }

    /// Durable by the journal in `dir`, after folding what the last process left in it.
    /// Errors: the database or the journal cannot be used; the sentence says what to do.
    pub async fn journal(
        db: Db,
        tasks: Tasks,
        config: Config,
        metrics: Metrics,
        prices: Prices,
        daily: DailyCounters,
        dir: &Path,
    ) -> Result<Self, Error> {
        let recovered = take_over((&db, &prices, &daily, &metrics), dir).await?;
        let keep = Keep { on_disk: config.fsync == Fsync::Batch, segment_bytes: SEGMENT_BYTES, spare_files: SPARE };
        let journal = Journal::begin(dir, recovered, keep).map_err(Error::Journal)?;
        Ok(Self::new(db, tasks, config, metrics, prices, daily, Some(journal)))
    }

    fn new(
        db: Db,
        tasks: Tasks,
        config: Config,
        metrics: Metrics,
        prices: Prices,
        daily: DailyCounters,
        journal: Option<Journal>,
    ) -> Self {
        let shared = Shared {
            db,
            tasks,
            metrics,
            prices,
            daily,
            queue: Mutex::default(),
            journal: journal.map(journal::Lane::new),
            config,
            draining: AtomicBool::new(false),
            failing: AtomicBool::new(false),
            urgent: Notify::new(),
            idle: Notify::new(),
        };
        let shared = Arc::new(shared);
        watch(&shared);
        Self { shared }
    }

    /// Makes an admission durable. Errors: [`Error::LedgerAway`], [`Error::Journal`], [`Error::JournalFull`]; then the
    /// grant does not exist.
    pub async fn admit(&self, event: Event, key: GrantKey) -> Result<(), Error> {
        match &self.shared.journal {
            Some(lane) => journal::admit(&self.shared, lane, event, key).await,
            None => group::commit(&self.shared, event).await.map(drop),
        }
    }

    /// Makes a settlement durable. `held`: this process holds the grant, so that it is known to be open.
    /// Errors: as for `admit`; then it may be sent again.
    pub async fn settle(&self, settled: Box<Settled>, held: bool) -> Result<Folded, Error> {
        match &self.shared.journal {
            Some(lane) if held => journal::settle(&self.shared, lane, settled).await,
            _ => group::commit(&self.shared, Event::Settled(settled)).await,
        }
    }

    /// Takes back an admission that is durable and whose caller is told that it failed.
    pub fn withdraw(&self, key: GrantKey) {
        self.queue().withdraw([key]);
    }

    /// Queues the log entry of a refused request. When too many wait, the oldest is dropped and counted.
    pub fn refuse(&self, refused: Refused) {
        if self.queue().refuse(refused, self.shared.config.refusals_max) {
            self.shared.metrics.refusals_dropped.inc();
        }
        self.shared.kick();
    }

    /// Waits until everything that has queued is in SQL, for at most `patience`.
    /// Errors: [`Error::LedgerAway`]; what the journal holds is folded at the next start.
    pub async fn flush(&self, patience: Duration) -> Result<(), Error> {
        let folded = async {
            loop {
                let idle = self.shared.idle.notified();
                {
                    let queue = self.queue();
                    if queue.given_up {
                        return Err(Error::LedgerAway);
                    }
                    if queue.is_idle() {
                        return Ok(());
                    }
                }
                self.shared.urgent.notify_one();
                self.shared.kick();
                idle.await;
            }
        };
        tokio::time::timeout(patience, folded).await.unwrap_or(Err(Error::LedgerAway))
    }

    /// Waits until what has queued so far is in SQL; more may queue meanwhile. Errors: [`Error::LedgerAway`].
    pub async fn settle_queue(&self, patience: Duration) -> Result<(), Error> {
        let before = self.queue().rounds();
        let folded = async {
            loop {
                let idle = self.shared.idle.notified();
                {
                    let queue = self.queue();
                    if queue.given_up {
                        return Err(Error::LedgerAway);
                    }
                    if queue.has_passed(before) {
                        return Ok(());
                    }
                }
                self.shared.urgent.notify_one();
                self.shared.kick();
                idle.await;
            }
        };
        tokio::time::timeout(patience, folded).await.unwrap_or(Err(Error::LedgerAway))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.shared.queue()
    }
}

/// Shows how far the tables are behind what has been acknowledged.
fn watch(shared: &Arc<Shared>) {
    let lag = float_gauge(
        "perpetuo_usage_ledger_lag_seconds",
        "Age of the oldest record that is acknowledged and not in the tables of the ledger yet; 0: there is none. Where \
         there is no journal, nothing is acknowledged before it is in the tables.",
    );
    let shared = Arc::downgrade(shared);
    at_scrape(move || {
        let Some(shared) = shared.upgrade() else { return false };
        let oldest = shared.queue().oldest();
        lag.set(oldest.map_or(0.0, |since| since.elapsed().as_secs_f64()));
        true
    });
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that somebody folds. Each fold is a task of its own, so that what arrives while the process stops
    /// is still folded, and a process without work has no loop.
    fn kick(self: &Arc<Self>) {
        if !self.draining.swap(true, Ordering::AcqRel) {
            let shared = self.clone();
            drop(self.tasks.spawn("fold usage", async move { drain::run(&shared).await }));
        }
    }

    const fn waits_for_disk(&self) -> bool {
        matches!(self.config.fsync, Fsync::Batch)
    }
}
