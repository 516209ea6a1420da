//! The protection, with a runtime that really is too busy.

use super::*;
use std::hint::spin_loop;
use tokio::{task::yield_now, time::sleep_until};

/// Two milliseconds of a processor.
fn work() {
    let end = Instant::now() + Duration::from_millis(2);
    while Instant::now() < end {
        spin_loop();
    }
}

/// One that comes, is let in or not, and has work done in three parts. Whether it was let in, and how long it took.
async fn request(overload: Overload) -> (Result<(), Failure>, Duration) {
    let came = Instant::now();
    let admitted = overload.admit().await;
    if admitted.is_ok() {
        for _ in 0..3 {
            yield_now().await;
            work();
        }
    }
    (admitted.map(drop), came.elapsed())
}

/// As many as two processors can do in that time, three times over: three a time, each of 6 ms.
async fn three_times_too_many(overload: &Overload, time: Duration) -> Vec<(Result<(), Failure>, Duration)> {
    let (tracker, began) = (tokio_util::task::TaskTracker::new(), Instant::now());
    let mut all = vec![];
    while began.elapsed() < time {
        all.extend((0..3).map(|_| tracker.spawn(request(overload.clone()))));
        sleep_until((began + Duration::from_millis(3) * u32::try_from(all.len() / 3).expect("not so many")).into())
            .await;
    }
    futures::future::join_all(all).await.into_iter().map(|done| done.expect("no panic")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_too_much_what_can_be_done_is_done_soon_and_the_rest_is_turned_away() {
    let (overload, tasks) = (Overload::new(&Config { max_wait_ms: 20 }), Tasks::new());
    overload.watch(&tasks);
    let answers = three_times_too_many(&overload, Duration::from_secs(5)).await;
    let refused = answers.iter().find_map(|(answer, _)| answer.as_ref().err()).expect("somebody is turned away");
    assert_eq!((refused.reason, refused.retry_after), (Reason::Overloaded, Some(Duration::from_secs(1))));
    // What came before it was believed is done first; then whoever is let in is answered soon.
    let later = &answers[answers.len() / 2..];
    let good: Vec<_> = later.iter().filter(|(answer, _)| answer.is_ok()).map(|(_, took)| *took).collect();
    assert!(good.len() * 10 > later.len(), "{} of {} were let in", good.len(), later.len());
    assert!(good.len() * 10 < later.len() * 9, "{} of {} were let in", good.len(), later.len());

    let calm = async {
        while overload.0.excess.load(Relaxed) {
            tokio::time::sleep(EVERY).await;
        }
    };
    timeout(Duration::from_secs(20), calm).await.expect("calm again");
    for _ in 0..1_000 {
        assert!(timeout(Duration::ZERO, overload.admit()).await.expect("at once").is_ok());
    }
    tasks.shutdown(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_is_borne() {
    let (overload, tasks) = (Overload::new(&Config { max_wait_ms: 5 }), Tasks::new());
    overload.watch(&tasks);
    let tracker = tokio_util::task::TaskTracker::new();
    // 240 ms of two processors.
    let all: Vec<_> = (0..80).map(|_| tracker.spawn(request(overload.clone()))).collect();
    assert!(futures::future::join_all(all).await.into_iter().all(|done| done.is_ok_and(|(answer, _)| answer.is_ok())));
    tasks.shutdown(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn who_waits_when_the_process_stops_is_let_in() {
    let (overload, tasks) = (Overload::new(&Config { max_wait_ms: 5 }), Tasks::new());
    overload.watch(&tasks);
    overload.0.excess.store(true, Relaxed);
    let (waits, ()) = tokio::join!(overload.admit(), async {
        yield_now().await;
        tasks.stopping().cancel();
    });
    assert!(waits.is_ok());
}

#[tokio::test]
async fn switched_off_it_lets_in_all() {
    let (overload, tasks) = (Overload::new(&Config { max_wait_ms: 0 }), Tasks::new());
    overload.watch(&tasks);
    assert!(overload.admit().await.is_ok());
}
