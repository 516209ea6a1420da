//! Many transactions of many tenants on few connections: some commit, some give up, some fail, some panic, and some are left
//! at any point where they wait. Nobody sees or changes what is another's, and no connection is lost.

mod ends;
mod one;

use crate::{empty_postgres, postgres, things};
use ends::Ends;
use futures::FutureExt as _;
use one::{Meant, One};
use proto::id::WorkspaceId;
use rand::{SeedableRng as _, rngs::StdRng};
use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use store::{Backend, Db, Error, GlobalTx, Pooler, SystemTx, WorkspaceTx, testing};
use tests::server::{POSTGRES, PgBouncer, url};
use tokio::{task::JoinSet, time::timeout};

const TRANSACTIONS: u64 = 10_000;
const AT_ONCE: usize = 64;
const TENANTS: usize = 8;
const SEED: u64 = 20_261_130;

/// What all of them share.
struct Crowd {
    db: Db,
    tenants: Vec<WorkspaceId>,
    next: AtomicU64,
    refused: AtomicU64,
    ends: Ends,
}

/// It takes 40 seconds where nothing else runs; machines that are busy may take longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs all transactions, and looks at what is left. So many may write at once.
#[expect(clippy::print_stdout, reason = "how long it takes is shown with --nocapture")]
async fn hammer(db: Db, connections: u32) {
    let begun = Instant::now();
    let tenants = (0..TENANTS).map(|_| things::workspace()).collect();
    let (next, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let crowd = Arc::new(Crowd { db, tenants, next, refused, ends: Ends::default() });
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        workers.spawn(work(crowd.clone()));
    }
    let all = timeout(PATIENCE, workers.join_all()).await;
    let run = crowd.next.load(Relaxed).min(TRANSACTIONS);
    assert!(all.is_ok(), "after {PATIENCE:?} {run} transactions were run");
    settled(&crowd, connections).await;
    let refused = crowd.refused.load(Relaxed);
    assert!(refused < TRANSACTIONS / 100, "{refused} transactions did not even begin");
    println!("{run} transactions in {:?}: {}, {refused} refused", begun.elapsed(), crowd.ends);
}

async fn work(crowd: Arc<Crowd>) {
    loop {
        let number = crowd.next.fetch_add(1, Relaxed);
        if number >= TRANSACTIONS {
            return;
        }
        let one = One::drawn(number, &mut StdRng::seed_from_u64(SEED ^ number), &crowd.tenants);
        match AssertUnwindSafe(one.run(&crowd)).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(Error::Busy { .. } | Error::Unavailable { .. })) => drop(crowd.refused.fetch_add(1, Relaxed)),
            Ok(Err(error)) => panic!("transaction {number} failed: {error:?}"),
            // Whatever else panics is a finding.
            Err(panic) if panic.is::<Meant>() => crowd.ends.panicked(),
            Err(finding) => std::panic::resume_unwind(finding),
        }
    }
}

/// What is in the tables is what was committed, each under its owner; and all connections are there, and good.
async fn settled(crowd: &Crowd, connections: u32) {
    let db = &crowd.db;
    let mut tx = SystemTx::read(db, "look").await.unwrap();
    let all = things::sql("select workspace_id, name from things order by id");
    let rows: Vec<(WorkspaceId, String)> = tx.fetch_all(all, &[]).await.unwrap();
    tx.commit().await.unwrap();
    crowd.ends.check(&rows, &crowd.tenants);

    let mut held = vec![];
    for n in 0..connections {
        let begun = timeout(Duration::from_secs(10), GlobalTx::begin(db)).await;
        held.push(begun.expect("a connection is lost").unwrap_or_else(|error| panic!("connection {n}: {error}")));
    }
    for tx in held {
        tx.commit().await.unwrap();
    }
    for attempt in 0.. {
        if db.connections().in_use == 0 {
            break;
        }
        assert!(attempt < 100, "some are never given back: {:?}", db.connections());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for tenant in &crowd.tenants {
        let mut tx = WorkspaceTx::read(db, *tenant).await.unwrap();
        one::look(&mut tx, Some(*tenant), db.is_sqlite()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Nobody sits in a transaction on the server once all have gone.
async fn nobody_waits(db: &Db) {
    let idle = things::sql(
        "select cast(count(*) as bigint) as n from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'",
    );
    for attempt in 0.. {
        let (open,): (i64,) = GlobalTx::read(db).await.unwrap().fetch_one(idle, &[]).await.unwrap();
        if open == 0 {
            return;
        }
        assert!(attempt < 100, "{open} transactions stay open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_two_connections_of_postgresql_ten_thousand_transactions_keep_their_tenants_apart() {
    let fresh = postgres(&things::SCHEMA).await;
    let Backend::Postgres { url, .. } = &fresh.backend else { unreachable!("it is PostgreSQL") };
    let two = Backend::Postgres { url: url.clone(), admin_url: None, max_connections: 2, pooler: Pooler::None };
    hammer(Db::open(&two, &things::SCHEMA).unwrap(), 2).await;
    nobody_waits(&fresh).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_ten_thousand_transactions_lose_nothing_and_no_connection() {
    hammer(testing::sqlite(&things::SCHEMA).await.db.clone(), 1).await;
}

/// Sixteen of ours on two of PostgreSQL: each transaction may be on another one, after anybody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_pooler_with_two_connections_ten_thousand_transactions_keep_their_tenants_apart() {
    let bouncer = PgBouncer::start(&url(POSTGRES).unwrap(), 2).await.unwrap();
    let Backend::Postgres { url: direct, .. } = empty_postgres().await else { unreachable!("it is PostgreSQL") };
    let backend = Backend::Postgres {
        url: bouncer.before(&direct).unwrap(),
        admin_url: Some(direct),
        max_connections: 16,
        pooler: Pooler::Transaction,
    };
    let db = Db::open(&backend, &things::SCHEMA).unwrap();
    db.migrate().await.unwrap();
    hammer(db.clone(), 2).await;
    nobody_waits(&db).await;
}

#[test]
fn what_is_drawn_is_the_same_each_time() {
    let tenants: Vec<_> = (0..TENANTS).map(|_| things::workspace()).collect();
    let draw = |n| One::drawn(n, &mut StdRng::seed_from_u64(SEED ^ n), &tenants);
    let all: Vec<One> = (0..TRANSACTIONS).map(draw).collect();
    assert_eq!(all, (0..TRANSACTIONS).map(draw).collect::<Vec<_>>());
    for wanted in one::How::ALL {
        let found = all.iter().filter(|one| one.how == wanted).count();
        assert!(found > 500, "only {found} of {TRANSACTIONS} transactions are {wanted:?}");
    }
    let left = all.iter().filter(|one| one.leaves_after.is_some()).count();
    assert!(left > 1_000, "only {left} of {TRANSACTIONS} transactions are left half way");
}
