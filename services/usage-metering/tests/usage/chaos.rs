//! Any interleaving of what several processes admit and settle with a Redis that is emptied, killed and frozen.

use crate::{redis::Redis, world::*};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use proto::{Reason, usage::*};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::sleep;
use usage_metering::{Config, SCHEMA};

const AT_ONCE: i64 = 7;
/// Requests hold 100 tokens until they end, and then 57.
const TOKENS: i64 = 4_000;

/// What happens to Redis, and after how many milliseconds.
#[derive(Clone, Debug)]
enum Fault {
    Flush,
    Kill,
    Freeze(u64),
}

fn faults() -> impl Strategy<Value = Vec<(u64, Fault)>> {
    let fault = prop_oneof![
        3 => Just(Fault::Flush),
        2 => Just(Fault::Kill),
        2 => (20u64..900).prop_map(Fault::Freeze),
    ];
    // Some come at once after another, some when everything has been restored.
    let wait = prop_oneof![2 => 1u64..80, 1 => 1_300u64..2_500];
    prop::collection::vec((wait, fault), 4..8)
}

/// What callers have been promised: never more than the limits.
#[derive(Default)]
struct Promised {
    running: AtomicI64,
    tokens: AtomicI64,
    admitted: AtomicUsize,
    passed: AtomicUsize,
    /// How often somebody was told that the quota is used up.
    spent: AtomicUsize,
}

impl Promised {
    fn admit(&self) {
        self.admitted.fetch_add(1, SeqCst);
        let running = self.running.fetch_add(1, SeqCst) + 1;
        let tokens = self.tokens.fetch_add(100, SeqCst) + 100;
        if running > AT_ONCE || tokens > TOKENS {
            self.passed.fetch_add(1, SeqCst);
        }
    }

    /// Before it is settled: from then on the service may count less.
    fn settle(&self) {
        self.running.fetch_sub(1, SeqCst);
        self.tokens.fetch_sub(43, SeqCst);
    }
}

fn ask(world: &World) -> Ask {
    world.ask().limited(LayerKind::Workspace, world.workspace, |layer| {
        layer.concurrency = Some(AT_ONCE);
        let tokens =
            Allowance { resource: "tokens".into(), period: Period::Day.into(), limit: TOKENS, ..Default::default() };
        layer.allowances = vec![tokens];
    })
}

async fn caller(world: Arc<World>, promised: Arc<Promised>, over: Arc<AtomicBool>, pause: u64) {
    while !over.load(SeqCst) {
        let ask = ask(&world);
        match world.admit(&ask).await {
            Ok(_) => {
                promised.admit();
                sleep(Duration::from_millis(pause)).await;
                promised.settle();
                // As gateways do: until it is durable.
                while world.settle(ask.completed()).await.is_err() {
                    sleep(Duration::from_millis(20)).await;
                }
            }
            Err(failure) => {
                let known = [Reason::QuotaExceeded, Reason::ConcurrencyLimited, Reason::ServiceUnavailable];
                assert!(known.contains(&failure.reason), "{failure}");
                promised.spent.fetch_add(usize::from(failure.reason == Reason::QuotaExceeded), SeqCst);
                sleep(Duration::from_millis(2)).await;
            }
        }
    }
}

async fn round(faults: &[(u64, Fault)]) {
    let Some(mut redis) = Redis::start().await else { return };
    let fresh = Arc::new(match store::testing::postgres(&SCHEMA).await {
        Some(fresh) => fresh,
        None => store::testing::sqlite(&SCHEMA).await,
    });
    let config = Config { lease_seconds: 3_600, commit_timeout_ms: 400, ..Config::default() };
    let mut worlds: Vec<Arc<World>> = vec![];
    for _ in 0..3 {
        // In real time: what has to be waited for is really waited for.
        let world = World::in_real_time(fresh.clone(), config.clone(), &redis.url()).await;
        let workspace = worlds.first().map_or(world.workspace, |first| first.workspace);
        worlds.push(Arc::new(World { workspace, ..world }));
    }
    let (promised, over) = (Arc::new(Promised::default()), Arc::new(AtomicBool::new(false)));
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..24 {
        tasks.spawn(caller(worlds[n % 3].clone(), promised.clone(), over.clone(), 3 + n as u64 * 5));
    }
    for (wait, fault) in faults {
        sleep(Duration::from_millis(*wait)).await;
        match fault {
            Fault::Flush => redis.flush().await,
            Fault::Kill => redis.kill_and_restart().await,
            Fault::Freeze(ms) => redis.freeze(Duration::from_millis(*ms)).await,
        }
    }
    // It goes on, or the quota is used up: what ran at a loss does not stay in anybody's way.
    let decided = || promised.admitted.load(SeqCst) + promised.spent.load(SeqCst);
    let before = decided();
    eventually(Duration::from_secs(60), async || (decided() > before).then_some(())).await;
    over.store(true, SeqCst);
    tasks.join_all().await;
    assert_eq!(promised.passed.load(SeqCst), 0, "of {} admissions, after {faults:?}", promised.admitted.load(SeqCst));
    for world in &worlds {
        world.service.flush().await.unwrap();
    }
    assert_eq!(worlds[0].rows("usage").await, i64::try_from(promised.admitted.load(SeqCst)).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_interleaving_of_losses_and_requests_passes_a_hard_cap_or_loses_a_row() {
    #[expect(clippy::disallowed_methods, reason = "the environment says how long to look")]
    let rounds = std::env::var("PERPETUO_CHAOS_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let mut runner = TestRunner::default();
    for _ in 0..rounds {
        let faults = faults().new_tree(&mut runner).unwrap().current();
        round(&faults).await;
    }
}
