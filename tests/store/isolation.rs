//! The second wall between tenants: PostgreSQL itself.

use crate::{SERVICES, empty_postgres, postgres, things};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, postgres::PgConnectOptions};
use store::{Backend, Db, GlobalTx, SystemTx, WorkspaceTx};

/// Opens a fresh database as a user with no rights, migrated by a superuser; and the superuser's connection.
async fn as_nobody() -> (Db, PgConnection) {
    let Backend::Postgres { url: admin_url, .. } = empty_postgres().await else { unreachable!("it is PostgreSQL") };
    let options: PgConnectOptions = admin_url.parse().unwrap();
    let mut admin = PgConnection::connect_with(&options).await.unwrap();
    let user = format!("nobody_{:016x}", rand::random::<u64>());
    admin.execute(AssertSqlSafe(format!("create role {user} login password 'nobody'"))).await.unwrap();
    let mut url = reqwest::Url::parse(&admin_url).unwrap();
    url.set_username(&user).unwrap();
    url.set_password(Some("nobody")).unwrap();
    let backend = Backend::Postgres { url: url.into(), admin_url: Some(admin_url), max_connections: 5 };
    let db = Db::open(&backend, &things::SCHEMA).unwrap();
    db.migrate().await.unwrap();
    (db, admin)
}

#[tokio::test]
async fn a_statement_without_a_predicate_sees_and_changes_one_workspace_only() {
    let (db, _admin) = as_nobody().await;
    let (mine, theirs) = (things::workspace(), things::workspace());
    for (workspace, name) in [(mine, "mine"), (theirs, "theirs")] {
        let mut tx = WorkspaceTx::begin(&db, workspace).await.unwrap();
        things::add(&mut tx, workspace, name).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = WorkspaceTx::begin(&db, mine).await.unwrap();
    assert_eq!(things::names(&mut tx).await, ["mine"]);
    assert_eq!(tx.execute(things::sql("update things set name = 'changed'"), &[]).await.unwrap(), 1);
    assert_eq!(tx.execute(things::sql("delete from things"), &[]).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(things::names(&mut WorkspaceTx::read(&db, theirs).await.unwrap()).await, ["theirs"]);
    assert_eq!(things::names(&mut SystemTx::read(&db, "count").await.unwrap()).await, ["theirs"]);
    assert_eq!(things::names(&mut GlobalTx::read(&db).await.unwrap()).await, [""; 0]);
}

#[tokio::test]
async fn a_row_cannot_be_written_for_or_moved_to_another_workspace() {
    let (db, _admin) = as_nobody().await;
    let (mine, theirs) = (things::workspace(), things::workspace());
    let mut tx = WorkspaceTx::begin(&db, mine).await.unwrap();
    assert!(things::add(&mut tx, theirs, "forged").await.is_err());
    let mut tx = WorkspaceTx::begin(&db, mine).await.unwrap();
    things::add(&mut tx, mine, "mine").await.unwrap();
    let moved = tx.execute(things::sql("update things set workspace_id = $1"), &[theirs.into()]).await;
    assert!(moved.is_err());
    let mut tx = GlobalTx::begin(&db).await.unwrap();
    assert!(things::add(&mut tx, mine, "forged").await.is_err());
}

#[tokio::test]
async fn the_user_who_works_owns_nothing_and_cannot_pass_the_fences() {
    let (db, mut admin) = as_nobody().await;
    let mut tx = GlobalTx::read(&db).await.unwrap();
    let who = things::sql(
        "select rolname::text as name, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as strong
         from pg_roles where rolname = current_user",
    );
    let (role, strong): (String, bool) = tx.fetch_one(who, &[]).await.unwrap();
    assert_eq!((role.as_str(), strong), ("perpetuo_app", false));
    let owned =
        "select count(*) from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = 'perpetuo_app'";
    assert_eq!(sqlx::query_scalar::<_, i64>(owned).fetch_one(&mut admin).await.unwrap(), 0);
    for forbidden in [
        "alter table things disable row level security",
        "drop table things",
        "create table mine (x bigint)",
        "delete from schema_migrations",
    ] {
        let mut tx = SystemTx::begin(&db, "overreach").await.unwrap();
        assert!(tx.execute(things::sql(forbidden), &[]).await.is_err(), "{forbidden} was allowed");
    }
}

/// Tables whose rows say whose they are, and that show them to everybody.
const UNFENCED: &str = "
    select c.relname::text
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
    where c.relkind in ('r', 'p')
      and n.nspname = $1
      and not (c.relrowsecurity and c.relforcerowsecurity and exists (select from pg_policy p where p.polrelid = c.oid))
    order by 1";

async fn unfenced(backend: &Backend, schema: &str) -> Vec<String> {
    let Backend::Postgres { url, .. } = backend else { unreachable!("it is PostgreSQL") };
    let mut admin = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(UNFENCED).bind(schema).fetch_all(&mut admin).await.unwrap()
}

#[tokio::test]
async fn no_table_of_any_service_shows_a_tenants_rows_to_another() {
    for (name, schema) in SERVICES {
        let fresh = postgres(schema).await;
        assert_eq!(unfenced(&fresh.backend, schema.name).await, [""; 0], "{name}");
    }
}

#[tokio::test]
async fn a_table_without_a_fence_would_be_found() {
    let fresh = postgres(&things::SCHEMA).await;
    let Backend::Postgres { url, .. } = &fresh.backend else { unreachable!("it is PostgreSQL") };
    let mut admin = PgConnection::connect(url).await.unwrap();
    admin.execute("create table things.open (workspace_id uuid)").await.unwrap();
    assert_eq!(unfenced(&fresh.backend, "things").await, ["open"]);
}
