use super::*;
use crate::{
    calendar::{Period, Span},
    limit::{Kind, Owner, Quota, TOKENS},
};
use host::{Clock, Ids, config::Secret};
use proptest::prelude::*;
use std::{collections::HashMap, sync::Arc, time::Duration};

const WORKSPACE: u128 = 0x1234_5678;

fn limit(owner: Owner, kind: Kind, limit: i64, cost: i64) -> Limit {
    Limit { owner, id: "x".to_owned(), surface: String::new(), kind, limit, cost, least: cost, soft: false }
}

/// A quota of tokens that ends a day after the time at which these tests play.
fn quota(most: i64, cost: i64) -> Limit {
    let span = Span { start: 1_800_000_000, end: Some(1_800_086_400) };
    let quota = Quota { resource: TOKENS.to_owned(), currency: String::new(), period: Period::Day, span };
    limit(Owner::User, Kind::Quota(Box::new(quota)), most, cost)
}

fn spent(tokens: i64) -> Spent {
    Spent { tokens, ..Spent::default() }
}

fn key(request: u128, attempt: i64) -> GrantKey {
    GrantKey { workspace: Uuid::from_u128(WORKSPACE), request: Uuid::from_u128(request), attempt }
}

fn reservation(key: GrantKey, limits: Vec<Limit>) -> Reservation {
    Reservation::new(key, limits, 10_000_000_000_000)
}

/// A Redis of the test environment, if there is one. Workspaces are fresh, so runs do not meet.
async fn shared() -> Option<Counters> {
    #[expect(clippy::disallowed_methods, reason = "the test environment says where its Redis is")]
    let url = std::env::var("PERPETUO_TEST_REDIS_URL").ok()?;
    Some(redis_at(&url, Duration::from_secs(2)).await)
}

/// Counters in a Redis, with tables of their own.
async fn redis_at(url: &str, timeout: Duration) -> Counters {
    let fresh = store::testing::sqlite(&crate::SCHEMA).await;
    let db = store::Db::open(&fresh.backend, &crate::SCHEMA).unwrap();
    // The files live as long as the process: counters are used after this function.
    std::mem::forget(fresh);
    let redis = Redis::new(
        &Secret::from(url.to_owned()),
        timeout,
        Duration::from_secs(1),
        db,
        Clock::system(),
        Ids::new(Clock::system()),
    );
    Counters::Redis(Box::new(redis.unwrap()))
}

/// Limits for each of many callers.
type Limits = fn() -> Vec<Limit>;

/// Every counter of a quota that is missing begins with nothing.
async fn load(counters: &Counters, workspace: Uuid, limits: &[Limit]) {
    if let Verdict::Missing(missing) = counters.peek(workspace, limits, 1_800_000_000_000).await.unwrap() {
        for index in missing {
            let begun = counters.begin_load(workspace, &limits[index], 1_800_000_000_000).await.unwrap();
            assert!(counters.install(workspace, &limits[index], 0, begun, true).await.unwrap());
        }
    }
}

/// One step of a history: wait, then an attempt with so many tokens, or the end of one.
#[derive(Clone, Debug)]
enum Step {
    Admit { wait: i64, tokens: i64 },
    Settle { wait: i64, nth: usize, used: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let admit = (0i64..4_000, 1i64..60).prop_map(|(wait, tokens)| Step::Admit { wait, tokens });
    let settle = (0i64..4_000, 0usize..8, 0i64..80).prop_map(|(wait, nth, used)| Step::Settle { wait, nth, used });
    prop::collection::vec(prop_oneof![3 => admit, 2 => settle], 1..80)
}

/// What limits mean, without buckets: levels as fractions, and a set of what runs.
#[derive(Default)]
struct Model {
    levels: HashMap<(Owner, Kind), f64>,
    /// Of the quota: settled and reserved.
    used: i64,
    running: Vec<(u128, i64)>,
    now: i64,
}

const RPM: i64 = 12;
const TPM: i64 = 200;
const CONCURRENCY: i64 = 3;
const QUOTA: i64 = 900;

impl Model {
    fn pass(&mut self, wait: i64) {
        self.now += wait;
        for ((_, kind), level) in &mut self.levels {
            let rate = if *kind == Kind::Tokens { TPM } else { RPM };
            *level = (*level - wait as f64 * rate as f64 / 60_000.0).max(0.0);
        }
    }

    fn admit(&mut self, request: u128, tokens: i64, limits: &[Limit]) -> bool {
        let fits = limits.iter().all(|l| match l.kind {
            Kind::Concurrency => (self.running.len() as i64) < l.limit,
            Kind::Quota(_) => self.used + l.cost <= l.limit,
            Kind::Requests | Kind::Tokens => {
                let level = self.levels.get(&(l.owner, l.kind.clone())).unwrap_or(&0.0);
                level + l.cost as f64 <= l.limit as f64 + 1e-6
            }
        });
        if fits {
            for l in limits.iter().filter(|l| l.kind != Kind::Concurrency && l.quota().is_none()) {
                *self.levels.entry((l.owner, l.kind.clone())).or_default() += l.cost as f64;
            }
            self.used += tokens;
            self.running.push((request, tokens));
        }
        fits
    }
}

async fn follows_the_model(counters: &Counters, workspace: Uuid, steps: &[Step]) {
    let mut model = Model { now: 1_800_000_000_000, ..Model::default() };
    load(counters, workspace, &limits(0)).await;
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::Admit { wait, tokens } => {
                model.pass(*wait);
                let limits = limits(*tokens);
                let key = GrantKey { workspace, ..key(n as u128 + 1, 1) };
                let expected = model.admit(n as u128 + 1, *tokens, &limits);
                let verdict = counters.reserve(&mut reservation(key, limits), model.now).await.unwrap();
                assert_eq!(matches!(verdict, Verdict::Reserved(_)), expected, "step {n} of {steps:?}: {verdict:?}");
            }
            Step::Settle { wait, nth, used } => {
                model.pass(*wait);
                if *nth >= model.running.len() {
                    continue;
                }
                let (request, tokens) = model.running.remove(*nth);
                let level = model.levels.entry((Owner::Workspace, Kind::Tokens)).or_default();
                *level = (*level + (used - tokens) as f64).max(0.0);
                model.used = (model.used + used - tokens).max(0);
                let key = GrantKey { workspace, ..key(request, 1) };
                counters.release(&key, &limits(tokens), Some(&spent(*used)), model.now).await;
            }
        }
    }
}

fn limits(tokens: i64) -> Vec<Limit> {
    vec![
        limit(Owner::Workspace, Kind::Requests, RPM, 1),
        limit(Owner::Workspace, Kind::Tokens, TPM, tokens),
        limit(Owner::ApiKey, Kind::Concurrency, CONCURRENCY, 1),
        quota(QUOTA, tokens),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn this_process_counts_as_the_model_says(steps in steps()) {
        let counters = Counters::Memory(Box::new(Memory::new()));
        futures::executor::block_on(follows_the_model(&counters, Uuid::from_u128(WORKSPACE), &steps));
    }
}

#[test]
fn redis_counts_as_the_model_says() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some(counters) = runtime.block_on(shared()) else { return };
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(40));
    runner
        .run(&steps(), |steps| {
            runtime.block_on(follows_the_model(&counters, fresh(), &steps));
            Ok(())
        })
        .unwrap();
}

/// Where every kind of counter must behave the same.
async fn both(test: impl AsyncFn(&Counters, Uuid)) {
    test(&Counters::Memory(Box::new(Memory::new())), Uuid::from_u128(WORKSPACE)).await;
    if let Some(counters) = shared().await {
        test(&counters, fresh()).await;
    }
}

fn fresh() -> Uuid {
    host::Ids::new(host::Clock::system()).uuid()
}

#[tokio::test]
async fn what_does_not_fit_one_layer_is_counted_in_none() {
    both(async |counters, workspace| {
        let limits = |tokens| {
            vec![
                limit(Owner::Workspace, Kind::Requests, 100, 1),
                limit(Owner::Workspace, Kind::Concurrency, 100, 1),
                limit(Owner::ApiKey, Kind::Tokens, 50, tokens),
            ]
        };
        let ask = async |request, tokens| {
            let key = GrantKey { workspace, ..key(request, 1) };
            counters.reserve(&mut reservation(key, limits(tokens)), 1_000_000).await.unwrap()
        };
        assert!(matches!(ask(1, 40).await, Verdict::Reserved(_)));
        let Verdict::Refused(standings) = ask(2, 40).await else { panic!("40 + 40 do not fit into 50") };
        assert_eq!(standings[2].retry_ms, 36_000, "30 tokens drain in 36 s");
        let Verdict::Reserved(standings) = counters.peek(workspace, &limits(0), 1_000_000).await.unwrap() else {
            panic!()
        };
        assert_eq!(standings.iter().map(|s| s.used).collect::<Vec<_>>(), [1, 1, 40]);
    })
    .await;
}

#[tokio::test]
async fn a_fallback_is_not_held_up_by_its_own_earlier_attempt() {
    both(async |counters, workspace| {
        let ask = async |request, attempt| {
            let key = GrantKey { workspace, ..key(request, attempt) };
            let limits = vec![limit(Owner::ApiKey, Kind::Concurrency, 1, 1)];
            counters.reserve(&mut reservation(key, limits), 1_000_000).await.unwrap()
        };
        assert!(matches!(ask(1, 1).await, Verdict::Reserved(_)));
        assert!(matches!(ask(2, 1).await, Verdict::Refused(_)), "another request does not fit");
        assert!(matches!(ask(1, 2).await, Verdict::Reserved(_)), "the same request does");
    })
    .await;
}

#[tokio::test]
async fn a_grant_that_nobody_settles_stops_counting_when_it_expires() {
    both(async |counters, workspace| {
        let limits = vec![limit(Owner::ApiKey, Kind::Concurrency, 1, 1)];
        let ask = async |request, now| {
            let key = GrantKey { workspace, ..key(request, 1) };
            let mut asked = Reservation::new(key, limits.clone(), now + 5_000);
            counters.reserve(&mut asked, now).await.unwrap()
        };
        assert!(matches!(ask(1, 1_000_000).await, Verdict::Reserved(_)));
        assert!(matches!(ask(2, 1_004_999).await, Verdict::Refused(_)));
        assert!(matches!(ask(3, 1_005_001).await, Verdict::Reserved(_)));
    })
    .await;
}

#[tokio::test]
async fn what_is_undone_leaves_no_trace() {
    both(async |counters, workspace| {
        let key = GrantKey { workspace, ..key(1, 1) };
        let limits = limits(30);
        load(counters, workspace, &limits).await;
        let mut reservation = reservation(key, limits.clone());
        counters.reserve(&mut reservation, 1_000_000).await.unwrap();
        counters.undo(&reservation, 1_000_000).await;
        let Verdict::Reserved(standings) = counters.peek(workspace, &limits, 1_000_000).await.unwrap() else {
            panic!()
        };
        assert_eq!(standings.iter().map(|s| s.used).collect::<Vec<_>>(), [0, 0, 0, 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_at_once_never_pass_a_cap() {
    let mut kinds = vec![(Arc::new(Counters::Memory(Box::new(Memory::new()))), Uuid::from_u128(WORKSPACE))];
    kinds.extend(shared().await.map(|c| (Arc::new(c), fresh())));
    let asks: [(i64, Limits); 2] = [
        (17, || vec![limit(Owner::Workspace, Kind::Requests, 17, 1), limit(Owner::ApiKey, Kind::Concurrency, 23, 1)]),
        (13, || vec![limit(Owner::Platform, Kind::Requests, 10_000, 1), quota(1_309, 100)]),
    ];
    for (counters, workspace) in kinds {
        for (fitting, limits) in asks {
            load(&counters, workspace, &limits()).await;
            let mut racers = tokio::task::JoinSet::new();
            for n in 0..200 {
                let counters = counters.clone();
                racers.spawn(async move {
                    let key = GrantKey { workspace, ..key(n + 1, fitting) };
                    counters.reserve(&mut reservation(key, limits()), 1_800_000_000_000).await.unwrap()
                });
            }
            let verdicts = racers.join_all().await;
            let reserved = verdicts.iter().filter(|v| matches!(v, Verdict::Reserved(_))).count();
            assert_eq!(i64::try_from(reserved).unwrap(), fitting);
        }
    }
}

#[tokio::test]
async fn redis_counts_a_repeated_grant_once_and_gives_back_once() {
    let Some(counters) = shared().await else { return };
    let workspace = fresh();
    let key = GrantKey { workspace, ..key(1, 1) };
    let mut ask = reservation(key, limits(100));
    load(&counters, workspace, &ask.limits).await;
    for _ in 0..2 {
        assert!(matches!(counters.reserve(&mut ask.clone(), 1_000_000).await.unwrap(), Verdict::Reserved(_)));
    }
    ask.limits[1].cost = 100;
    for _ in 0..2 {
        counters.release(&key, &ask.limits, Some(&spent(70)), 1_000_000).await;
    }
    let Verdict::Reserved(standings) = counters.peek(workspace, &ask.limits, 1_000_000).await.unwrap() else {
        panic!()
    };
    assert_eq!(standings.iter().map(|s| s.used).collect::<Vec<_>>(), [1, 70, 0, 70]);
}

#[tokio::test]
async fn what_is_settled_while_a_quota_is_loaded_is_never_forgotten() {
    both(async |counters, workspace| {
        let key = GrantKey { workspace, ..key(1, 1) };
        let limits = vec![quota(1_000, 100)];
        load(counters, workspace, &limits).await;
        // In Redis only what was reserved can be given back.
        counters.reserve(&mut reservation(key, limits.clone()), 1_000_000).await.unwrap();
        let other = vec![Limit { owner: Owner::Model, ..quota(1_000, 100) }];
        let begun = counters.begin_load(workspace, &other[0], 1_000_000).await.unwrap();
        counters.release(&key, &other, Some(&spent(160)), 1_000_000).await;
        assert!(!counters.install(workspace, &other[0], 100, begun, true).await.unwrap(), "something came: read again");
        assert!(counters.install(workspace, &other[0], 100, begun, false).await.unwrap(), "or count it in any case");
        let Verdict::Reserved(standings) = counters.peek(workspace, &other, 1_000_000).await.unwrap() else { panic!() };
        assert_eq!(standings[0].used, 160);
    })
    .await;
}

#[tokio::test]
async fn what_is_left_is_reserved_where_a_stream_may_be_stopped() {
    both(async |counters, workspace| {
        let ask = async |request, least| {
            let key = GrantKey { workspace, ..key(request, 1) };
            let mut asked = reservation(key, vec![Limit { least, ..quota(250, 100) }]);
            load(counters, workspace, &asked.limits).await;
            let verdict = counters.reserve(&mut asked, 1_800_000_000_000).await.unwrap();
            (matches!(verdict, Verdict::Reserved(_)), asked.limits[0].cost)
        };
        assert_eq!([ask(1, 30).await, ask(2, 30).await], [(true, 100), (true, 100)]);
        assert_eq!(ask(3, 51).await, (false, 100), "not even the least fits");
        assert_eq!(ask(4, 50).await, (true, 50));
        assert_eq!(ask(5, 1).await, (false, 100));
    })
    .await;
}

#[tokio::test]
async fn soft_limits_count_and_refuse_nothing() {
    both(async |counters, workspace| {
        let soft = |limit| Limit { soft: true, ..limit };
        let limits = || vec![soft(limit(Owner::Workspace, Kind::Requests, 1, 1)), soft(quota(10, 100))];
        load(counters, workspace, &limits()).await;
        for n in 1..=3 {
            let key = GrantKey { workspace, ..key(n, 1) };
            let verdict = counters.reserve(&mut reservation(key, limits()), 1_800_000_000_000).await.unwrap();
            let Verdict::Reserved(standings) = verdict else { panic!("refused") };
            let n = i64::try_from(n).unwrap();
            assert_eq!(standings.iter().map(|s| s.used).collect::<Vec<_>>(), [n, n * 100]);
        }
    })
    .await;
}

#[tokio::test]
async fn without_redis_only_requests_with_limits_are_turned_away() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", taken.local_addr().unwrap());
    let counters = redis_at(&url, Duration::from_millis(50)).await;
    let free = counters.reserve(&mut reservation(key(1, 1), vec![]), 0).await.unwrap();
    assert_eq!(free, Verdict::Reserved(vec![]));
    let started = std::time::Instant::now();
    let limited = counters.reserve(&mut reservation(key(2, 1), limits(1)), 0).await;
    assert!(matches!(limited, Err(Error::CountersAway)));
    assert!(started.elapsed() < Duration::from_secs(2), "it is turned away at once");
}

#[test]
fn idle_counters_are_forgotten() {
    let memory = Memory::new();
    for n in 0..1_000u128 {
        let key = GrantKey { workspace: Uuid::from_u128(n), request: Uuid::from_u128(n), attempt: 1 };
        let limits = vec![limit(Owner::Workspace, Kind::Requests, 10, 1)];
        memory.reserve(&mut reservation(key, limits), 1_000_000).unwrap();
    }
    assert_eq!(memory.len(), 1_000);
    memory.drop_idle(1_005_999);
    assert_eq!(memory.len(), 1_000, "one of ten a minute takes six seconds to drain");
    memory.drop_idle(1_006_000);
    assert_eq!(memory.len(), 0);
}
