//! Migrations on PostgreSQL: the schema of the service, its role, its fences.

use super::{
    Stop,
    declared::{self, Owner},
    plan::{self, Step},
};
use crate::{Error, Schema, outbox::lock_key};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgTransaction, postgres::PgConnectOptions};
use std::{io::ErrorKind, time::Duration};

/// How long to wait for the server, and for a lock that a running statement holds.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn run(schema: &Schema, admin: &PgConnectOptions, user: &str) -> Result<(), Stop> {
    let connected = tokio::time::timeout(PATIENCE, PgConnection::connect_with(admin)).await;
    let mut connection = connected.map_err(|_| sqlx::Error::from(std::io::Error::from(ErrorKind::TimedOut)))??;
    role(&mut connection, user).await?;
    let mut tx = connection.begin().await?;
    // Several processes may start at once: one migrates, the others wait and find nothing left to do.
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(lock_key(&format!("migrate {}", schema.name)))
        .execute(&mut *tx)
        .await?;
    let target = &schema.name;
    // A migration that waits for a lock makes everybody behind it wait: rather give up and say so.
    let prologue = format!(
        "create schema if not exists {target}; set local search_path to {target}; set local lock_timeout to '{}s'",
        PATIENCE.as_secs()
    );
    text(&mut tx, prologue).await?;
    text(&mut tx, include_str!("../../ddl/migrations.pg.sql").to_owned()).await?;
    let applied = sqlx::query_as("select name, checksum from schema_migrations order by position");
    let steps = plan::steps(schema, false, &applied.fetch_all(&mut *tx).await?)?;
    for step in &steps {
        apply(&mut tx, step).await.map_err(|e| Stop::step(schema.name, step, e))?;
    }
    if !steps.is_empty() {
        fence(&mut tx, schema).await?;
    }
    text(&mut tx, include_str!("../../ddl/grants.pg.sql").replace("{schema}", schema.name)).await?;
    tx.commit().await?;
    connection.close().await?;
    Ok(())
}

/// Creates the role, refuses one that could pass the fences, and lets `user` work in it.
async fn role(connection: &mut PgConnection, user: &str) -> Result<(), Stop> {
    connection.execute(include_str!("../../ddl/role.pg.sql")).await?;
    let unsafe_role = "select rolsuper or rolbypassrls from pg_roles where rolname = $1";
    if sqlx::query_scalar(unsafe_role).bind(super::ROLE).fetch_one(&mut *connection).await? {
        let why =
            format!("the role {} can bypass row-level security: take SUPERUSER and BYPASSRLS from it", super::ROLE);
        return Err(Error::Setup(why).into());
    }
    // From 16 on, whoever creates a role is a member of it and still may not work in it.
    let member = "select pg_has_role($1, $2, case when current_setting('server_version_num')::integer >= 160000 \
                  then 'SET' else 'MEMBER' end)";
    let grant = format!("grant {} to \"{}\"", super::ROLE, user.replace('"', "\"\""));
    for attempt in 0.. {
        if sqlx::query_scalar(member).bind(user).bind(super::ROLE).fetch_one(&mut *connection).await? {
            break;
        }
        match connection.execute(AssertSqlSafe(grant.as_str())).await {
            // Roles belong to the whole server: another database's migration changes the same row.
            Err(error) if attempt < 5 && concurrent(&error) => tokio::time::sleep(Duration::from_millis(50)).await,
            granted => return granted.map(drop).map_err(Stop::from),
        }
    }
    Ok(())
}

fn concurrent(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|e| e.message().contains("concurrently updated") || e.is_unique_violation())
}

async fn apply(tx: &mut PgTransaction<'_>, step: &Step) -> sqlx::Result<()> {
    text(tx, step.text.clone()).await?;
    sqlx::query("insert into schema_migrations (position, name, checksum) values ($1, $2, $3)")
        .bind(step.position)
        .bind(step.name)
        .bind(&step.checksum)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn fence(tx: &mut PgTransaction<'_>, schema: &Schema) -> Result<(), Stop> {
    let existing: Vec<(String, bool)> = sqlx::query_as(
        // Partitions are parts of a table; whoever makes them fences them.
        "select c.relname::text, exists (select from pg_attribute a where a.attrelid = c.oid \
         and a.attname = 'workspace_id' and not a.attisdropped) \
         from pg_class c where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') \
         and not c.relispartition and c.relname <> 'schema_migrations' order by 1",
    )
    .bind(schema.name)
    .fetch_all(&mut **tx)
    .await?;
    let declared = declared::tables(schema, false)?;
    declared::check(schema, &declared, &existing)?;
    for (table, _) in &existing {
        let fence = match declared.get(table) {
            Some(Owner::Tenant) => include_str!("../../ddl/tenant.pg.sql"),
            Some(Owner::Outbox) => include_str!("../../ddl/outbox_fence.pg.sql"),
            Some(Owner::Global) | None => continue,
        };
        text(tx, fence.replace("{table}", table)).await?;
    }
    Ok(())
}

async fn text(tx: &mut PgTransaction<'_>, sql: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(drop)
}
