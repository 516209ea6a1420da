//! Everything that is stored, as text: to see that something is nowhere.

use crate::Cluster;
use anyhow::Context as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

/// Each row of each table of all services with `<service>.<table>`. Bytes and uuids are in hexadecimal; of uuids there is
/// no other form.
///
/// # Errors
/// A database does not answer.
pub async fn all(cluster: &Cluster) -> anyhow::Result<Vec<(String, String)>> {
    match cluster.database() {
        Some(url) => postgres(url).await,
        None => sqlite(&cluster.dir().join("data")).await,
    }
}

async fn postgres(url: &str) -> anyhow::Result<Vec<(String, String)>> {
    let mut database = PgConnection::connect(url).await?;
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select n.nspname::text, c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'",
    )
    .fetch_all(&mut database)
    .await?;
    let mut found = vec![];
    for (schema, table) in tables {
        let rows = format!("select row_to_json(t)::text from \"{schema}\".\"{table}\" t");
        let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(rows)).fetch_all(&mut database).await?;
        let without_hyphens =
            |row: String| if row.contains('-') { format!("{row}{}", row.replace('-', "")) } else { row };
        found.extend(rows.into_iter().map(|(row,)| (format!("{schema}.{table}"), without_hyphens(row))));
    }
    Ok(found)
}

async fn sqlite(dir: &std::path::Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut found = vec![];
    for file in std::fs::read_dir(dir)? {
        let path = file?.path();
        let Some(service) = path.extension().filter(|end| *end == "db").and(path.file_stem()) else { continue };
        let service = service.to_string_lossy().into_owned();
        let options = SqliteConnectOptions::new().filename(&path).read_only(true);
        let mut database = SqliteConnection::connect_with(&options).await.with_context(|| format!("{service}.db"))?;
        let columns: Vec<(String, String)> = sqlx::query_as(
            "select m.name, group_concat('coalesce(quote(\"' || c.name || '\"), '''')', ' || '' '' || ')
             from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' group by m.name",
        )
        .fetch_all(&mut database)
        .await?;
        for (table, columns) in columns {
            let rows = format!("select {columns} from \"{table}\"");
            let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(rows)).fetch_all(&mut database).await?;
            found.extend(rows.into_iter().map(|(row,)| (format!("{service}.{table}"), row)));
        }
        database.close().await?;
    }
    Ok(found)
}
