//! The second wall between tenants: PostgreSQL itself.

use crate::{empty_postgres, things};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, postgres::PgConnectOptions};
use store::{Backend, Db, GlobalTx, Pooler, SystemTx, WorkspaceTx};
use tests::server::PgBouncer;

/// Opens a fresh database as a user with no rights, migrated by a superuser; and the superuser's connection.
async fn as_nobody() -> (Db, PgConnection) {
    as_nobody_behind(None).await
}

/// The same, behind a pooler.
pub async fn as_nobody_behind(pooler: Option<&PgBouncer>) -> (Db, PgConnection) {
    let Backend::Postgres { url: admin_url, .. } = empty_postgres().await else { unreachable!("it is PostgreSQL") };
    let options: PgConnectOptions = admin_url.parse().unwrap();
    let mut admin = PgConnection::connect_with(&options).await.unwrap();
    let user = format!("nobody_{:016x}", rand::random::<u64>());
    admin.execute(AssertSqlSafe(format!("create role {user} login password 'nobody'"))).await.unwrap();
    let mut url = reqwest::Url::parse(&admin_url).unwrap();
    url.set_username(&user).unwrap();
    url.set_password(Some("nobody")).unwrap();
    let url = String::from(url);
    let (url, pooler) = match pooler {
        Some(between) => (between.before(&url).unwrap(), Pooler::Transaction),
        None => (url, Pooler::None),
    };
    let backend = Backend::Postgres { url, admin_url: Some(admin_url), max_connections: 5, pooler };
    let db = Db::open(&backend, &things::SCHEMA).unwrap();
    db.migrate().await.unwrap();
    (db, admin)
}

#[tokio::test]
async fn a_statement_without_a_predicate_sees_and_changes_one_workspace_only() {
    sees_one_workspace(&as_nobody().await.0).await;
}

/// The story of one who forgets every predicate.
pub async fn sees_one_workspace(db: &Db) {
    let (mine, theirs) = (things::workspace(), things::workspace());
    for (workspace, name) in [(mine, "mine"), (theirs, "theirs")] {
        let mut tx = WorkspaceTx::begin(db, workspace).await.unwrap();
        things::add(&mut tx, workspace, name).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = WorkspaceTx::begin(db, mine).await.unwrap();
    assert_eq!(things::names(&mut tx).await, ["mine"]);
    assert_eq!(tx.execute(things::sql("update things set name = 'changed'"), &[]).await.unwrap(), 1);
    assert_eq!(tx.execute(things::sql("delete from things"), &[]).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(things::names(&mut WorkspaceTx::read(db, theirs).await.unwrap()).await, ["theirs"]);
    assert_eq!(things::names(&mut SystemTx::read(db, "count").await.unwrap()).await, ["theirs"]);
    assert_eq!(things::names(&mut GlobalTx::read(db).await.unwrap()).await, [""; 0]);
}

#[tokio::test]
async fn a_row_cannot_be_written_for_or_moved_to_another_workspace() {
    writes_for_one_workspace(&as_nobody().await.0).await;
}

/// The story of one who writes for others.
pub async fn writes_for_one_workspace(db: &Db) {
    let (mine, theirs) = (things::workspace(), things::workspace());
    let mut tx = WorkspaceTx::begin(db, mine).await.unwrap();
    assert!(things::add(&mut tx, theirs, "forged").await.is_err());
    let mut tx = WorkspaceTx::begin(db, mine).await.unwrap();
    things::add(&mut tx, mine, "mine").await.unwrap();
    let moved = tx.execute(things::sql("update things set workspace_id = $1"), &[theirs.into()]).await;
    assert!(moved.is_err());
    let mut tx = GlobalTx::begin(db).await.unwrap();
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
