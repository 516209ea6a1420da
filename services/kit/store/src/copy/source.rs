//! What is in a SQLite file?

use super::tables::Table;
use crate::{Db, Error, Value, column::quoted, db::Pools};
use futures::{Stream, StreamExt as _};
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection, pool::PoolConnection};
use std::collections::BTreeSet;

const TABLES: &str = "select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' \
                      and name <> 'schema_migrations' order by name";

pub(super) async fn connect(db: &Db) -> Result<PoolConnection<Sqlite>, Error> {
    let Pools::Sqlite { reader, .. } = db.pools() else {
        return Err(Error::Setup("what is copied comes from SQLite files: leave database.url out".to_owned()));
    };
    reader.acquire().await.map_err(|e| db.failed(e))
}

/// The rows of a table, by its key.
pub(super) fn rows<'c>(
    connection: &'c mut SqliteConnection,
    table: &'c Table,
) -> impl Stream<Item = sqlx::Result<Vec<Value>>> + Send + 'c {
    let sql = format!("select {} from {} order by {}", table.list(), quoted(&table.name), table.order(false));
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch(connection);
    rows.map(|row| {
        let row = row?;
        table.columns.iter().enumerate().map(|(at, column)| column.kind.sqlite(&row, at)).collect()
    })
}

/// The highest number that was ever given to a row of the table; none where nobody counts.
pub(super) async fn highest(connection: &mut SqliteConnection, table: &Table, column: &str) -> sqlx::Result<i64> {
    let sql = format!("select coalesce(max({}), 0) from {}", quoted(column), quoted(&table.name));
    let there: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *connection).await?;
    let counts = "select exists (select 1 from sqlite_schema where name = 'sqlite_sequence')";
    if !sqlx::query_scalar::<_, bool>(counts).fetch_one(&mut *connection).await? {
        return Ok(there);
    }
    let given = sqlx::query_scalar::<_, i64>("select seq from sqlite_sequence where name = $1").bind(&table.name);
    Ok(given.fetch_optional(connection).await?.unwrap_or(0).max(there))
}

/// Errors: the file has another column than PostgreSQL, or one less.
pub(super) async fn check(connection: &mut SqliteConnection, db: &Db, table: &Table) -> Result<(), Error> {
    let found: Vec<String> = sqlx::query_scalar("select name from pragma_table_info($1)")
        .bind(&table.name)
        .fetch_all(connection)
        .await
        .map_err(|e| db.failed(e))?;
    let found: BTreeSet<_> = found.iter().map(String::as_str).collect();
    let wanted: BTreeSet<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    if found == wanted {
        return Ok(());
    }
    let other: Vec<_> = found.symmetric_difference(&wanted).copied().collect();
    let (schema, table, other) = (db.schema().name, &table.name, other.join(", "));
    Err(Error::Setup(format!("{schema}.{table} has other columns here than on PostgreSQL: {other}")))
}

/// Errors: the file has a table with rows that PostgreSQL has not.
pub(super) async fn none_left(db: &Db, tables: &[Table]) -> Result<(), Error> {
    for (name, rows) in count(db).await? {
        if rows > 0 && !tables.iter().any(|table| table.name == name) {
            return Err(Error::Setup(format!("{}.{name} is not on PostgreSQL, and has {rows} rows", db.schema().name)));
        }
    }
    Ok(())
}

pub(super) async fn count(db: &Db) -> Result<Vec<(String, u64)>, Error> {
    let mut connection = connect(db).await?;
    let names: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *connection).await.map_err(|e| db.failed(e))?;
    let mut all = vec![];
    for name in names {
        let sql = format!("select count(*) from {}", quoted(&name));
        let counted: i64 =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *connection).await.map_err(|e| db.failed(e))?;
        all.push((name, u64::try_from(counted).unwrap_or(0)));
    }
    Ok(all)
}
