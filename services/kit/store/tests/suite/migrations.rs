//! Migrations as operators meet them.

use crate::things::{INIT, SCHEMA};
use store::{Backend, Db, Error, Migration, Schema, testing};

const MORE: Migration = Migration {
    name: "0002_more",
    postgres: "-- global: more\ncreate table more (x bigint);",
    sqlite: "-- global: more\ncreate table more (x integer);",
};

async fn backends() -> Vec<(Backend, Option<tempfile::TempDir>)> {
    let dir = tempfile::tempdir().unwrap();
    let mut all = vec![(Backend::Sqlite { dir: dir.path().join("not/there/yet") }, Some(dir))];
    all.extend(testing::postgres_backend().await.map(|b| (b, None)));
    all
}

#[tokio::test]
async fn an_empty_database_says_what_to_run_and_works_once_it_ran() {
    for (backend, _dir) in backends().await {
        let db = Db::open(&backend, &SCHEMA).unwrap();
        assert_eq!(db.pending().await.unwrap(), ["0001_init"]);
        let error = match store::GlobalTx::read(&db).await {
            Ok(mut tx) => tx.fetch_all::<(String,)>(crate::things::WORDS, &[]).await.unwrap_err(),
            Err(error) => error,
        };
        assert!(matches!(error, Error::Missing { .. }), "{error:?}");
        assert!(error.to_string().contains("run `perpetuo migrate`"), "{error}");
        db.migrate().await.unwrap();
        assert!(db.pending().await.unwrap().is_empty());
        db.ping().await.unwrap();
    }
}

#[tokio::test]
async fn processes_that_start_at_once_migrate_once() {
    for (backend, _dir) in backends().await {
        let dbs: Vec<Db> = (0..6).map(|_| Db::open(&backend, &SCHEMA).unwrap()).collect();
        let done = futures::future::join_all(dbs.iter().map(Db::migrate)).await;
        assert!(done.iter().all(Result::is_ok), "{done:?}");
    }
}

#[tokio::test]
async fn a_later_release_adds_what_is_new_and_the_earlier_one_goes_on_until_it_takes_something_away() {
    const DROPS: Migration = Migration {
        name: "0003_drop_words_needs_0002",
        postgres: "alter table more drop column x;",
        sqlite: "alter table more add column y integer;",
    };
    let later = Schema { name: "things", migrations: &[INIT, MORE] };
    let last = Schema { name: "things", migrations: &[INIT, MORE, DROPS] };
    for (backend, _dir) in backends().await {
        let earlier = Db::open(&backend, &SCHEMA).unwrap();
        earlier.migrate().await.unwrap();
        let db = Db::open(&backend, &later).unwrap();
        assert_eq!(db.pending().await.unwrap(), ["0002_more"]);
        db.migrate().await.unwrap();
        assert!(earlier.pending().await.unwrap().is_empty(), "both run side by side");
        earlier.migrate().await.unwrap();
        Db::open(&backend, &last).unwrap().migrate().await.unwrap();
        assert!(db.pending().await.unwrap().is_empty(), "the release before does not use it any more");
        for refused in [earlier.pending().await.map(drop), earlier.migrate().await] {
            assert!(matches!(&refused, Err(Error::Setup(why)) if why.contains("newer release")), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let broken = Migration {
        name: "0002_broken",
        postgres: "-- global: half\ncreate table half (x bigint); select nonsense;",
        sqlite: "-- global: half\ncreate table half (x integer); select nonsense;",
    };
    let schema = Schema { name: "things", migrations: vec![MORE, broken].leak() };
    for (backend, _dir) in backends().await {
        let db = Db::open(&backend, &schema).unwrap();
        let error = db.migrate().await.unwrap_err().to_string();
        assert!(error.contains("things/0002_broken failed") && error.contains("nonsense"), "{error}");
        assert_eq!(db.pending().await.unwrap(), ["0002_more", "0002_broken"]);
    }
}

#[tokio::test]
async fn a_table_that_nobody_declared_stops_the_migration() {
    let bare = Migration { name: "0001_bare", postgres: "create table bare ();", sqlite: "create table bare (x);" };
    let schema = Schema { name: "things", migrations: vec![bare].leak() };
    for (backend, _dir) in backends().await {
        let error = Db::open(&backend, &schema).unwrap().migrate().await.unwrap_err().to_string();
        assert!(error.contains("table bare is not declared"), "{error}");
    }
}
