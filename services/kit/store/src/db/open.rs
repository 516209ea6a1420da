//! Makes the pools.

use super::{BUSY, CONNECT, Pools};
use crate::{Backend, Error, Pooler, Schema};
use sqlx::{
    Connection as _, Executor as _, Sqlite,
    pool::PoolOptions,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt as _, path::Path};

/// Readers of one SQLite file at a time. They do not wait for the writer, nor it for them.
const READERS: u32 = 4;

pub(super) fn pools(backend: &Backend, schema: &Schema) -> Result<(Pools, String), Error> {
    match backend {
        Backend::Sqlite { dir } => Ok(sqlite(dir, schema)),
        Backend::Postgres { url, admin_url, max_connections, pooler } => {
            postgres(url, admin_url.as_deref(), *max_connections, *pooler, schema)
        }
    }
}

fn sqlite(dir: &Path, schema: &Schema) -> (Pools, String) {
    // Whether that worked is seen, with its reason, when the file is opened.
    let _ = std::fs::create_dir_all(dir);
    let file = dir.join(format!("{}.db", schema.name));
    // SQLite would let everybody on this machine read it. Its log and index beside it get the same rights.
    let _ = OpenOptions::new().append(true).create(true).mode(0o600).open(&file);
    let place = file.display().to_string();
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .synchronous(SqliteSynchronous::Normal);
    // WAL lets readers go on while somebody writes; it is a property of the file, so the writer's word is enough.
    let writer = sound(PoolOptions::new().max_connections(1).acquire_timeout(BUSY))
        .connect_lazy_with(options.clone().journal_mode(SqliteJournalMode::Wal));
    let reader = sound(PoolOptions::new().max_connections(READERS).acquire_timeout(BUSY))
        .connect_lazy_with(options.pragma("query_only", "on"));
    (Pools::Sqlite { writer, reader, file }, place)
}

/// On a full disk and the like SQLite ends the transaction by itself. sqlx does not notice and refuses every later
/// one: a connection that still counts a transaction after its rollback is closed.
fn sound(options: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    calm(options).after_release(|connection, _| {
        Box::pin(async move {
            if connection.is_in_transaction() {
                // The rollback may still wait in the queue of the connection's thread: queue up behind it.
                connection.execute("select 1").await?;
            }
            Ok(!connection.is_in_transaction())
        })
    })
}

fn postgres(
    url: &str,
    admin_url: Option<&str>,
    max_connections: u32,
    pooler: Pooler,
    schema: &Schema,
) -> Result<(Pools, String), Error> {
    let options = options(url, "database.url", schema, pooler)?;
    let admin = match (admin_url, pooler) {
        (Some(url), _) => Some(Box::new(self::options(url, "database.admin_url", schema, Pooler::None)?)),
        (None, Pooler::None) => Some(Box::new(options.clone())),
        (None, Pooler::Transaction) => None,
    };
    let user = options.get_username().to_owned();
    let place = format!(
        "{}:{}/{}",
        options.get_socket().map_or_else(|| options.get_host().to_owned(), |s| s.display().to_string()),
        options.get_port(),
        options.get_database().unwrap_or(&user),
    );
    let pool = calm(PoolOptions::new().max_connections(max_connections.max(1)).acquire_timeout(CONNECT))
        .after_release(|connection, _| {
            Box::pin(async move {
                // A `begin` whose future was dropped leaves its transaction open without sqlx knowing, and the next
                // user's writes would vanish in it. Begin first, because a lone rollback makes the server warn.
                // Whoever left this connection may have done so because it hangs: then it is closed.
                let clean = sqlx::raw_sql("begin; rollback").execute(connection);
                tokio::time::timeout(CONNECT, clean).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
                Ok(true)
            })
        })
        .connect_lazy_with(options);
    Ok((Pools::Postgres { pool, user, admin, max_connections, pooler }, place))
}

/// Errors: [`Error::Setup`]. The driver's own message may repeat the URL, and with it the password.
pub(super) fn options(url: &str, setting: &str, schema: &Schema, pooler: Pooler) -> Result<PgConnectOptions, Error> {
    let options = url.parse::<PgConnectOptions>().map_err(|_| {
        Error::Setup(format!("{setting} is no PostgreSQL URL: write postgres://user:password@host:5432/database"))
    })?;
    let options = options.application_name(&format!("perpetuo-{}", schema.name));
    Ok(match pooler {
        Pooler::None => options,
        // PgBouncer refuses it at the start of a connection, and since PostgreSQL 12 it changes nothing.
        Pooler::Transaction => options.extra_float_digits(None),
    })
}

/// Without expiry sqlx starts no reaper, whose bookkeeping can go wrong and hang a pool or burn a core. Connections
/// are not tested before use either: every use begins with `begin`, which is tried again on another connection.
fn calm<DB: sqlx::Database>(options: PoolOptions<DB>) -> PoolOptions<DB> {
    options.idle_timeout(None).max_lifetime(None).test_before_acquire(false)
}
