//! Events of many writers, in the order in which they were committed.

use crate::{postgres, things};
use futures::StreamExt as _;
use std::{collections::HashSet, time::Duration};
use store::{Db, GlobalTx, outbox::Feed};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const WRITERS: usize = 8;
const TRANSACTIONS: usize = 15;
const EVENTS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_watcher_misses_an_event_however_many_write_at_once() {
    let fresh = postgres(&things::SCHEMA).await;
    // Another process watches while these write: it sees positions as they become visible, not as they are drawn.
    let reader = Db::open(&fresh.backend, &things::SCHEMA).unwrap();
    let stop = CancellationToken::new();
    let feed = Feed::start(reader, stop.clone(), &TaskTracker::new());
    let mut watcher = feed.watch(Some(0));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let backend = fresh.backend.clone();
        writers.spawn(async move {
            let db = Db::open(&backend, &things::SCHEMA).unwrap();
            for n in 0..TRANSACTIONS {
                let mut tx = GlobalTx::begin(&db).await.unwrap();
                for event in 0..EVENTS {
                    tx.emit(&things::event(format!("{writer}/{n}/{event}")));
                }
                tx.commit().await.unwrap();
            }
        });
    }
    let mut seen = HashSet::new();
    let mut last = 0;
    let all = timeout(Duration::from_secs(60), async {
        while seen.len() < WRITERS * TRANSACTIONS * EVENTS {
            for event in watcher.next().await.unwrap().unwrap().events {
                assert!(event.position > last, "{} came after {last}", event.position);
                last = event.position;
                assert!(seen.insert(event.subject), "an event came twice");
            }
        }
    });
    assert!(all.await.is_ok(), "only {} of {} events came", seen.len(), WRITERS * TRANSACTIONS * EVENTS);
    writers.join_all().await;
    stop.cancel();
}
