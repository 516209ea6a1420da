//! What lies in the past or the future, written into the database of a service: for what else takes hours or days.

use crate::Cluster;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

/// Runs a statement on the tables of a service. `{time}` in it is the moment so many seconds from now, as columns keep it.
///
/// # Errors
/// The database does not take it.
pub async fn at_time(cluster: &Cluster, service: &str, statement: &str, seconds: i64) -> anyhow::Result<u64> {
    if let Some(url) = cluster.database() {
        let mut database = PgConnection::connect(url).await?;
        sqlx::query(AssertSqlSafe(format!("set search_path to \"{service}\""))).execute(&mut database).await?;
        let statement = statement.replace("{time}", &format!("(now() + interval '{seconds} seconds')"));
        let done = sqlx::query(AssertSqlSafe(statement)).execute(&mut database).await?;
        database.close().await?;
        return Ok(done.rows_affected());
    }
    let options = SqliteConnectOptions::new().filename(cluster.dir().join(format!("data/{service}.db")));
    let mut database = SqliteConnection::connect_with(&options).await?;
    // Microseconds since 1970.
    let statement = statement.replace("{time}", &format!("((unixepoch() + {seconds}) * 1000000)"));
    let done = sqlx::query(AssertSqlSafe(statement)).execute(&mut database).await?;
    database.close().await?;
    Ok(done.rows_affected())
}
