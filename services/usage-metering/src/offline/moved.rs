//! What has to be done with the records of an embedded process before they can be kept in PostgreSQL?
//!
//! There is no journal there, months are tables of their own, and the bytes of exports are rows.

use crate::{Config, Error, commit, daily::DailyCounters, export, metric::Metrics, upkeep::MAKE_MONTHS};
use chrono::{DateTime, Months, Utc};
use std::path::Path;
use store::{Db, Sql, SystemTx, Value, sql};

const OLDEST: Sql = sql!("offline/oldest");

/// Months that one call makes.
const STEP: Months = Months::new(3);

/// Folds what the journal below the data directory holds into the tables, as the next start would, and says how many
/// records. Errors: it is damaged, or cannot be read; the database cannot be used.
pub async fn fold(db: &Db, data_dir: &Path, config: &Config) -> Result<u64, Error> {
    let before = commit::position(db).await?;
    let (prices, daily, metrics) = (config.prices()?, DailyCounters::nowhere(), Metrics::new());
    let recovered = commit::take_over((db, &prices, &daily, &metrics), &data_dir.join("ledger")).await?;
    Ok(recovered.last.saturating_sub(before))
}

/// What makes the months on PostgreSQL that these records fall into, so that they need not wait in one table for all of
/// them. Errors: the database cannot be used.
pub async fn months(db: &Db, now: DateTime<Utc>) -> Result<Vec<(Sql, Vec<Value>)>, Error> {
    let mut tx = SystemTx::read(db, "find the oldest usage").await?;
    let (oldest,): (Option<DateTime<Utc>>,) = tx.fetch_one(OLDEST, &[]).await?;
    tx.commit().await?;
    let since = std::iter::successors(oldest, |at| at.checked_add_months(STEP));
    Ok(since.take_while(|at| *at <= now).map(|at| (MAKE_MONTHS, vec![at.into()])).collect())
}

/// Writes the bytes of finished exports, which are files below the data directory, into their table, and says of how many
/// exports. One whose file is gone has none afterwards either. Errors: the disk, or the database.
pub async fn keep_exports(db: &Db, data_dir: &Path) -> Result<u64, Error> {
    export::into_rows(db, data_dir).await
}
