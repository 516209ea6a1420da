//! Behind a pooler that gives a connection for each transaction: a real PgBouncer.

use crate::{SERVICES, empty_postgres, isolation, things};
use futures::StreamExt as _;
use std::{collections::HashSet, time::Duration};
use store::{Backend, Db, Error, GlobalTx, Pooler, Sql, SystemTx, WorkspaceTx, outbox::Feed};
use tests::server::{POSTGRES, PgBouncer, url};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

async fn pooler(connections: u32) -> PgBouncer {
    PgBouncer::start(&url(POSTGRES).unwrap(), connections).await.unwrap()
}

/// A fresh database, and the settings with which it is reached through `between`.
async fn behind(between: &PgBouncer, pooler: Pooler) -> Backend {
    let Backend::Postgres { url, .. } = empty_postgres().await else { unreachable!("it is PostgreSQL") };
    let through = between.before(&url).unwrap();
    Backend::Postgres { url: through, admin_url: Some(url), max_connections: 8, pooler }
}

#[tokio::test]
async fn tenants_are_kept_apart_behind_a_pooler_too() {
    // The stories leave transactions open while they begin others.
    let between = pooler(5).await;
    let (db, _admin) = isolation::as_nobody_behind(Some(&between)).await;
    isolation::sees_one_workspace(&db).await;
    let (db, _admin) = isolation::as_nobody_behind(Some(&between)).await;
    isolation::writes_for_one_workspace(&db).await;
}

/// Eight connections of ours share one of PostgreSQL: what one has prepared, the next would find, or not find.
#[tokio::test]
async fn statements_of_many_connections_share_one_of_the_server() {
    let between = pooler(1).await;
    let db = Db::open(&behind(&between, Pooler::Transaction).await, &things::SCHEMA).unwrap();
    db.migrate().await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let db = db.clone();
        tasks.spawn(async move {
            for n in 0..20 {
                let workspace = things::workspace();
                let mut tx = WorkspaceTx::begin(&db, workspace).await.unwrap();
                things::add(&mut tx, workspace, &n.to_string()).await.unwrap();
                assert_eq!(things::names(&mut tx).await, [n.to_string()]);
                assert_eq!(things::words(&mut tx).await, 0);
                tx.commit().await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(things::names(&mut SystemTx::read(&db, "count").await.unwrap()).await.len(), 160);
    // Nothing is left on the server's one connection for the next who gets it.
    let prepared = Sql { name: "test", postgres: "select count(*) as n from pg_prepared_statements", sqlite: "" };
    let (left,): (i64,) = GlobalTx::read(&db).await.unwrap().fetch_one(prepared, &[]).await.unwrap();
    assert_eq!(left, 0, "statements stay on a connection that is everybody's");
}

#[tokio::test]
async fn every_service_finds_its_tables_behind_a_pooler() {
    let between = pooler(2).await;
    let backend = behind(&between, Pooler::Transaction).await;
    for (name, schema) in SERVICES {
        let db = Db::open(&backend, schema).unwrap();
        db.migrate().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(db.pending().await.unwrap(), [""; 0], "{name}");
        db.ping().await.unwrap();
    }
}

/// The lock that makes positions rise in commit order is one of the transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_watcher_misses_an_event_behind_a_pooler() {
    let between = pooler(3).await;
    let db = Db::open(&behind(&between, Pooler::Transaction).await, &things::SCHEMA).unwrap();
    db.migrate().await.unwrap();
    let stop = CancellationToken::new();
    let feed = Feed::start(db.clone(), stop.clone(), &TaskTracker::new());
    let mut watcher = feed.watch(Some(0));
    let mut writers = JoinSet::new();
    for writer in 0..6 {
        let db = db.clone();
        writers.spawn(async move {
            for n in 0..20 {
                let mut tx = GlobalTx::begin(&db).await.unwrap();
                tx.emit(&things::event(format!("{writer}/{n}")));
                tx.commit().await.unwrap();
            }
        });
    }
    let (mut seen, mut last) = (HashSet::new(), 0);
    let all = timeout(Duration::from_secs(60), async {
        while seen.len() < 120 {
            for event in watcher.next().await.unwrap().unwrap().events {
                assert!(event.position > last, "{} came after {last}", event.position);
                last = event.position;
                assert!(seen.insert(event.subject), "an event came twice");
            }
        }
    });
    assert!(all.await.is_ok(), "only {} of 120 events came", seen.len());
    writers.join_all().await;
    stop.cancel();
}

#[tokio::test]
async fn whoever_forgets_the_setting_is_told_of_it() {
    let between = pooler(1).await;
    let backend = behind(&between, Pooler::None).await;
    let db = Db::open(&backend, &things::SCHEMA).unwrap();
    db.migrate().await.unwrap();
    let error = db.ping().await.unwrap_err();
    assert!(matches!(error, Error::Setup(_)), "{error:?}");
    assert!(error.to_string().contains("database.pooler: transaction"), "{error}");
}

#[tokio::test]
async fn migrations_need_a_way_past_the_pooler() {
    let between = pooler(1).await;
    let Backend::Postgres { url, max_connections, pooler, .. } = behind(&between, Pooler::Transaction).await else {
        unreachable!("it is PostgreSQL")
    };
    let db = Db::open(&Backend::Postgres { url, admin_url: None, max_connections, pooler }, &things::SCHEMA).unwrap();
    let refused = db.migrate().await.unwrap_err();
    assert!(refused.to_string().contains("set database.admin_url"), "{refused}");
}

#[tokio::test]
async fn a_pooler_that_is_away_is_an_outage_and_no_more() {
    let mut between = pooler(2).await;
    let db = Db::open(&behind(&between, Pooler::Transaction).await, &things::SCHEMA).unwrap();
    db.migrate().await.unwrap();
    db.ping().await.unwrap();
    between.kill().await.unwrap();
    let error = db.ping().await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}
