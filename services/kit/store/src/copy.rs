//! Moves what is kept in SQLite files to PostgreSQL, all of it or nothing.
//!
//! One transaction of the user who owns the tables, over every schema: tables are locked and must be empty, rows are
//! written in an order that satisfies foreign keys, and read back and compared one by one before anybody else sees
//! them. A run that ends early, however it ends, has changed nothing, and the next one begins anew.

mod compare;
mod source;
mod tables;
mod write;

use crate::{
    Db, Error, Sql, Value,
    column::quoted,
    db::{Access, Fence, Open, Pools},
    outbox::lock_key,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgTransaction, error::DatabaseError};
use std::time::Duration;
use tables::Table;

/// How long to wait for the server, and for somebody else who uses its tables.
const PATIENCE: Duration = Duration::from_secs(10);

/// The tables of one service, here and there.
pub struct Part {
    /// On SQLite. Nobody else may use them meanwhile.
    pub from: Db,
    /// On PostgreSQL, migrated and empty; all parts in one database.
    pub to: Db,
    /// What is run there before its rows are written.
    pub before: Vec<(Sql, Vec<Value>)>,
}

/// What is known of a table once every row of it was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its schema.
    pub schema: &'static str,
    /// Its name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 of all that they hold, which was the same on both sides, in hexadecimal digits.
    pub digest: String,
}

/// Where it is.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// So many rows of a table were written so far.
    Writing(&'static str, &'a str, u64),
    /// A table was read back, and is as it was.
    Compared(&'a Copied),
}

/// Copies all parts, and says what of each table. Errors: one sentence with the table, and the row's key where it is
/// about one; then nothing has changed.
pub async fn copy(parts: &[Part], tell: &mut (dyn FnMut(Progress<'_>) + Send)) -> Result<Vec<Copied>, Error> {
    let Some(first) = parts.first() else { return Ok(vec![]) };
    let Pools::Postgres { admin, .. } = first.to.pools() else {
        return Err(Error::Setup("what is copied goes to PostgreSQL: give a postgres:// URL".to_owned()));
    };
    let admin = admin.as_ref().ok_or_else(|| Error::Setup(crate::migrate::DIRECT.to_owned()))?;
    let connected = tokio::time::timeout(PATIENCE, PgConnection::connect_with(admin)).await;
    let timed_out = |_| sqlx::Error::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
    let failed = |error| first.to.failed(error);
    let mut connection = connected.map_err(timed_out).and_then(std::convert::identity).map_err(failed)?;
    let mut tx = connection.begin().await.map_err(failed)?;
    begin(&mut tx).await.map_err(failed)?;
    let mut all = Vec::with_capacity(parts.len());
    for part in parts {
        let tables = tables::read(&mut tx, &part.to).await?;
        source::none_left(&part.from, &tables).await?;
        take(&mut tx, part, &tables).await?;
        all.push((part, tables));
    }
    let mut copied = vec![];
    for (part, tables) in &all {
        prepare(&mut tx, part).await?;
        for table in tables {
            write::table(&mut tx, part, table, tell).await?;
        }
        for table in tables {
            let same = compare::table(&mut tx, part, table).await?;
            tell(Progress::Compared(&same));
            copied.push(same);
        }
    }
    tx.commit().await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    Ok(copied)
}

/// How many rows each table of a SQLite file has. Errors: it cannot be read.
pub async fn count(db: &Db) -> Result<Vec<(String, u64)>, Error> {
    source::count(db).await
}

/// The first table of a PostgreSQL schema that has a row; none also where there are no tables yet. Errors: it cannot be
/// read.
pub async fn occupied(db: &Db) -> Result<Option<String>, Error> {
    let begun = db.begin(Fence::System("copy an installation"), Access::Read).await;
    let Open::Postgres(mut tx) = (match begun {
        Err(Error::Missing { .. }) => return Ok(None),
        begun => begun?,
    }) else {
        return Err(Error::Setup("what is copied goes to PostgreSQL: give a postgres:// URL".to_owned()));
    };
    for table in tables::names(&mut tx, db.schema().name).await.map_err(|e| db.failed(e))? {
        if has_rows(&mut tx, &tables::place(db.schema().name, &table)).await.map_err(|e| db.failed(e))? {
            return Ok(Some(format!("{}.{table}", db.schema().name)));
        }
    }
    Ok(None)
}

/// The policies let the owner of the tables see and write what a transaction of the system does; for the rest of the
/// transaction nobody else copies.
async fn begin(tx: &mut PgTransaction<'_>) -> sqlx::Result<()> {
    let sql = format!(
        "set local perpetuo.system to 'copy an installation'; set local lock_timeout to '{}s'; \
         set local statement_timeout to 0; set local idle_in_transaction_session_timeout to 0",
        PATIENCE.as_secs()
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await?;
    let lock = sqlx::query("select pg_advisory_xact_lock($1)").bind(lock_key("copy an installation"));
    lock.execute(&mut **tx).await.map(drop)
}

/// Keeps everybody else from writing until the end. Errors: there is something already, or somebody uses it.
async fn take(tx: &mut PgTransaction<'_>, part: &Part, tables: &[Table]) -> Result<(), Error> {
    let schema = part.to.schema().name;
    let theirs = sqlx::query_scalar::<_, String>(
        "select relname::text from pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'p') \
         and not pg_has_role(relowner, 'USAGE') order by 1 limit 1",
    );
    let theirs = theirs.bind(schema).fetch_optional(&mut **tx).await.map_err(|e| part.to.failed(e))?;
    if let Some(table) = theirs {
        return Err(Error::Setup(format!(
            "the table {schema}.{table} belongs to somebody else: set database.admin_url to the user who migrated it"
        )));
    }
    for table in tables {
        let lock = format!("lock table {} in share row exclusive mode", table.place);
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut **tx).await {
            // lock_not_available
            let is_used = error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == "55P03");
            return Err(if is_used {
                Error::Setup(format!(
                    "somebody uses the table {}: stop every perpetuo that runs on the target, and begin again",
                    table.name(part)
                ))
            } else {
                part.to.failed(error)
            });
        }
        if has_rows(tx, &table.place).await.map_err(|e| part.to.failed(e))? {
            return Err(Error::Setup(format!(
                "the target is not empty: {} has rows. Give an empty database; nothing was copied",
                table.name(part)
            )));
        }
    }
    Ok(())
}

async fn has_rows(tx: &mut PgTransaction<'_>, place: &str) -> sqlx::Result<bool> {
    let sql = format!("select exists (select from {place})");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut **tx).await
}

async fn prepare(tx: &mut PgTransaction<'_>, part: &Part) -> Result<(), Error> {
    let path = format!("set local search_path to {}", quoted(part.to.schema().name));
    sqlx::raw_sql(AssertSqlSafe(path)).execute(&mut **tx).await.map_err(|e| part.to.failed(e))?;
    for (sql, values) in &part.before {
        let query = values.iter().fold(sqlx::query(sql.postgres), |query, value| value.postgres(query));
        query.execute(&mut **tx).await.map_err(|e| part.to.failed(e))?;
    }
    Ok(())
}
