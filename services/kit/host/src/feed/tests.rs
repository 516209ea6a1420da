//! A reader of a feed whose connection fares badly.

use super::*;
use crate::testing::Feed;
use std::sync::Mutex;

struct Reader {
    tail: Tail,
    seen: Arc<Mutex<Vec<String>>>,
    tasks: Tasks,
}

fn read(feed: &Feed) -> Reader {
    let (tasks, seen) = (Tasks::new(), Arc::new(Mutex::new(Vec::new())));
    let (feed, log) = (feed.clone(), seen.clone());
    let open = move |after| std::future::ready(feed.watch(after));
    let on_event = move |event: Event| {
        log.lock().unwrap().push(event.subject);
        std::future::ready(Ok(()))
    };
    Reader { tail: Tail::start("test feed", open, on_event, &tasks), seen, tasks }
}

async fn wait(millis: u64) {
    sleep(Duration::from_millis(millis)).await;
}

#[tokio::test(start_paused = true)]
async fn after_an_interruption_it_goes_on_where_it_stopped() {
    let feed = Feed::default();
    feed.emit("thing.made", "", "before anybody listened");
    let reader = read(&feed);
    wait(100).await;
    feed.emit("thing.made", "", "one");
    feed.emit("thing.made", "", "two");
    wait(200).await;
    feed.away.store(true, SeqCst);
    feed.cut();
    wait(200).await;
    feed.emit("thing.made", "", "while it was away");
    feed.away.store(false, SeqCst);
    wait(3_000).await;
    assert_eq!(*reader.seen.lock().unwrap(), ["one", "two", "while it was away"]);
    assert_eq!(feed.opened(), [None, Some(3)]);
}

#[tokio::test(start_paused = true)]
async fn trust_fades_with_silence_and_returns_with_the_first_heartbeat() {
    let feed = Feed::default();
    let reader = read(&feed);
    assert_eq!(reader.tail.freshness(), Freshness::Lost, "nothing has been heard yet");
    wait(200).await;
    assert_eq!(reader.tail.freshness(), Freshness::Fresh);
    feed.muted.store(true, SeqCst);
    wait(900).await;
    assert_eq!(reader.tail.freshness(), Freshness::Fresh);
    wait(300).await;
    assert_eq!(reader.tail.freshness(), Freshness::Silent);
    wait(4_000).await;
    assert_eq!(reader.tail.freshness(), Freshness::Lost);
    assert!(feed.opened().len() > 1, "a connection that says nothing is given up");
    feed.muted.store(false, SeqCst);
    wait(200).await;
    assert_eq!(reader.tail.freshness(), Freshness::Fresh);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_cannot_be_handled_comes_again() {
    let feed = Feed::default();
    let tasks = Tasks::new();
    let attempts = Arc::new(AtomicU64::new(0));
    let (source, count) = (feed.clone(), attempts.clone());
    let on_event = move |_| {
        let first = count.fetch_add(1, SeqCst) == 0;
        async move { if first { Err(Status::unavailable("the database is away")) } else { Ok(()) } }
    };
    let tail = Tail::start("test feed", move |after| std::future::ready(source.watch(after)), on_event, &tasks);
    wait(200).await;
    feed.emit("thing.made", "", "one");
    wait(1_000).await;
    assert_eq!(attempts.load(SeqCst), 2);
    assert_eq!(tail.position(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn reopening_does_not_hammer_a_service_that_is_away() {
    let feed = Feed::default();
    let reader = read(&feed);
    wait(200).await;
    feed.cut();
    for _ in 0..60 {
        feed.cut();
        wait(1_000).await;
    }
    assert!(feed.opened().len() < 200, "{}", feed.opened().len());
    assert!(reader.tasks.shutdown(Duration::from_secs(1)).await, "it ends with the process");
}

/// What is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn complains(&self) -> bool {
        String::from_utf8_lossy(&self.0.lock().unwrap()).contains("feed interrupted")
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_no_interruption_and_a_feed_that_goes_away_is_one() {
    let log = Log::default();
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || written.clone()).finish();
    let _here = tracing::subscriber::set_default(subscriber);
    let feed = Feed::default();
    let reader = read(&feed);
    wait(200).await;
    // Who owns it stops a moment earlier than who reads it.
    feed.away.store(true, SeqCst);
    feed.cut();
    wait(20).await;
    assert!(reader.tasks.shutdown(Duration::from_secs(1)).await);
    assert!(!log.complains());
    feed.away.store(false, SeqCst);
    let reader = read(&feed);
    wait(200).await;
    feed.away.store(true, SeqCst);
    feed.cut();
    wait(1_000).await;
    assert!(log.complains());
    drop(reader);
}
