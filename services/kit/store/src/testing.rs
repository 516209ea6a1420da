//! A fresh database for each test, on either backend.

mod breakpoint;

pub use breakpoint::{Breakpoint, Side};

use crate::{Backend, Db, Pooler, Schema};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, postgres::PgConnectOptions};
use std::{ops::Deref, path::PathBuf};

/// The environment variable that names a PostgreSQL server for tests: the URL of a superuser. Databases are left
/// behind on it, so it is one that is thrown away.
pub const SERVER: &str = "PERPETUO_TEST_DATABASE_URL";

/// A migrated database that nobody else uses. Its files vanish with it.
pub struct Fresh {
    /// The database.
    pub db: Db,
    /// How it was opened, to open it again.
    pub backend: Backend,
    dir: Option<PathBuf>,
}

/// A fresh SQLite database in a directory for temporary files. Panics when there cannot be one.
pub async fn sqlite(schema: &Schema) -> Fresh {
    let dir = std::env::temp_dir().join(unique());
    fresh(Backend::Sqlite { dir: dir.clone() }, Some(dir), schema).await
}

/// A fresh database on the server that [`SERVER`] names; none when it names none. Panics when the server fails.
pub async fn postgres(schema: &Schema) -> Option<Fresh> {
    Some(fresh(postgres_backend().await?, None, schema).await)
}

/// An empty database on the server that [`SERVER`] names, not migrated; none when it names none.
pub async fn postgres_backend() -> Option<Backend> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests get their server from the environment, not from a configuration"
    )]
    let server = std::env::var(SERVER).ok()?;
    let name = unique();
    let options: PgConnectOptions = server.parse().expect("the server's URL is one of PostgreSQL");
    let mut admin = PgConnection::connect_with(&options).await.expect("the server for tests runs");
    admin
        .execute(AssertSqlSafe(format!("create database {name}")))
        .await
        .expect("the server for tests makes databases");
    let (head, query) = server.split_once('?').map_or((server.as_str(), None), |(h, q)| (h, Some(q)));
    let (head, _) = head.rsplit_once('/').filter(|(h, _)| !h.ends_with('/')).unwrap_or((head, ""));
    let url = format!("{head}/{name}{}", query.map(|q| format!("?{q}")).unwrap_or_default());
    Some(Backend::Postgres { url, admin_url: None, max_connections: 5, pooler: Pooler::None })
}

/// A fresh database on SQLite, and one on PostgreSQL if [`SERVER`] names a server.
pub async fn both(schema: &Schema) -> Vec<Fresh> {
    let mut all = vec![sqlite(schema).await];
    all.extend(postgres(schema).await);
    all
}

async fn fresh(backend: Backend, dir: Option<PathBuf>, schema: &Schema) -> Fresh {
    let db = Db::open(&backend, schema).expect("a database opens");
    db.migrate().await.expect("the migrations apply");
    Fresh { db, backend, dir }
}

fn unique() -> String {
    format!("perpetuo_test_{:032x}", rand::random::<u128>())
}

impl Deref for Fresh {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(dir) = &self.dir {
            let _ = std::fs::remove_dir_all(dir);
        }
    }
}

/// Tells each story twice: once on each database. The suite has a `house::House` with `on_sqlite` and `on_postgres`.
#[macro_export]
#[expect(clippy::crate_in_macro_def, reason = "the house is the suite's own")]
macro_rules! on_both_databases {
    ($($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $story() {
                super::$story(&crate::house::House::on_sqlite().await).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $story() {
                if let Some(house) = crate::house::House::on_postgres().await {
                    super::$story(&house).await;
                }
            })+
        }
    };
}
