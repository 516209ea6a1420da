//! Files as they were at one instant, while others write.

use crate::things::{self, SCHEMA, same};
use sqlx::{Connection as _, SqliteConnection};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};
use store::{Backend, Db, GlobalTx, Migration, Schema, SystemTx, snapshot, testing};

const OTHER: Schema = Schema { name: "others", migrations: SCHEMA.migrations };

const COUNT: store::Sql = same("select cast(count(*) as bigint) as n from words");

async fn count(db: &Db) -> i64 {
    GlobalTx::read(db).await.unwrap().fetch_one::<(i64,)>(COUNT, &[]).await.unwrap().0
}

async fn say(db: &Db, n: i64) {
    let mut tx = GlobalTx::begin(db).await.unwrap();
    tx.execute(things::WORD, &[n.to_string().into()]).await.unwrap();
    tx.commit().await.unwrap();
}

/// A writer says each word in the first file and then in the second: at no instant does the second have one that the first
/// has not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_in_two_files_one_after_the_other_is_in_both_copies_or_in_the_first() {
    let (first, second) = (testing::sqlite(&SCHEMA).await, testing::sqlite(&OTHER).await);
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (first, second, stop) = (first.db.clone(), second.db.clone(), stop.clone());
        async move {
            for n in 0.. {
                say(&first, n).await;
                say(&second, n).await;
                if stop.load(Relaxed) {
                    return n + 1;
                }
            }
            0
        }
    });
    for round in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        let before = count(&second).await;
        // Not the order in which they are written: it makes no difference.
        let dbs = [second.db.clone(), first.db.clone()];
        let (pinned, seen) = snapshot::take(&dbs, dir.path(), || 7).await.unwrap();
        assert_eq!(seen, 7);
        // What is written now is in none.
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        let mut rows = vec![];
        for file in pinned {
            let copy = file.write().await.unwrap();
            assert!(copy.rows > 0 && copy.file.starts_with(dir.path()), "{copy:?}");
            rows.push(copy.file);
        }
        let backend = Backend::Sqlite { dir: dir.path().to_owned() };
        let open = |schema| Db::open(&backend, schema).unwrap();
        let (first, second) = (open(&SCHEMA), open(&OTHER));
        let (one, two) = (count(&first).await, count(&second).await);
        assert!(two >= before && (one == two || one == two + 1), "round {round}: {one} and {two}");
        for db in [first, second] {
            snapshot::check(&db).await.unwrap();
            assert!(db.pending().await.unwrap().is_empty());
            db.close().await;
        }
    }
    stop.store(true, Relaxed);
    let said = writer.await.unwrap();
    assert_eq!(
        (count(&first).await, count(&second).await),
        (said, said),
        "the writer was held up, and not turned away"
    );
}

#[tokio::test]
async fn a_copy_goes_on_counting_where_the_file_has_stopped() {
    let fresh = testing::sqlite(&SCHEMA).await;
    for n in 0..3 {
        let mut tx = GlobalTx::begin(&fresh).await.unwrap();
        tx.emit(&things::event("thing.added", n));
        tx.commit().await.unwrap();
    }
    let mut tx = SystemTx::begin(&fresh, "prune").await.unwrap();
    tx.execute(same("delete from outbox where position > 1"), &[]).await.unwrap();
    tx.commit().await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (pinned, ()) = snapshot::take(std::slice::from_ref(&fresh.db), dir.path(), || ()).await.unwrap();
    for file in pinned {
        file.write().await.unwrap();
    }
    let copy = Db::open(&Backend::Sqlite { dir: dir.path().to_owned() }, &SCHEMA).unwrap();
    let mut tx = GlobalTx::begin(&copy).await.unwrap();
    tx.emit(&things::event("thing.added", "next"));
    tx.commit().await.unwrap();
    let newest = same("select max(position) as n from outbox");
    let (position,): (i64,) = SystemTx::read(&copy, "look").await.unwrap().fetch_one(newest, &[]).await.unwrap();
    assert_eq!(position, 4);
    copy.close().await;
}

/// Such a release works on the file: it adds only what this one does not know.
#[tokio::test]
async fn what_a_newer_release_has_added_is_not_lost_in_silence() {
    const NEXT: Migration = Migration {
        name: "0002_find",
        postgres: "create index things_name on things (name);",
        sqlite: "create index things_name on things (name);",
    };
    let fresh = testing::sqlite(&Schema { name: "things", migrations: &[things::INIT, NEXT] }).await;
    let older = Db::open(&fresh.backend, &SCHEMA).unwrap();
    assert!(older.pending().await.unwrap().is_empty());
    let dir = tempfile::tempdir().unwrap();
    let refused = snapshot::take(std::slice::from_ref(&older), dir.path(), || ()).await.unwrap_err().to_string();
    assert!(refused.contains("things_name") && refused.contains("back up with that release"), "{refused}");
    // Nobody is held up by it.
    say(&older, 1).await;
    older.close().await;
    let dir = tempfile::tempdir().unwrap();
    assert!(snapshot::take(std::slice::from_ref(&fresh.db), dir.path(), || ()).await.is_ok());
}

#[tokio::test]
async fn damage_and_rows_without_what_they_refer_to_are_found() {
    let refers = store::Migration {
        name: "0001_init",
        postgres: "",
        sqlite: "-- global: a, b\ncreate table a (id integer primary key);
                 create table b (id integer primary key, a integer not null references a (id));",
    };
    let schema = Schema { name: "things", migrations: vec![refers].leak() };
    let fresh = testing::sqlite(&schema).await;
    let mut tx = GlobalTx::begin(&fresh).await.unwrap();
    tx.execute(same("insert into a (id) values (1)"), &[]).await.unwrap();
    tx.execute(same("insert into b (id, a) values (1, 1)"), &[]).await.unwrap();
    tx.commit().await.unwrap();
    snapshot::check(&fresh).await.unwrap();
    fresh.close().await;
    let Backend::Sqlite { dir } = &fresh.backend else { unreachable!("it is SQLite") };
    let file = dir.join("things.db");
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    sqlx::raw_sql("pragma foreign_keys = off; delete from a").execute(&mut connection).await.unwrap();
    drop(connection);
    let again = Db::open(&fresh.backend, &schema).unwrap();
    let found = snapshot::check(&again).await.unwrap_err().to_string();
    assert!(found.contains("1 rows refer"), "{found}");
    again.close().await;
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.len() - 4096;
    bytes[at..at + 200].fill(0xee);
    std::fs::write(&file, bytes).unwrap();
    let again = Db::open(&fresh.backend, &schema).unwrap();
    assert!(snapshot::check(&again).await.is_err());
}
