//! How do the bytes of exports get from files into rows?

use super::{file, table};
use crate::{Error, export::ExportRow};
use std::path::Path;
use store::{Db, Sql, SystemTx, WorkspaceTx, sql};

const DONE: Sql = sql!("offline/exports");

/// Errors: the disk, or the database.
pub(crate) async fn into_rows(db: &Db, data_dir: &Path) -> Result<u64, Error> {
    let dir = data_dir.join("exports");
    let mut tx = SystemTx::read(db, "move exports").await?;
    let done: Vec<ExportRow> = tx.fetch_all(DONE, &[]).await?;
    tx.commit().await?;
    let mut moved = 0;
    for row in &done {
        let mut reader = match file::open(&dir, row).await {
            Ok(reader) => reader,
            Err(Error::ExportGone) => continue,
            Err(error) => return Err(error),
        };
        let mut tx = WorkspaceTx::begin(db, row.workspace_id).await?;
        let mut writer = table::Writer::new(row);
        while let Some(bytes) = reader.next().await? {
            writer.write(&mut tx, bytes.into()).await?;
        }
        tx.commit().await?;
        moved += 1;
    }
    Ok(moved)
}
