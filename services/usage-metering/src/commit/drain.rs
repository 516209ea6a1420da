//! How does what has queued get into SQL?

use super::{
    Shared,
    queue::{Item, Work},
};
use crate::{
    Error,
    daily::DailyCounters,
    event::{Event, Refused},
    fold::{Added, Batch, Folded, fold},
    grant::GrantKey,
    metric::Metrics,
    price::{self, Prices},
};
use fail::fail_point;
use std::{sync::atomic::Ordering, time::Duration};
use store::{Db, Sql, SystemTx, sql};
use tokio::time::Instant;

const POSITION: Sql = sql!("journal/position");
const ADVANCE: Sql = sql!("journal/advance");

/// How long journaled events gather. People see them within a second, and bigger batches cost less.
const GATHER: Duration = Duration::from_millis(40);
/// Events in one transaction: enough that few grants are open between two of them, and few enough that others get at
/// SQLite in between.
const BATCH: usize = 4_000;
/// Before the next try when the database failed.
const PAUSE: Duration = Duration::from_millis(250);
/// A transaction that takes longer has lost its database.
const PATIENCE: Duration = Duration::from_secs(10);

/// Folds until nothing is left.
pub(super) async fn run(shared: &std::sync::Arc<Shared>) {
    loop {
        if shared.journal.is_some() {
            let stopping = shared.tasks.stopping();
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                () = shared.urgent.notified() => {}
                () = stopping.cancelled() => {}
            }
        }
        let work = shared.queue().take();
        if work.is_empty() {
            shared.queue().withdraw(work.withdrawn);
            shared.draining.store(false, Ordering::Release);
            // Something may have queued after the look and before the flag was down.
            if !shared.queue().has_work() || shared.draining.swap(true, Ordering::AcqRel) {
                return;
            }
            continue;
        }
        let folded = fold_all(shared, work).await;
        {
            let mut queue = shared.queue();
            (queue.in_hand, queue.given_up) = (false, queue.given_up || !folded);
        }
        shared.idle.notify_waiters();
        if !folded {
            shared.draining.store(false, Ordering::Release);
            return;
        }
    }
}

/// False when the process stops and the database does not take the rest; the journal keeps it.
async fn fold_all(shared: &Shared, work: Work) -> bool {
    let Work { mut items, mut refusals, mut withdrawn } = work;
    loop {
        let rest = items.split_off(items.len().min(BATCH));
        let mut batch = std::mem::replace(&mut items, rest);
        // Whose caller has given up is not admitted after all.
        batch.retain(|item| !is_abandoned(item));
        let results = loop {
            match commit(shared, &batch, &refusals, &withdrawn).await {
                Ok(results) => break results,
                Err(error) => log_failure(shared, &error),
            }
            {
                let uncertain = fail(&mut batch);
                let mut queue = shared.queue();
                queue.withdraw(std::mem::take(&mut withdrawn));
                queue.withdraw(uncertain);
                queue.put_back(std::mem::take(&mut refusals), shared.config.refusals_max);
            }
            if shared.tasks.stopping().is_cancelled() {
                return false;
            }
            tokio::time::sleep(PAUSE).await;
            if batch.is_empty() {
                break vec![];
            }
        };
        finish(shared, batch, results);
        refusals.clear();
        withdrawn.clear();
        if items.is_empty() {
            return true;
        }
    }
}

/// Once per outage: the metric counts the rest.
fn log_failure(shared: &Shared, error: &Error) {
    shared.metrics.fold_failures.inc();
    if !shared.failing.swap(true, Ordering::AcqRel) {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::warn!(%error, cause, "usage cannot be written to the database; trying until it can");
    }
}

/// The last folded sequence. Errors: the database cannot be used.
pub(crate) async fn position(db: &Db) -> Result<u64, Error> {
    let mut tx = SystemTx::read(db, "fold the journal").await?;
    let row: Option<(i64,)> = tx.fetch_optional(POSITION, &[]).await?;
    Ok(row.and_then(|(position,)| u64::try_from(position).ok()).unwrap_or(0))
}

/// Folds what an earlier process left, up to the sequence `last`. Errors: the database cannot be used; a record of
/// another version.
pub(super) async fn recovered(
    (db, prices, counters, metrics): (&Db, &Prices, &DailyCounters, &Metrics),
    records: &[Vec<u8>],
    last: u64,
) -> Result<(), Error> {
    let events: Vec<Event> = records.iter().map(|record| Event::read(record)).collect::<Result<_, _>>()?;
    let batch = Batch { events: events.iter().collect(), ..Batch::default() };
    let (_, added) = write(db, prices, &batch, Some(last)).await?;
    metrics.written(&added);
    counters.add(added.daily);
    Ok(())
}

async fn commit(
    shared: &Shared,
    items: &[Item],
    refusals: &[Refused],
    withdrawn: &[GrantKey],
) -> Result<Vec<Folded>, Error> {
    let last = items.iter().filter_map(|item| item.sequence).max();
    let batch = Batch { withdrawn, events: items.iter().map(|item| &item.event).collect(), refusals };
    let started = Instant::now();
    let written = tokio::time::timeout(PATIENCE, write(&shared.db, &shared.prices, &batch, last)).await;
    shared.metrics.fold_seconds.observe(started.elapsed().as_secs_f64());
    let (results, added) = written.unwrap_or(Err(Error::LedgerAway))?;
    shared.metrics.written(&added);
    shared.daily.add(added.daily);
    if shared.failing.swap(false, Ordering::AcqRel) {
        tracing::info!("usage is written to the database again");
    }
    Ok(results)
}

/// Events and journal position in one transaction: after any crash each record is folded exactly once.
async fn write(
    db: &Db,
    prices: &Prices,
    batch: &Batch<'_>,
    position: Option<u64>,
) -> Result<(Vec<Folded>, Added), Error> {
    price::load(prices, db).await?;
    let begun = match position {
        Some(_) => SystemTx::begin(db, "fold the journal").await,
        None => SystemTx::begin(db, "group commit").await,
    };
    let mut tx = begun?;
    let written = fold(&mut tx, batch, prices).await?;
    if let Some(position) = position {
        tx.execute(ADVANCE, &[i64::try_from(position).unwrap_or(i64::MAX).into()]).await?;
    }
    fail_point!("usage::fold::before_commit");
    tx.commit().await?;
    // Nobody has been answered, and the journal still holds what is folded.
    fail_point!("usage::fold::after_commit");
    Ok(written)
}

/// Answers those who wait, and lets go of what the journal need not keep.
fn finish(shared: &Shared, batch: Vec<Item>, results: Vec<Folded>) {
    let bytes = batch.iter().map(|item| item.bytes).sum();
    if let (Some(lane), Some(last)) = (&shared.journal, batch.iter().filter_map(|item| item.sequence).max()) {
        lane.journal().release(last);
    }
    let (mut unwanted, mut wanted) = (vec![], vec![]);
    for (item, result) in batch.into_iter().zip(results) {
        if matches!(result, Folded::Corrected { .. }) {
            shared.metrics.corrections.inc();
        }
        let Some(waiter) = item.waiter else { continue };
        if let (sent, Event::Admitted(grant)) = (waiter.send(result), &item.event) {
            let keys = if sent.is_err() { &mut unwanted } else { &mut wanted };
            keys.push(grant.key());
        }
    }
    // Of two who asked for the same grant one may have given up.
    unwanted.retain(|key| !wanted.contains(key));
    let mut queue = shared.queue();
    queue.folded(bytes);
    queue.withdraw(unwanted);
}

/// Takes those who wait out of a failed batch: their answer is the closed channel. Whether the transaction was
/// committed is not known, so the admissions among them are taken back.
fn fail(batch: &mut Vec<Item>) -> Vec<GrantKey> {
    let failed = batch.extract_if(.., |item| item.waiter.is_some());
    let key = |item: Item| match item.event {
        Event::Admitted(grant) => Some(grant.key()),
        Event::Settled(_) => None,
    };
    failed.filter_map(key).collect()
}

fn is_abandoned(item: &Item) -> bool {
    matches!(item.event, Event::Admitted(_))
        && item.waiter.as_ref().is_some_and(tokio::sync::oneshot::Sender::is_closed)
}
