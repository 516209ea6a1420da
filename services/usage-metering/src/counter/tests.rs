mod model;
mod quota;

use super::*;
use crate::{
    calendar::{Period, Span},
    limit::{Kind, Owner, Quota, TOKENS},
};
use host::{Clock, Ids, config::Secret};
use model::limits;
use std::{sync::Arc, time::Duration};

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

impl Counters {
    /// Drops a counter, as if nobody had asked for it for long.
    async fn forget(&self, workspace: Uuid, limit: &Limit) {
        match self {
            Self::Memory(memory) => memory.forget(),
            Self::Redis(redis) => redis.forget(workspace, limit).await,
        }
    }
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
            assert!(counters.install(workspace, &limits[index], begun, &Reading::default()).await.unwrap());
        }
    }
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
        let key = |n| GrantKey { workspace, ..key(n, 1) };
        let limits = vec![quota(1_000, 100)];
        let reading = Reading { settled: 500, open: vec![(key(1), 100), (key(2), 100), (key(3), 100), (key(4), 100)] };
        assert_eq!(counters.peek(workspace, &limits, 1_000_000).await.unwrap(), Verdict::Missing(vec![0]));
        counters.release(&key(1), &limits, Some(&spent(57)), 1_000_000).await;
        let begun = counters.begin_load(workspace, &limits[0], 1_000_000).await.unwrap();
        counters.release(&key(2), &limits, Some(&spent(157)), 1_000_000).await;
        assert!(counters.install(workspace, &limits[0], begun, &reading).await.unwrap());
        counters.release(&key(3), &limits, Some(&spent(60)), 1_000_000).await;
        // It was settled when the tables were read, and its end comes late.
        counters.release(&key(5), &limits, Some(&spent(1)), 1_000_000).await;
        let Verdict::Reserved(standings) = counters.peek(workspace, &limits, 1_000_000).await.unwrap() else {
            panic!()
        };
        assert_eq!(standings[0].used, 500 + 57 + 157 + 60 + 100);
    })
    .await;
}

#[tokio::test]
async fn what_was_used_more_after_all_counts_once() {
    both(async |counters, workspace| {
        let (key, limits) = (GrantKey { workspace, ..key(1, 1) }, vec![quota(1_000, 100)]);
        counters.amend(&key, &limits, &[17]).await;
        load(counters, workspace, &limits).await;
        for _ in 0..counters.is_shared().into() {
            counters.amend(&key, &limits, &[17]).await;
        }
        counters.amend(&key, &limits, &[17]).await;
        let Verdict::Reserved(standings) = counters.peek(workspace, &limits, 1_000_000).await.unwrap() else {
            panic!()
        };
        assert_eq!(standings[0].used, 17, "what was told before it was loaded is in what was read");
    })
    .await;
}

#[tokio::test]
async fn what_is_taken_back_is_what_was_reserved_of_it() {
    both(async |counters, workspace| {
        let ask = |n, cost| {
            Reservation::new(
                GrantKey { workspace, ..key(n, 1) },
                vec![Limit { least: 1, ..quota(150, cost) }],
                10_000_000_000_000,
            )
        };
        load(counters, workspace, &ask(1, 1).limits).await;
        let (mut whole, mut rest) = (ask(1, 100), ask(2, 100));
        for ask in [&mut whole, &mut rest] {
            assert!(matches!(counters.reserve(ask, 1_000_000).await.unwrap(), Verdict::Reserved(_)));
        }
        // Whoever did not hear the answer does not know that it was less.
        rest.limits[0].cost = 100;
        counters.undo(&rest, 1_000_000).await;
        let Verdict::Reserved(standings) = counters.peek(workspace, &whole.limits, 1_000_000).await.unwrap() else {
            panic!()
        };
        assert_eq!(standings[0].used, 100);
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
