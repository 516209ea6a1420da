//! Migrations on SQLite.

use super::{
    Stop, declared,
    plan::{self, Step},
};
use crate::{Schema, db::BUSY, error::busy};
use sqlx::{AssertSqlSafe, SqlitePool, SqliteTransaction};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two tries to begin.
const PAUSE: Duration = Duration::from_millis(20);

pub(super) async fn run(schema: &Schema, writer: &SqlitePool) -> Result<(), Stop> {
    let mut tx = begin(writer).await?;
    text(&mut tx, include_str!("../../ddl/migrations.sqlite.sql").to_owned()).await?;
    let applied = sqlx::query_as("select name, checksum from schema_migrations order by position");
    let steps = plan::steps(schema, true, &applied.fetch_all(&mut *tx).await?)?;
    for step in &steps {
        apply(&mut tx, step).await.map_err(|e| Stop::step(schema.name, step, e))?;
    }
    if !steps.is_empty() {
        let existing: Vec<(String, bool)> = sqlx::query_as(
            "select t.name, exists (select 1 from pragma_table_info(t.name) c where c.name = 'workspace_id') \
             from sqlite_schema t where t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\' \
             and t.name <> 'schema_migrations' order by 1",
        )
        .fetch_all(&mut *tx)
        .await?;
        declared::check(schema, &declared::tables(schema, true)?, &existing)?;
    }
    tx.commit().await?;
    Ok(())
}

/// Immediate: of several processes that start at once one migrates, the others wait and find nothing left to do.
///
/// Who connects first switches a new file to WAL, and SQLite tells others that connect in that instant that it is
/// locked, at once: it does not ask its busy handler where waiting might be a deadlock. So the waiting is done here.
async fn begin(writer: &SqlitePool) -> sqlx::Result<SqliteTransaction<'static>> {
    let end = Instant::now() + BUSY;
    loop {
        match writer.begin_with("begin immediate").await {
            Err(error) if Instant::now() < end && busy(&error) => sleep(PAUSE).await,
            begun => return begun,
        }
    }
}

async fn apply(tx: &mut SqliteTransaction<'_>, step: &Step) -> sqlx::Result<()> {
    text(tx, step.text.clone()).await?;
    sqlx::query("insert into schema_migrations (position, name, checksum) values ($1, $2, $3)")
        .bind(step.position)
        .bind(step.name)
        .bind(&step.checksum)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn text(tx: &mut SqliteTransaction<'_>, sql: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(drop)
}
