//! Bytes of exports as rows.

use crate::{Error, export::ExportRow};
use bytes::Bytes;
use proto::id::{ExportId, WorkspaceId};
use store::{Db, Sql, SystemTx, Tx, Value, WorkspaceTx, sql};

const INSERT: Sql = sql!("export_chunk/insert");
const GET: Sql = sql!("export_chunk/get");
const DELETE: Sql = sql!("export_chunk/delete");
const ORPHANED: Sql = sql!("export_chunk/orphaned");

pub(crate) struct Writer(Chunk);
pub(crate) struct Reader(Db, Chunk);

/// The next one.
struct Chunk {
    workspace: WorkspaceId,
    export: ExportId,
    tried: i64,
    number: i64,
}

/// Removes the chunks of every try but `kept`. Errors: the database failed.
pub(super) async fn remove(db: &Db, row: &ExportRow, kept: i64) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(db, row.workspace_id).await?;
    tx.execute(DELETE, &[row.workspace_id.into(), row.id.into(), kept.into(), row.tries.into()]).await?;
    Ok(tx.commit().await?)
}

/// Removes the chunks of tries that are nobody's. Errors: the database failed.
pub(super) async fn sweep(db: &Db) -> Result<(), Error> {
    let mut tx = SystemTx::begin(db, "remove what no export knows").await?;
    tx.execute(ORPHANED, &[]).await?;
    Ok(tx.commit().await?)
}

impl Chunk {
    const fn first(row: &ExportRow) -> Self {
        Self { workspace: row.workspace_id, export: row.id, tried: row.tries, number: 0 }
    }

    fn key(&self) -> [Value; 4] {
        [self.workspace.into(), self.export.into(), self.tried.into(), self.number.into()]
    }
}

impl Writer {
    pub const fn new(row: &ExportRow) -> Self {
        Self(Chunk::first(row))
    }

    pub async fn write(&mut self, tx: &mut Tx, bytes: Vec<u8>) -> Result<(), Error> {
        let mut values = self.0.key().to_vec();
        values.push(bytes.into());
        tx.execute(INSERT, &values).await?;
        self.0.number += 1;
        Ok(())
    }
}

impl Reader {
    pub const fn new(db: Db, row: &ExportRow) -> Self {
        Self(db, Chunk::first(row))
    }

    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let mut tx = WorkspaceTx::read(&self.0, self.1.workspace).await?;
        let row: Option<(Vec<u8>,)> = tx.fetch_optional(GET, &self.1.key()).await?;
        self.1.number += 1;
        Ok(row.map(|(bytes,)| bytes.into()))
    }
}
