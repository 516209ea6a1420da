//! Events as watchers meet them.

use crate::things::{self, SCHEMA, event};
use chrono::TimeDelta;
use futures::{StreamExt as _, stream::BoxStream};
use proto::feed::{Event, WatchResponse};
use std::time::Duration;
use store::{
    Db, GlobalTx, SystemTx,
    outbox::{self, Feed},
    testing,
};
use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::Status;

type Stream = BoxStream<'static, Result<WatchResponse, Status>>;

async fn emit(db: &Db, subjects: std::ops::Range<usize>) {
    let mut tx = GlobalTx::begin(db).await.unwrap();
    for n in subjects {
        tx.emit(&event("thing.added", n));
    }
    tx.commit().await.unwrap();
}

async fn next(stream: &mut Stream) -> WatchResponse {
    timeout(Duration::from_secs(10), stream.next()).await.expect("a heartbeat").expect("no end").expect("no error")
}

/// The next `n` events.
async fn take(stream: &mut Stream, n: usize) -> Vec<Event> {
    let mut events = vec![];
    while events.len() < n {
        events.extend(next(stream).await.events);
    }
    events
}

fn subjects(events: &[Event]) -> Vec<usize> {
    events.iter().map(|e| e.subject.parse().unwrap()).collect()
}

fn feed(db: &Db) -> (Feed, CancellationToken) {
    let stop = CancellationToken::new();
    (Feed::start(db.clone(), stop.clone(), &TaskTracker::new()), stop)
}

#[tokio::test]
async fn a_watcher_hears_of_a_commit_and_of_nothing_that_was_undone() {
    for db in testing::both(&SCHEMA).await {
        let (feed, _stop) = feed(&db);
        let mut watcher = feed.watch(None);
        assert!(next(&mut watcher).await.events.is_empty());
        let mut undone = GlobalTx::begin(&db).await.unwrap();
        undone.emit(&event("thing.undone", 0));
        drop(undone);
        let sent = event("thing.added", 1);
        let mut tx = GlobalTx::begin(&db).await.unwrap();
        tx.emit(&sent);
        tx.commit().await.unwrap();
        let got = take(&mut watcher, 1).await.remove(0);
        assert_eq!((got.id.as_str(), got.kind.as_str()), (sent.id.to_string().as_str(), "thing.added"));
        assert_eq!(got.at.and_then(proto::time::from_proto), Some(sent.at));
        assert_eq!((got.payload.as_str(), got.actor.as_str()), (r#"{"n":1}"#, "service:identity"));
    }
}

#[tokio::test]
async fn a_watcher_in_another_process_hears_of_it_within_a_second() {
    for db in testing::both(&SCHEMA).await {
        let other = Db::open(&db.backend, &SCHEMA).unwrap();
        let (feed, _stop) = feed(&other);
        let mut watcher = feed.watch(None);
        next(&mut watcher).await;
        emit(&db, 0..1).await;
        let heard = timeout(Duration::from_secs(1), take(&mut watcher, 1)).await;
        assert!(heard.is_ok(), "a second was not enough");
    }
}

#[tokio::test]
async fn a_reader_that_was_away_goes_on_where_it_was_in_order_and_without_repeats() {
    for db in testing::both(&SCHEMA).await {
        emit(&db, 0..700).await;
        let (feed, _stop) = feed(&db);
        let first = take(&mut feed.watch(Some(0)), 600).await;
        let position = first[249].position;
        let mut again = feed.watch(Some(position));
        emit(&db, 700..720).await;
        let rest = take(&mut again, 470).await;
        assert_eq!(subjects(&rest), (250..720).collect::<Vec<_>>());
        assert!(rest.iter().is_sorted_by(|a, b| a.position < b.position));
    }
}

#[tokio::test]
async fn a_slow_watcher_misses_nothing() {
    let db = testing::sqlite(&SCHEMA).await;
    let (feed, _stop) = feed(&db);
    let mut slow = feed.watch(None);
    next(&mut slow).await;
    let mut quick = feed.watch(None);
    for n in 0..80 {
        emit(&db, n..n + 1).await;
        // Each event is a batch of its own, and there are more of them than the backlog holds.
        take(&mut quick, 1).await;
    }
    assert_eq!(subjects(&take(&mut slow, 80).await), (0..80).collect::<Vec<_>>());
}

#[tokio::test]
async fn batches_are_small_and_each_says_where_to_go_on() {
    let db = testing::sqlite(&SCHEMA).await;
    emit(&db, 0..1200).await;
    let (feed, _stop) = feed(&db);
    let mut watcher = feed.watch(Some(0));
    let mut seen = 0;
    while seen < 1200 {
        let batch = next(&mut watcher).await;
        assert!(batch.events.len() <= 500);
        assert_eq!(batch.events.last().map_or(batch.position, |e| e.position), batch.position);
        seen += batch.events.len();
    }
}

#[tokio::test]
async fn a_position_beyond_the_end_starts_at_the_end() {
    for db in testing::both(&SCHEMA).await {
        emit(&db, 0..3).await;
        let (feed, _stop) = feed(&db);
        let mut watcher = feed.watch(Some(1_000_000));
        assert_eq!(next(&mut watcher).await.position, 3);
        emit(&db, 3..4).await;
        assert_eq!(subjects(&take(&mut watcher, 1).await), [3]);
    }
}

#[tokio::test]
async fn streams_end_when_the_process_stops() {
    let db = testing::sqlite(&SCHEMA).await;
    let (feed, stop) = feed(&db);
    let mut watcher = feed.watch(None);
    next(&mut watcher).await;
    stop.cancel();
    let ended = timeout(Duration::from_secs(5), async { while watcher.next().await.is_some() {} }).await;
    assert!(ended.is_ok());
    assert!(feed.watch(None).next().await.is_none());
}

#[tokio::test]
async fn old_events_can_be_deleted_and_positions_go_on_rising() {
    for db in testing::both(&SCHEMA).await {
        emit(&db, 0..5).await;
        let now = things::now();
        assert_eq!(outbox::prune(&db, now - TimeDelta::hours(1)).await.unwrap(), 0);
        assert_eq!(outbox::prune(&db, now + TimeDelta::hours(1)).await.unwrap(), 4);
        emit(&db, 5..6).await;
        let (feed, _stop) = feed(&db);
        let left = take(&mut feed.watch(Some(0)), 2).await;
        assert_eq!(left.iter().map(|e| e.position).collect::<Vec<_>>(), [5, 6]);
    }
}

#[tokio::test]
async fn on_postgresql_only_the_system_reads_what_was_published() {
    let Some(db) = testing::postgres(&SCHEMA).await else { return };
    emit(&db, 0..2).await;
    let all = things::same("select subject from outbox");
    let seen = GlobalTx::read(&db).await.unwrap().fetch_all::<(String,)>(all, &[]).await.unwrap().len();
    assert_eq!(seen, 0);
    let seen = SystemTx::read(&db, "look").await.unwrap().fetch_all::<(String,)>(all, &[]).await.unwrap().len();
    assert_eq!(seen, 2);
}
