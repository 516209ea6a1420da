//! Files that are not as they should be: one clear sentence each, and no wait without an end.

use crate::things::{self, SCHEMA};
use sqlx::{Connection as _, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::os::unix::fs::PermissionsExt as _;
use store::{Backend, Db, Error, GlobalTx, Pooler, testing};

#[tokio::test]
async fn a_file_that_another_process_locks_says_so_and_works_again_afterwards() {
    let db = testing::sqlite(&SCHEMA).await;
    let Backend::Sqlite { dir } = &db.backend else { unreachable!("it is SQLite") };
    let options = SqliteConnectOptions::new().filename(dir.join("things.db"));
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    other.execute("begin immediate").await.unwrap();
    let error = GlobalTx::begin(&db).await.err().expect("somebody else writes");
    assert!(matches!(error, Error::Busy { .. }), "{error:?}");
    assert!(error.to_string().contains("things.db is locked"), "{error}");
    GlobalTx::read(&db).await.unwrap().fetch_all::<(String,)>(things::WORDS, &[]).await.unwrap();
    other.execute("rollback").await.unwrap();
    let mut tx = GlobalTx::begin(&db).await.unwrap();
    tx.execute(things::WORD, &["again".into()]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn nobody_else_on_the_machine_can_read_the_files_of_a_database() {
    let db = testing::sqlite(&SCHEMA).await;
    let mut tx = GlobalTx::begin(&db).await.unwrap();
    tx.execute(things::WORD, &["secret".into()]).await.unwrap();
    tx.commit().await.unwrap();
    let Backend::Sqlite { dir } = &db.backend else { unreachable!("it is SQLite") };
    for file in ["things.db", "things.db-wal", "things.db-shm"] {
        let mode = std::fs::metadata(dir.join(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_says_so() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("things.db"), "not a database, but a text of some length ".repeat(100)).unwrap();
    let db = Db::open(&Backend::Sqlite { dir: dir.path().to_owned() }, &SCHEMA).unwrap();
    let error = db.migrate().await.unwrap_err();
    assert!(matches!(&error, Error::Setup(why) if why.contains("damaged or no database")), "{error:?}");
}

#[tokio::test]
async fn a_directory_that_cannot_be_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let db = Db::open(&Backend::Sqlite { dir: file }, &SCHEMA).unwrap();
    let error = db.ping().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains("file/things.db"), "{error}");
}

#[tokio::test]
async fn a_full_disk_says_so_and_works_again_afterwards() {
    let db = testing::sqlite(&SCHEMA).await;
    let limit = |pages: &'static str| {
        let db = &db;
        async move {
            let mut tx = GlobalTx::begin(db).await.unwrap();
            // A pragma of the connection, and writers share one.
            tx.fetch_all::<(i64,)>(things::same(pages), &[]).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    limit("pragma max_page_count = 1").await;
    let mut tx = GlobalTx::begin(&db).await.unwrap();
    let error = tx.execute(things::WORD, &["x".repeat(100_000).into()]).await.unwrap_err();
    assert!(matches!(error, Error::Full { .. }), "{error:?}");
    drop(tx);
    limit("pragma max_page_count = 1000000").await;
    let mut tx = GlobalTx::begin(&db).await.unwrap();
    tx.execute(things::WORD, &["x".repeat(100_000).into()]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_url_that_cannot_be_read_is_named_without_its_password() {
    for (url, admin_url, setting) in [
        ("mysql//u:canary@h/d", None, "database.url"),
        ("postgres://u:p@h/d", Some("postgres://u:canary@h:port/d".to_owned()), "database.admin_url"),
    ] {
        let backend = Backend::Postgres { url: url.to_owned(), admin_url, max_connections: 1, pooler: Pooler::None };
        let error = Db::open(&backend, &SCHEMA).unwrap_err();
        let text = format!("{error} {error:?} {backend:?}");
        assert!(text.contains(setting) && !text.contains("canary"), "{text}");
    }
}
