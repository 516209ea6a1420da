//! The protection, with a runtime that really is too busy.

use super::*;
use tokio::time::Instant;

async fn busy(overload: &Overload, each: Duration, tasks: usize) -> Vec<tokio::task::JoinHandle<()>> {
    let until = Instant::now() + Duration::from_millis(1500);
    let work = || async move {
        while Instant::now() < until {
            let end = std::time::Instant::now() + each;
            while std::time::Instant::now() < end {
                std::hint::spin_loop();
            }
            tokio::task::yield_now().await;
        }
    };
    let tracker = tokio_util::task::TaskTracker::new();
    (0..tasks).map(|_| tracker.spawn(overload.observe(work()))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_much_work_is_turned_away_and_a_little_is_not() {
    let (overload, tasks) = (Overload::new(&Config { max_wait_ms: 10 }), Tasks::new());
    overload.watch(&tasks);
    // Forty pieces of 2 ms take turns on two processors: each waits 40 ms for its own.
    let work = busy(&overload, Duration::from_millis(2), 40).await;
    let mut refused = None;
    for _ in 0..350 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        refused = refused.or(overload.admit().err());
    }
    let refused = refused.expect("somebody is turned away");
    assert_eq!((refused.reason, refused.retry_after), (Reason::Overloaded, Some(Duration::from_secs(1))));
    futures::future::join_all(work).await;
    let calm = async {
        while overload.0.share.load(Relaxed) > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), calm).await.expect("calm again");
    assert!((0..1000).all(|_| overload.admit().is_ok()));
    tasks.shutdown(Duration::from_secs(1)).await;
}

#[test]
fn exactly_the_share_is_turned_away_evenly() {
    let overload = Overload::default();
    overload.0.share.store(1 << 30, Relaxed);
    let refused: Vec<bool> = (0..400).map(|_| overload.admit().is_err()).collect();
    assert_eq!(refused.iter().filter(|r| **r).count(), 100);
    assert!(refused.windows(6).all(|w| w.iter().any(|r| *r)), "never many in a row are let in");
}

#[tokio::test]
async fn switched_off_it_lets_in_all() {
    let (overload, tasks) = (Overload::new(&Config { max_wait_ms: 0 }), Tasks::new());
    overload.watch(&tasks);
    assert!(tasks.tracker().is_empty(), "nobody looks");
    assert!(overload.admit().is_ok());
}
