//! How do rows get into SQL, and their sums with them?

use crate::row::{self, LedgerRow, LogRow, Rollup};
use std::collections::HashSet;
use store::{Sql, Tx, sql};

const LEDGER: Sql = sql!(pair "ledger/insert");
const LOGS: Sql = sql!(pair "request_log/insert");
const MINUTES: Sql = sql!(pair "rollup/minutes");
const QUARTERS: Sql = sql!(pair "rollup/quarters");
const SPANS: Sql = sql!(pair "rollup/spans");

/// Writes the rows that are new, and adds them to `rollup`. Answers how many were not there before.
pub(crate) async fn ledger<'a>(
    tx: &mut Tx,
    rows: &'a [LedgerRow<'a>],
    rollup: &mut Rollup<'a>,
) -> Result<usize, store::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let new = tx.write_new(LEDGER, rows).await?;
    let new: Vec<_> = rows.iter().zip(new).filter_map(|(row, new)| new.then_some(row)).collect();
    new.iter().for_each(|row| rollup.add(row));
    Ok(new.len())
}

/// Writes log entries, each request once.
pub(crate) async fn logs(tx: &mut Tx, mut logs: Vec<LogRow<'_>>) -> Result<(), store::Error> {
    // PostgreSQL updates no row twice in one statement.
    let mut seen = HashSet::with_capacity(logs.len());
    logs.retain(|log| seen.insert((log.id.high, log.id.low)));
    if !logs.is_empty() {
        tx.write(LOGS, &logs).await?;
    }
    Ok(())
}

/// Adds sums to those that people read. Last in its transaction: until the commit, whoever adds to the same rows waits.
pub(crate) async fn rollup(tx: &mut Tx, rollup: &Rollup<'_>) -> Result<(), store::Error> {
    let minutes = rollup.minutes();
    if !minutes.is_empty() {
        tx.execute(MINUTES, &[row::json(&minutes)]).await?;
        let quarters = row::json(&rollup.quarters());
        tx.execute(QUARTERS, std::slice::from_ref(&quarters)).await?;
        tx.execute(SPANS, &[quarters]).await?;
    }
    Ok(())
}
