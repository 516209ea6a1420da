//! What does a period cost by the prices that hold now?

use crate::{
    Config, Error,
    fold::write,
    grant::GrantKey,
    price::{self, Prices},
    read::Period,
    row::{self, Found, LedgerRow, Rollup, Standing},
};
use chrono::{DateTime, Utc};
use proto::id::WorkspaceId;
use std::collections::BTreeMap;
use store::{Db, Sql, SystemTx, sql};
use uuid::Uuid;

const NEXT: Sql = sql!("upkeep/ledger_next");
const PAGE: Sql = sql!(pair "ledger/page");
const FIND: Sql = sql!(pair "ledger/find");

/// Attempts per transaction.
const BATCH: i64 = 500;

/// Which attempts are priced again.
#[derive(Clone, Copy, Debug)]
pub struct ReRate {
    /// Requests that arrived since then.
    pub from: DateTime<Utc>,
    /// Exclusive.
    pub to: DateTime<Utc>,
    /// None: of all workspaces.
    pub workspace: Option<WorkspaceId>,
    /// Says what would be, and writes nothing.
    pub dry_run: bool,
}

/// What became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReRated {
    /// Attempts that were looked at.
    pub attempts: u64,
    /// Of them, those that cost something else now.
    pub changed: u64,
    /// Rows of kind `rerate` that were written, or would be.
    pub rows: u64,
    /// By how much sums change, in nano-units by currency.
    pub differences: BTreeMap<String, i64>,
}

store::row! {
    struct AttemptRow {
        workspace_id: Uuid,
        request_id: Uuid,
        attempt: i64,
    }
}

/// Prices the attempts of a period again, by the prices that hold now for the time of each, and writes what differs as
/// rows of kind `rerate` with their sums. Doing it again changes nothing. What has no price keeps the one it had.
/// Errors: [`Error::Prices`], the database cannot be used; what was written until then stays, and is not written again.
pub async fn re_rate(db: &Db, config: &Config, now: DateTime<Utc>, asked: ReRate) -> Result<ReRated, Error> {
    let prices = config.prices()?;
    price::load(&prices, db).await?;
    let mut done = ReRated::default();
    if let Some(workspace) = asked.workspace {
        of_workspace(db, &prices, now, asked, workspace.uuid(), &mut done).await?;
        return Ok(done);
    }
    let mut after = Uuid::nil();
    loop {
        let mut tx = SystemTx::read(db, "find who has a ledger").await?;
        let next: Option<(Uuid,)> = tx.fetch_optional(NEXT, &[after.into()]).await?;
        drop(tx);
        let Some((workspace,)) = next else { return Ok(done) };
        of_workspace(db, &prices, now, asked, workspace, &mut done).await?;
        after = workspace;
    }
}

async fn of_workspace(
    db: &Db,
    prices: &Prices,
    now: DateTime<Utc>,
    asked: ReRate,
    workspace: Uuid,
    done: &mut ReRated,
) -> Result<(), Error> {
    let period = Period { from: asked.from, to: asked.to };
    let (mut after, mut attempt) = (period.least_id(), 0);
    loop {
        let mut tx = SystemTx::begin(db, "re-rate the ledger").await?;
        let values = [
            workspace.into(),
            after.into(),
            attempt.into(),
            period.beyond_id().into(),
            period.from.into(),
            period.to.into(),
            BATCH.into(),
        ];
        let page: Vec<AttemptRow> = tx.fetch_all(PAGE, &values).await?;
        let Some(last) = page.last() else { return Ok(()) };
        (after, attempt) = (last.request_id, last.attempt);
        let keys: Vec<_> = page
            .iter()
            .map(|a| GrantKey { workspace: a.workspace_id, request: a.request_id, attempt: a.attempt })
            .collect();
        // The page is locked, and this look sees whatever was added before that.
        let found: Vec<Found> = tx.fetch_all(FIND, &[row::json(&keys)]).await?;
        let attempts: Vec<_> = found.chunk_by(|a, b| a.key() == b.key()).collect();
        let standings: Vec<_> = attempts.iter().filter_map(|rows| Standing::of(rows)).collect();
        let each = standings.iter().map(|standing| LedgerRow::rerated(standing, prices, now.timestamp_micros()));
        let each: Vec<_> = each.filter(|rows| !rows.is_empty()).collect();
        done.attempts += standings.len() as u64;
        done.changed += each.len() as u64;
        let rows: Vec<_> = each.into_iter().flatten().collect();
        done.rows += rows.len() as u64;
        for row in &rows {
            let (currency, nanos) = row.money();
            *done.differences.entry(currency.to_owned()).or_default() += nanos;
        }
        let mut rollup = Rollup::default();
        write::ledger(&mut tx, &rows, &mut rollup).await?;
        write::rollup(&mut tx, &rollup).await?;
        if !asked.dry_run {
            tx.commit().await?;
        }
    }
}
