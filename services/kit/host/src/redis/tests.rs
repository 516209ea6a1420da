//! Redis that is there, away, and there again.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[tokio::test]
async fn nobody_waits_for_one_that_is_away_twice_within_a_second() {
    // A server that takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Secret::from(format!("redis://{}", silent.local_addr().unwrap()));
    let redis = Redis::new(&url, Duration::from_millis(50), "nothing is kept").unwrap();
    let waited = AtomicUsize::new(0);
    let ask = async || {
        let began = Instant::now();
        let answer: Option<()> = redis.ask("PING", |_| async { Ok(()) }).await;
        waited.fetch_add(usize::from(began.elapsed() >= Duration::from_millis(50)), SeqCst);
        answer
    };
    for _ in 0..100 {
        assert_eq!(ask().await, None);
    }
    assert_eq!(waited.load(SeqCst), 1, "only the first one waits");
    tokio::time::sleep(PAUSE).await;
    assert_eq!(ask().await, None);
    assert_eq!(waited.load(SeqCst), 2, "it may be back");
}

#[tokio::test]
async fn one_that_answers_is_asked_each_time() {
    #[expect(clippy::disallowed_methods, reason = "the test environment says where its Redis is")]
    let Ok(url) = std::env::var("PERPETUO_TEST_REDIS_URL") else { return };
    let redis = Redis::new(&Secret::from(url), Duration::from_secs(5), "nothing is kept").unwrap();
    let ping = |mut redis| async move { ::redis::cmd("PING").query_async::<String>(&mut redis).await };
    for _ in 0..3 {
        assert_eq!(redis.ask("PING", ping).await.as_deref(), Some("PONG"));
    }
}
