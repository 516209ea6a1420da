//! One service's part of the database.

mod clock;
mod count;
mod open;

pub use count::Connections;

use crate::{
    Backend, Error, Pooler, Schema, Sql,
    error::lost,
    migrate,
    testing::{Breakpoint, Side},
    trace,
};
use count::Failures;
use proto::id::WorkspaceId;
use sqlx::{
    AssertSqlSafe, Executor as _, PgPool, Postgres, SqlSafeStr as _, Sqlite, SqlitePool, Transaction,
    postgres::PgConnectOptions,
};
use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::sync::Notify;
use tracing::Instrument as _;

/// How long a caller waits for a connection to PostgreSQL.
const CONNECT: Duration = Duration::from_secs(3);

/// How long a writer waits for other writers on SQLite.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// The tables of one service. Clones share the connections.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    schema: Schema,
    pools: Pools,
    /// For messages: host and database, or file.
    place: String,
    /// Tells the feed of this process that something was emitted.
    emitted: Notify,
    failures: Failures,
    /// For tests.
    breakpoint: OnceLock<Arc<Breakpoint>>,
}

pub(crate) enum Pools {
    Postgres {
        pool: PgPool,
        /// Who works, and who migrates; none behind a pooler unless it was named.
        user: String,
        admin: Option<Box<PgConnectOptions>>,
        max_connections: u32,
        pooler: Pooler,
    },
    /// SQLite has one writer at a time: a pool of one makes the others wait in turn instead of polling for a lock.
    Sqlite { writer: SqlitePool, reader: SqlitePool, file: PathBuf },
}

/// An open transaction of either database.
pub(crate) enum Open {
    Postgres(Transaction<'static, Postgres>),
    Sqlite(Transaction<'static, Sqlite>),
}

/// What a transaction may see.
#[derive(Clone, Copy)]
pub(crate) enum Fence {
    Workspace(WorkspaceId),
    System(&'static str),
    Global,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Db {
    /// The tables of `schema` on `backend`. Connects at the first use, so that a process starts while its database is
    /// away; call it inside a tokio runtime. Errors: [`Error::Setup`] for a URL that cannot be read.
    pub fn open(backend: &Backend, schema: &Schema) -> Result<Self, Error> {
        let (pools, place) = open::pools(backend, schema)?;
        Ok(Self(Arc::new(Inner {
            schema: *schema,
            pools,
            place,
            emitted: Notify::new(),
            failures: Failures::default(),
            breakpoint: OnceLock::new(),
        })))
    }

    /// Applies the migrations that are missing. Any number of processes may do so at once.
    /// Errors: [`Error::Setup`] when a newer release has taken away what this one uses, or an applied migration has
    /// changed.
    pub async fn migrate(&self) -> Result<(), Error> {
        migrate::run(self).await
    }

    /// The names of the migrations that are missing. Errors: as for [`Db::migrate`].
    pub async fn pending(&self) -> Result<Vec<&'static str>, Error> {
        migrate::pending(self).await
    }

    /// Whether the database answers. Errors: why not.
    pub async fn ping(&self) -> Result<(), Error> {
        match self.begin(Fence::Global, Access::Read).await? {
            Open::Postgres(tx) => tx.commit().await,
            Open::Sqlite(mut tx) => {
                // A deferred transaction has not touched the file yet.
                let read = tx.execute("select count(*) from sqlite_schema").await;
                match read {
                    Ok(_) => tx.commit().await,
                    Err(error) => Err(error),
                }
            }
        }
        .map_err(|e| self.failed(e))
    }

    /// The name of its schema.
    pub fn name(&self) -> &'static str {
        self.0.schema.name
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0.pools, Pools::Sqlite { .. })
    }

    /// Compiles a statement without running it. Errors: what is wrong with it.
    pub async fn prepare(&self, sql: &Sql) -> Result<(), Error> {
        let prepared = match self.begin(Fence::Global, Access::Read).await? {
            Open::Postgres(mut tx) => tx.prepare(sql.postgres.into_sql_str()).await.map(drop),
            Open::Sqlite(mut tx) => tx.prepare(sql.sqlite.into_sql_str()).await.map(drop),
        };
        match prepared {
            // Everything fits but for a parameter that could be of any type: its value will tell.
            Err(sqlx::Error::Database(e)) if e.message().starts_with("could not determine data type of parameter") => {
                Ok(())
            }
            other => other.map_err(|e| self.failed(e)),
        }
    }

    /// Connects as `url` says from now on; connections that are there stay. For a password that was changed: PostgreSQL asks
    /// for it at the beginning of a connection only. Errors: [`Error::Setup`] for a URL that cannot be read; then nothing
    /// has changed.
    pub fn connect_by(&self, url: &str) -> Result<(), Error> {
        match &self.0.pools {
            Pools::Postgres { pool, pooler, .. } => {
                pool.set_connect_options(open::options(url, "database.url_file", &self.0.schema, *pooler)?);
                Ok(())
            }
            Pools::Sqlite { .. } => Ok(()),
        }
    }

    /// Ends all connections, once what uses them has ended. On SQLite this also folds the write-ahead log away.
    pub async fn close(&self) {
        match &self.0.pools {
            Pools::Postgres { pool, .. } => pool.close().await,
            Pools::Sqlite { writer, reader, .. } => {
                reader.close().await;
                writer.close().await;
            }
        }
    }

    /// For tests: commits stand still where it says. Once for a database.
    pub fn stop_at(&self, breakpoint: Arc<Breakpoint>) {
        let _ = self.0.breakpoint.set(breakpoint);
    }

    pub(crate) async fn at_commit(&self, side: Side) {
        if let Some(breakpoint) = self.0.breakpoint.get() {
            breakpoint.pass(side).await;
        }
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.0.schema
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.0.pools
    }

    /// Whether a connection may keep statements for the next transaction. Behind a transaction pooler that one may be anybody's.
    pub(crate) fn keeps_statements(&self) -> bool {
        !matches!(self.0.pools, Pools::Postgres { pooler: Pooler::Transaction, .. })
    }

    pub(crate) fn emitted(&self) -> &Notify {
        &self.0.emitted
    }

    pub(crate) fn failed(&self, error: sqlx::Error) -> Error {
        self.counted(Error::at(&self.0.place, error))
    }

    /// Begins a transaction behind `fence`.
    pub(crate) async fn begin(&self, fence: Fence, access: Access) -> Result<Open, Error> {
        self.begin_at(fence, access).instrument(trace::transaction(self, "BEGIN")).await
    }

    async fn begin_at(&self, fence: Fence, access: Access) -> Result<Open, Error> {
        let begun = match &self.0.pools {
            Pools::Postgres { pool, max_connections, .. } => {
                begin_postgres(pool, &opening(self.0.schema.name, fence, access), *max_connections).await
            }
            Pools::Sqlite { writer, .. } if access == Access::Write => {
                // Immediate: a transaction that reads before it writes would fail where another one wrote in between.
                writer.begin_with("begin immediate").await.map(Open::Sqlite)
            }
            Pools::Sqlite { reader, .. } => reader.begin().await.map(Open::Sqlite),
        };
        begun.map_err(|e| match e {
            sqlx::Error::PoolTimedOut if self.is_sqlite() => {
                self.counted(Error::Busy { place: self.0.place.clone(), source: e.into() })
            }
            e => self.failed(e),
        })
    }
}

/// Nothing was asked of the database yet, so a connection that has died in the pool is no reason to fail: the pool
/// drops it, and the next one may live. This replaces a round trip before each use.
async fn begin_postgres(pool: &PgPool, opening: &str, connections: u32) -> sqlx::Result<Open> {
    for _ in 0..connections {
        match pool.begin_with(AssertSqlSafe(opening)).await {
            Err(error) if lost(&error) => tracing::debug!(%error, "connection was lost"),
            begun => return begun.map(Open::Postgres),
        }
    }
    pool.begin_with(AssertSqlSafe(opening)).await.map(Open::Postgres)
}

/// Begins and fences in one round trip. Everything is local to the transaction, so that neither the pool nor a pooler
/// in between can carry it to somebody else. The role owns no table and cannot bypass row-level security.
fn opening(schema: &str, fence: Fence, access: Access) -> String {
    let mut sql = format!(
        // Compiling a statement takes PostgreSQL longer than any of ours runs, and what it expects of large tables would
        // make it compile those that people wait for.
        "begin{}; set local role {}; set local search_path to {schema}; set local jit to off",
        // What is read together was so at one time, as on SQLite: rows that move between two tables are in one of them.
        if access == Access::Read { " isolation level repeatable read read only" } else { "" },
        migrate::ROLE,
    );
    match fence {
        Fence::Workspace(id) => sql.push_str(&format!("; set local perpetuo.workspace to '{}'", id.uuid())),
        Fence::System(purpose) => {
            sql.push_str(&format!("; set local perpetuo.system to '{}'", purpose.replace('\'', "''")));
        }
        Fence::Global => {}
    }
    sql
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("schema", &self.0.schema.name).field("place", &self.0.place).finish()
    }
}
