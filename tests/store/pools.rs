//! Two faults of the driver's pools that the store keeps from everybody: a transaction that was begun for a caller
//! who had left, and a pool of one connection that loses count.

use crate::{postgres, things};
use std::time::Duration;
use store::{Backend, Db, GlobalTx, Pooler, SystemTx, WorkspaceTx, testing};
use tokio::{task::JoinSet, time::timeout};

/// Begins for a caller who leaves before the answer is there.
async fn begin_and_leave(db: &Db, polls: usize) {
    let mut begin = Box::pin(SystemTx::begin(db, "leave"));
    for _ in 0..polls {
        // Each poll goes as far as it can without waiting: the first sends the statement.
        if futures::poll!(begin.as_mut()).is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn after_a_caller_who_left_nobody_inherits_what_they_may_see_and_no_write_is_lost() {
    let fresh = postgres(&things::SCHEMA).await;
    let Backend::Postgres { url, .. } = &fresh.backend else { unreachable!("it is PostgreSQL") };
    let one = Backend::Postgres { url: url.clone(), admin_url: None, max_connections: 1, pooler: Pooler::None };
    let db = Db::open(&one, &things::SCHEMA).unwrap();
    let tenant = things::workspace();
    let mut tx = WorkspaceTx::begin(&db, tenant).await.unwrap();
    things::add(&mut tx, tenant, "private").await.unwrap();
    tx.commit().await.unwrap();

    for round in 0..60 {
        begin_and_leave(&db, round % 4).await;
        let mut tx = GlobalTx::begin(&db).await.unwrap();
        assert_eq!(things::names(&mut tx).await, [""; 0], "round {round}: the next caller saw a tenant's rows");
        things::say(&mut tx, &round.to_string()).await.unwrap();
        tx.commit().await.unwrap();
        let seen = things::words(&mut GlobalTx::read(&fresh).await.unwrap()).await;
        assert_eq!(seen, round as i64 + 1, "round {round}: somebody else does not see the write");
    }
}

#[tokio::test]
async fn a_caller_who_left_leaves_no_transaction_open() {
    let fresh = postgres(&things::SCHEMA).await;
    let db = Db::open(&fresh.backend, &things::SCHEMA).unwrap();
    // A connection that waits in the pool, so that the first poll sends its statement.
    db.ping().await.unwrap();
    begin_and_leave(&db, 1).await;
    let idle = things::sql(
        "select cast(count(*) as bigint) as n from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'",
    );
    for attempt in 0.. {
        let mut tx = GlobalTx::read(&fresh).await.unwrap();
        let (open,): (i64,) = tx.fetch_one(idle, &[]).await.unwrap();
        if open == 0 {
            return;
        }
        assert!(attempt < 100, "{open} transactions stay open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pool_of_one_connection_survives_being_hammered() {
    let db = testing::sqlite(&things::SCHEMA).await;
    let mut tasks = JoinSet::new();
    for task in 0..32 {
        let db = db.db.clone();
        tasks.spawn(async move {
            for n in 0..40 {
                match n % 4 {
                    // Some leave at any point, some undo, some read, and some write.
                    0 => drop(timeout(Duration::from_micros(task * 20), GlobalTx::begin(&db)).await),
                    1 => drop(GlobalTx::begin(&db).await.unwrap()),
                    2 => drop(things::words(&mut GlobalTx::read(&db).await.unwrap()).await),
                    _ => {
                        let mut tx = GlobalTx::begin(&db).await.unwrap();
                        things::say(&mut tx, &format!("{task} {n}")).await.unwrap();
                        tx.commit().await.unwrap();
                    }
                }
            }
        });
    }
    let all = timeout(Duration::from_secs(60), tasks.join_all()).await;
    assert!(all.is_ok(), "the pool hangs");
    assert_eq!(things::words(&mut GlobalTx::read(&db).await.unwrap()).await, 32 * 10);
}
