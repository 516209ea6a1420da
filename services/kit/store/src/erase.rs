//! Everything that a service keeps for one workspace goes, in pieces, so that nobody else waits for long.

use crate::{
    Db, Error, SystemTx, Value, WorkspaceTx,
    column::{Kind, change, list, quoted, select},
    migrate, sql,
};
use proto::id::WorkspaceId;

/// How many rows go at once.
const PIECE: i64 = 1_000;

const KEY_POSTGRES: &str = include_str!("../sql/erase/key.pg.sql");
const KEY_SQLITE: &str = include_str!("../sql/erase/key.sqlite.sql");

/// Deletes the rows of a workspace from all tables of tenants that `db` has, but for those that are `kept`, and what was
/// published of it. Tables that a later migration adds are among them without a word here. What was deleted stays deleted
/// when it fails: repeat it. How many rows went. Errors: a statement failed; a table that is kept and is none.
pub async fn workspace(db: &Db, workspace: WorkspaceId, kept: &[&str]) -> Result<u64, Error> {
    let tables = migrate::tenants(db.schema(), db.is_sqlite());
    if let Some(unknown) = kept.iter().find(|name| !tables.contains(name)) {
        return Err(Error::Setup(format!("{unknown} is no table of tenants of {}", db.schema().name)));
    }
    let mut gone = 0;
    // Those that refer to others were made after them.
    for table in tables.iter().rev().filter(|table| !kept.contains(table)) {
        loop {
            let rows = piece(db, workspace, table).await?;
            gone += rows;
            if rows == 0 {
                break;
            }
        }
    }
    Ok(gone + told(db, workspace).await?)
}

/// Deletes what was published of a person, by their id: names and addresses are in it. Whoever has not read it yet hears of
/// their end, which the caller publishes in the same transaction, and needs nothing of what was before. How many events went.
/// Errors: the statement failed.
pub async fn person(tx: &mut SystemTx, id: &str) -> Result<u64, Error> {
    tx.execute(sql!("erase/person"), &[id.into()]).await
}

async fn piece(db: &Db, workspace: WorkspaceId, table: &str) -> Result<u64, Error> {
    let mut tx = WorkspaceTx::begin(db, workspace).await?;
    let failed = |error| db.failed(error);
    let (schema, sql) = (db.schema().name, if db.is_sqlite() { KEY_SQLITE } else { KEY_POSTGRES });
    let place = if db.is_sqlite() { quoted(table) } else { format!("{}.{}", quoted(schema), quoted(table)) };
    let named = if db.is_sqlite() { table.to_owned() } else { place.clone() };
    let key = select(tx.open_mut(), sql, &[named.into()], &[Kind::Text]).await.map_err(failed)?;
    if key.is_empty() {
        // A later migration has dropped it.
        return Ok(0);
    }
    let key = list(key.iter().flatten().filter_map(text));
    let statement = format!(
        "delete from {place} where workspace_id = $1 and ({key}) in (select {key} from {place} where workspace_id = $1 limit {PIECE})"
    );
    let rows = change(tx.open_mut(), &statement, &[workspace.into()]).await.map_err(failed)?;
    tx.commit().await?;
    Ok(rows)
}

const fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(Some(text)) => Some(text.as_str()),
        _ => None,
    }
}

/// The newest event stays, whose ever it is: it says how far the feed has come.
async fn told(db: &Db, workspace: WorkspaceId) -> Result<u64, Error> {
    if !migrate::has_outbox(db.schema(), db.is_sqlite()) {
        return Ok(0);
    }
    let mut tx = SystemTx::begin(db, "forget what was published of a workspace").await?;
    let rows = tx.execute(sql!("outbox/forget"), &[workspace.into()]).await?;
    tx.commit().await?;
    Ok(rows)
}
