//! Migrations on SQLite.

use super::{
    Stop, declared,
    plan::{self, Step},
};
use crate::Schema;
use sqlx::{AssertSqlSafe, SqlitePool, SqliteTransaction};

pub(super) async fn run(schema: &Schema, writer: &SqlitePool) -> Result<(), Stop> {
    // Immediate: of several processes that start at once one migrates, the others wait and find nothing left to do.
    let mut tx = writer.begin_with("begin immediate").await?;
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
