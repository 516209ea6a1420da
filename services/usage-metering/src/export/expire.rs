//! Which exports are old?

use super::ExportRow;
use crate::{Error, service::Inner};
use chrono::TimeDelta;
use store::{Sql, SystemTx, sql};

const EXPIRED: Sql = sql!("export/expired");
const EXPIRE: Sql = sql!("export/expire");
const FORGET: Sql = sql!("export/forget");

const BATCH: i64 = 100;
/// How long the list shows exports without bytes.
const SHOWN: TimeDelta = TimeDelta::days(90);

/// Removes bytes whose time is over, and rows that are of no use any more. Errors: the database or the disk failed.
pub(crate) async fn expire(inner: &Inner) -> Result<(), Error> {
    let now = inner.clock.now();
    loop {
        let mut tx = SystemTx::read(&inner.db, "find expired exports").await?;
        let rows: Vec<ExportRow> = tx.fetch_all(EXPIRED, &[now.into(), BATCH.into()]).await?;
        drop(tx);
        for row in &rows {
            // The bytes first: a row that still says so is found again after a crash in between.
            inner.exports.place.remove(row).await?;
            let mut tx = SystemTx::begin(&inner.db, "expire an export").await?;
            tx.execute(EXPIRE, &[row.workspace_id.into(), row.id.into()]).await?;
            tx.commit().await?;
        }
        if rows.is_empty() {
            break;
        }
    }
    inner.exports.place.sweep(&inner.db).await?;
    let mut tx = SystemTx::begin(&inner.db, "forget exports").await?;
    tx.execute(FORGET, &[(now - SHOWN).into()]).await?;
    Ok(tx.commit().await?)
}
