//! How do rows get into SQL, and their sums with them?

use crate::{
    grant::GrantKey,
    row::{self, LedgerRow, LogRow, Rollup},
};
use std::collections::HashSet;
use store::{Sql, Tx, sql};
use uuid::Uuid;

const LEDGER: Sql = sql!(pair "ledger/insert");
const LOGS: Sql = sql!(pair "request_log/insert");
const MINUTES: Sql = sql!(pair "rollup/minutes");
const QUARTERS: Sql = sql!(pair "rollup/quarters");
const SPANS: Sql = sql!(pair "rollup/spans");

store::row! {
    /// The key of a row that was not there before.
    struct New {
        workspace_id: Uuid,
        request_id: Uuid,
        attempt: i64,
        correction: i64,
    }
}

/// Writes the rows that are new, and adds them to `rollup`. Answers how many were not there before.
pub(crate) async fn ledger<'a>(
    tx: &mut Tx,
    rows: &'a [LedgerRow<'a>],
    rollup: &mut Rollup<'a>,
) -> Result<usize, store::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let new: Vec<New> = tx.fetch_all(LEDGER, &[row::json(rows)]).await?;
    let written = new.len();
    if written == rows.len() {
        rows.iter().for_each(|row| rollup.add(row));
        return Ok(written);
    }
    let mut new: HashSet<(GrantKey, i64)> = new
        .into_iter()
        .map(|n| (GrantKey { workspace: n.workspace_id, request: n.request_id, attempt: n.attempt }, n.correction))
        .collect();
    for row in rows {
        // Taken out, so that of two rows with one key, of which the table has the first, only that is summed.
        if new.remove(&(row.key(), row.correction)) {
            rollup.add(row);
        }
    }
    Ok(written)
}

/// Writes log entries, each request once.
pub(crate) async fn logs(tx: &mut Tx, mut logs: Vec<LogRow<'_>>) -> Result<(), store::Error> {
    // PostgreSQL updates no row twice in one statement.
    let mut seen = HashSet::with_capacity(logs.len());
    logs.retain(|log| seen.insert((log.id.high, log.id.low)));
    if !logs.is_empty() {
        tx.execute(LOGS, &[row::json(&logs)]).await?;
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
