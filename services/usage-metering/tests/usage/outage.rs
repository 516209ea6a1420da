use crate::world::*;
use proto::{Reason, usage::*};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use store::{Backend, Db};
use tokio::net::{TcpListener, TcpStream};
use usage_metering::{Config, SCHEMA};

#[tokio::test]
async fn while_sqlite_is_locked_the_journal_goes_on_and_everything_appears_later() {
    let world = World::embedded().await;
    let locked = world.lock().await;
    let started = Instant::now();
    let mut ids = vec![];
    for _ in 0..20 {
        ids.push(world.complete(&world.ask()).await);
    }
    assert!(started.elapsed() < Duration::from_secs(1), "nobody waited for the database");
    drop(locked);
    for id in ids {
        eventually(Duration::from_secs(10), async || world.log(&id).await).await;
    }
    assert_eq!(world.rows("usage").await, 20);
}

#[tokio::test]
async fn a_full_journal_refuses_until_the_database_takes_it_over() {
    let config = Config { journal_max_bytes: 2_000, ..quick() };
    let world = World::at(Place::Embedded, config).await.unwrap();
    let locked = world.lock().await;
    let mut admitted = vec![];
    let failure = loop {
        let ask = world.ask();
        match world.admit(&ask).await {
            Ok(_) => admitted.push(ask),
            Err(failure) => break failure,
        }
        assert!(admitted.len() < 100, "2,000 bytes are full");
    };
    assert_eq!(failure.reason, Reason::ServiceUnavailable);
    assert!(failure.message.contains("journal is full"), "{failure}");
    for ask in &admitted {
        world.settle(ask.completed()).await.expect("what was admitted can end");
    }
    drop(locked);
    eventually(Duration::from_secs(10), async || world.admit(&world.ask()).await.ok()).await;
    assert_eq!(usize::try_from(world.rows("usage").await).unwrap(), admitted.len());
}

#[tokio::test]
async fn a_database_that_is_away_is_an_answer_in_time_and_comes_back_by_itself() {
    let Some(fresh) = store::testing::postgres(&SCHEMA).await else { return };
    let (backend, up) = proxied(&fresh.backend).await;
    let db = Db::open(&backend, &SCHEMA).unwrap();
    let world = World::with_db(db, None, Config::default(), None).await.unwrap();
    let before = world.ask();
    world.admit(&before).await.unwrap();
    up.store(false, SeqCst);
    let (lost, failure, waited) = eventually(Duration::from_secs(10), async || {
        let (ask, started) = (world.ask(), Instant::now());
        let failure = world.admit(&ask).await.err()?;
        Some((ask, failure, started.elapsed()))
    })
    .await;
    assert_eq!(failure.reason, Reason::ServiceUnavailable);
    assert!(waited < Duration::from_millis(4_500), "{waited:?}");
    let failure = world.settle(before.completed()).await.unwrap_err();
    assert_eq!(failure.reason, Reason::ServiceUnavailable);
    up.store(true, SeqCst);
    eventually(Duration::from_secs(15), async || world.admit(&world.ask()).await.ok()).await;
    assert!(!world.settle(before.completed()).await.unwrap().already_settled);
    assert_eq!(world.settle(lost.completed()).await.unwrap_err().reason, Reason::SettleUnknown);
}

#[tokio::test]
async fn what_is_settled_while_the_process_stops_is_written() {
    for world in everywhere().await {
        let ask = world.ask();
        world.admit(&ask).await.unwrap();
        world.tasks.stopping().cancel();
        world.settle(ask.completed()).await.unwrap();
        world.service.flush().await.unwrap();
        assert_eq!(world.log(&ask.request_id()).await.unwrap().outcome, "completed");
        assert!(world.tasks.shutdown(Duration::from_secs(5)).await, "nothing hangs");
    }
}

#[tokio::test]
async fn a_process_that_stops_while_sqlite_is_locked_says_so_and_the_next_one_catches_up() {
    let world = World::embedded().await;
    let locked = world.lock().await;
    let id = world.complete(&world.ask()).await;
    world.tasks.stopping().cancel();
    world.service.flush().await.unwrap_err();
    assert!(world.tasks.shutdown(Duration::from_secs(15)).await, "nothing hangs");
    drop(locked);
    let (fresh, dir, workspace) = (world.fresh.clone().unwrap(), world.dir.clone(), world.workspace);
    let mut next = World::open(fresh, dir, quick(), None).await.unwrap();
    next.workspace = workspace;
    assert_eq!(next.log(&id).await.unwrap().outcome, "completed");
}

#[tokio::test]
async fn of_too_many_refusals_the_oldest_are_dropped() {
    let config = Config { refusals_max: 2, ..quick() };
    let world = World::at(Place::Embedded, config).await.unwrap();
    let locked = world.lock().await;
    let mut ids = vec![];
    for _ in 0..5 {
        let subject = world.ask().0.subject;
        ids.push(subject.as_ref().unwrap().request_id.clone());
        let end = RequestEnd { outcome: Outcome::Rejected.into(), status_code: 429, ..RequestEnd::default() };
        let refusal = RecordRefusalRequest { subject, request_end: Some(end) };
        world.usage.record_refusal(&world.call(), refusal).await.unwrap();
    }
    drop(locked);
    eventually(Duration::from_secs(10), async || world.log(&ids[4]).await).await;
    assert!(world.log(&ids[3]).await.is_some());
    assert!(world.log(&ids[0]).await.is_none());
}

/// The same database behind a wire that can be cut.
async fn proxied(backend: &Backend) -> (Backend, Arc<AtomicBool>) {
    let Backend::Postgres { url, .. } = backend else { panic!("only servers have a wire") };
    let (head, rest) = url.split_once('@').map_or_else(
        || url.split_once("://").map(|(scheme, rest)| (format!("{scheme}://"), rest)).unwrap(),
        |(head, rest)| (format!("{head}@"), rest),
    );
    let (server, name) = rest.split_once('/').unwrap();
    let server = if server.contains(':') { server.to_owned() } else { format!("{server}:5432") };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("{head}{}/{name}", listener.local_addr().unwrap());
    let up = Arc::new(AtomicBool::new(true));
    let gate = up.clone();
    #[expect(clippy::disallowed_methods, reason = "the test's runtime ends it")]
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            if !gate.load(SeqCst) {
                continue;
            }
            let (gate, server) = (gate.clone(), server.clone());
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    () = async { while gate.load(SeqCst) { tokio::time::sleep(Duration::from_millis(5)).await } } => {}
                }
            });
        }
    });
    (Backend::Postgres { url, admin_url: None, max_connections: 3, pooler: store::Pooler::None }, up)
}
