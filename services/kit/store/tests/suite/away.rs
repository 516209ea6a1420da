//! PostgreSQL that is away at start, or goes away while running.

use crate::{eventually, things, things::SCHEMA};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use store::{Backend, Db, Error, GlobalTx, Pooler, outbox::Feed, testing};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A wire to the server that can be cut. Dropping it cuts every connection and refuses new ones.
struct Wire {
    _connections: JoinSet<()>,
}

impl Wire {
    async fn lay(from: SocketAddr, to: String) -> Self {
        let listener = TcpListener::bind(from).await.unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut pairs = JoinSet::new();
            while let Ok((mut inward, _)) = listener.accept().await {
                let mut outward = TcpStream::connect(&to).await.unwrap();
                pairs.spawn(async move { tokio::io::copy_bidirectional(&mut inward, &mut outward).await.map(drop) });
            }
        });
        Self { _connections: tasks }
    }
}

/// A database behind a wire that is not laid yet.
async fn far() -> Option<(Db, SocketAddr, String)> {
    let Backend::Postgres { url, .. } = testing::postgres_backend().await? else { unreachable!("it is PostgreSQL") };
    let parsed = url::Url::parse(&url).unwrap();
    let to = format!("{}:{}", parsed.host_str().unwrap(), parsed.port().unwrap_or(5432));
    let from = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut behind = parsed;
    behind.set_port(Some(from.port())).unwrap();
    behind.set_host(Some("127.0.0.1")).unwrap();
    let backend = Backend::Postgres { url: behind.into(), admin_url: None, max_connections: 4, pooler: Pooler::None };
    Some((Db::open(&backend, &SCHEMA).unwrap(), from, to))
}

#[tokio::test]
async fn a_process_starts_before_its_database_and_survives_its_absence() {
    let Some((db, from, to)) = far().await else { return };
    let started = Instant::now();
    let error = db.ping().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(5), "the wait had no end: {:?}", started.elapsed());

    let wire = Wire::lay(from, to.clone()).await;
    db.migrate().await.unwrap();
    // Several connections, all of which will be dead.
    let open = futures::future::join_all((0..4).map(|_| GlobalTx::read(&db))).await;
    assert!(open.iter().all(Result::is_ok));
    drop(open);
    drop(wire);
    assert!(db.ping().await.is_err());

    let _wire = Wire::lay(from, to).await;
    // The first try, although every pooled connection is dead.
    db.ping().await.unwrap();
}

#[tokio::test]
async fn a_feed_is_silent_while_its_database_is_away_and_then_goes_on_where_it_was() {
    use futures::StreamExt as _;
    let Some((db, from, to)) = far().await else { return };
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let feed = Feed::start(db.clone(), stop.clone(), &tasks);
    let mut watcher = feed.watch(None);
    let early = tokio::time::timeout(Duration::from_millis(600), watcher.next()).await;
    assert!(early.is_err(), "a heartbeat without a database: {early:?}");

    let wire = Wire::lay(from, to.clone()).await;
    db.migrate().await.unwrap();
    let first = tokio::time::timeout(Duration::from_secs(10), watcher.next()).await.unwrap().unwrap().unwrap();
    assert!(first.events.is_empty());
    drop(wire);
    let silent = eventually(|| async {
        tokio::time::timeout(Duration::from_millis(600), feed.watch(None).skip(1).next()).await.is_err()
    });
    assert!(silent.await, "heartbeats went on without a database");

    let _wire = Wire::lay(from, to).await;
    let mut tx = GlobalTx::begin(&db).await.unwrap();
    tx.emit(&things::event("thing.added", 1));
    tx.commit().await.unwrap();
    let events = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            let batch = watcher.next().await.unwrap().unwrap();
            if !batch.events.is_empty() {
                return batch.events;
            }
        }
    });
    assert_eq!(events.await.unwrap().len(), 1);
    stop.cancel();
}
