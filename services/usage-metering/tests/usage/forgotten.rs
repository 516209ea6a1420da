use crate::world::*;
use chrono::TimeDelta;
use proto::{Reason, usage::*};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use usage_metering::Config;

/// A database of the test Redis that no other test uses, empty.
async fn redis() -> Option<(String, ::redis::aio::MultiplexedConnection)> {
    #[expect(clippy::disallowed_methods, reason = "the test environment says where its Redis is")]
    let url = std::env::var("PERPETUO_TEST_REDIS_URL").ok()?;
    let url = format!("{}/9", url.trim_end_matches('/'));
    let client = ::redis::Client::open(url.as_str()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    flush(&mut connection).await;
    Some((url, connection))
}

async fn flush(connection: &mut ::redis::aio::MultiplexedConnection) {
    ::redis::cmd("FLUSHDB").exec_async(connection).await.unwrap();
}

/// Nobody says that the gateway of these tests lives: what it holds must not be swept, and given back, meanwhile.
fn patient() -> Config {
    Config { lease_seconds: 3_600, ..Config::default() }
}

/// 20 requests fit, by what they reserve; 7 at once.
fn ask(world: &World, concurrency: bool) -> Ask {
    let day = Period::Day.into();
    world.ask().limited(LayerKind::Workspace, world.workspace, |layer| {
        layer.concurrency = concurrency.then_some(7);
        layer.allowances =
            vec![Allowance { resource: "tokens".into(), period: day, limit: 2_000, ..Allowance::default() }];
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_redis_that_forgets_under_load_lets_no_hard_cap_be_passed_and_loses_no_row() {
    let Some((url, mut connection)) = redis().await else { return };
    for concurrency in [false, true] {
        let fresh = Arc::new(match store::testing::postgres(&usage_metering::SCHEMA).await {
            Some(fresh) => fresh,
            None => store::testing::sqlite(&usage_metering::SCHEMA).await,
        });
        let one = World::open(fresh.clone(), None, patient(), Some(&url)).await.unwrap();
        let workspace = one.workspace;
        let two = World { workspace, ..World::open(fresh, None, patient(), Some(&url)).await.unwrap() };
        let worlds = [Arc::new(one), Arc::new(two)];
        let admitted = Arc::new(AtomicUsize::new(0));
        let load = || {
            let mut callers = tokio::task::JoinSet::new();
            for n in 0..120 {
                let (world, admitted) = (worlds[n % 2].clone(), admitted.clone());
                callers.spawn(async move {
                    for _ in 0..5 {
                        match world.admit(&ask(&world, concurrency)).await {
                            Ok(_) => drop(admitted.fetch_add(1, Ordering::SeqCst)),
                            Err(failure) => assert!(
                                matches!(
                                    failure.reason,
                                    Reason::QuotaExceeded | Reason::ConcurrencyLimited | Reason::ServiceUnavailable
                                ),
                                "{failure}"
                            ),
                        }
                    }
                });
            }
            callers
        };
        for _ in 0..4 {
            let callers = load();
            for _ in 0..3 {
                tokio::time::sleep(std::time::Duration::from_millis(15)).await;
                flush(&mut connection).await;
            }
            callers.join_all().await;
            for world in &worlds {
                world.hand.advance(TimeDelta::seconds(5));
            }
        }
        // The quota is whole, but for what was admitted.
        load().join_all().await;
        let admitted = admitted.load(Ordering::SeqCst);
        let most = if concurrency { 7 } else { 20 };
        assert_eq!(admitted, most, "all of it is used in the end, and no more");
        assert_eq!(worlds[0].open_grants().await, i64::try_from(admitted).unwrap());
    }
}
