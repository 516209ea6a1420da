//! What have workspaces agreed on, also through other processes?

use super::{Agreed, Agreement, Prices};
use crate::Error;
use chrono::{DateTime, TimeDelta, Utc};
use host::{Clock, Tasks};
use std::time::Duration;
use store::{Db, Sql, SystemTx, sql};
use uuid::Uuid;

const CHANGED: Sql = sql!("price/changed");

/// How soon a change through another process holds in this one.
const EVERY: Duration = Duration::from_secs(1);
/// How far the clocks of processes may be apart, and how long a change may take to be committed.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);

store::row! {
    struct ChangedRow {
        workspace_id: Uuid,
        document: String,
    }
}

/// Reads everything, unless that was done before. Errors: the database cannot be used.
pub(crate) async fn load(prices: &Prices, db: &Db) -> Result<(), Error> {
    if prices.is_loaded() {
        return Ok(());
    }
    read(prices, db, DateTime::UNIX_EPOCH).await
}

/// Follows changes until the process stops.
pub(crate) fn follow(prices: &Prices, db: &Db, clock: &Clock, tasks: &Tasks) {
    let (prices, db, clock) = (prices.clone(), db.clone(), clock.clone());
    drop(tasks.every("follow agreed prices", EVERY, move || {
        let (prices, db, clock) = (prices.clone(), db.clone(), clock.clone());
        async move {
            let since = if prices.is_loaded() { clock.now() - OVERLAP } else { DateTime::UNIX_EPOCH };
            if let Err(error) = read(&prices, &db, since).await {
                tracing::debug!(%error, "what workspaces agreed on prices cannot be read now");
            }
        }
    }));
}

async fn read(prices: &Prices, db: &Db, since: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = SystemTx::read(db, "read agreed prices").await?;
    let rows: Vec<ChangedRow> = tx.fetch_all(CHANGED, &[since.into()]).await?;
    let agreed = rows.into_iter().filter_map(|row| {
        let read = serde_json::from_str::<Agreed>(&row.document).map_err(|error| error.to_string());
        match read.and_then(|agreed| Agreement::read(&agreed).map_err(|(field, problem)| format!("{field} {problem}")))
        {
            Ok(agreement) => Some((row.workspace_id, agreement)),
            Err(error) => {
                tracing::error!(error, workspace_id = %row.workspace_id, "prices of a workspace cannot be read");
                None
            }
        }
    });
    prices.agree(agreed);
    Ok(())
}
