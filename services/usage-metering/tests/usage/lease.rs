//! What runs while Redis is slow or away, and that it passes no limit.

use crate::{
    redis::{Redis, Wire},
    world::*,
};
use chrono::TimeDelta;
use proto::{Reason, usage::*};
use std::{sync::Arc, time::Duration};
use usage_metering::{Config, SCHEMA};

/// Nobody says that the gateway of these tests lives: what it holds must not be swept meanwhile.
fn patient() -> Config {
    Config { lease_seconds: 3_600, ..Config::default() }
}

/// 40 at once, 60 requests a minute, 5,000 tokens a day.
fn ask(world: &World) -> Ask {
    world.ask().limited(LayerKind::Workspace, world.workspace, |layer| {
        (layer.concurrency, layer.rpm) = (Some(40), Some(60));
        let tokens =
            Allowance { resource: "tokens".into(), period: Period::Day.into(), limit: 5_000, ..Default::default() };
        layer.allowances = vec![tokens];
    })
}

/// As many processes as there are URLs, on the same tables.
async fn processes(urls: &[&str]) -> Vec<World> {
    let fresh = Arc::new(match store::testing::postgres(&SCHEMA).await {
        Some(fresh) => fresh,
        None => store::testing::sqlite(&SCHEMA).await,
    });
    let mut worlds: Vec<World> = vec![];
    for url in urls {
        let world = World::open(fresh.clone(), None, patient(), Some(url)).await.unwrap();
        let (workspace, key) =
            worlds.first().map_or((world.workspace, world.key), |first| (first.workspace, first.key));
        worlds.push(World { workspace, key, ..world });
    }
    worlds
}

/// Used of concurrency, requests and tokens.
async fn used(world: &World) -> Option<Vec<i64>> {
    let (workspace_id, layers) = (world.workspace.to_string(), ask(world).0.layers);
    let peek = PeekLimitsRequest { workspace_id, layers, plan: "enterprise".into(), ..PeekLimitsRequest::default() };
    let mut limits = world.usage.peek_limits(&world.call(), peek).await.ok()?.limits;
    limits.sort_by_key(|limit| limit.kind);
    Some(limits.iter().map(|limit| limit.used).collect())
}

/// Admits until it is refused; what was admitted, and the refusal.
async fn fill(world: &World, most: usize) -> (Vec<Ask>, Option<Reason>) {
    let mut admitted = vec![];
    while admitted.len() < most {
        let ask = ask(world);
        match world.admit(&ask).await {
            Ok(_) => admitted.push(ask),
            Err(failure) => return (admitted, Some(failure.reason)),
        }
    }
    (admitted, None)
}

/// So many, however slow the machine makes Redis at times.
async fn some(world: &World, count: usize) -> Vec<Ask> {
    let mut admitted = vec![];
    while admitted.len() < count {
        admitted.push(eventually(Duration::from_secs(30), async || fill(world, 1).await.0.pop()).await);
    }
    admitted
}

/// Once a limit was asked for, some of it is held shortly after.
async fn is_held(redis: &Redis, workspaces: usize) {
    let url = redis.url();
    eventually(Duration::from_secs(20), async || {
        let mut connection = ::redis::Client::open(url.as_str()).ok()?.get_multiplexed_async_connection().await.ok()?;
        let keys: Vec<String> =
            ::redis::cmd("KEYS").arg("perpetuo:*:leases").query_async(&mut connection).await.ok()?;
        let mut holders = 0;
        for key in keys {
            let fields: Vec<String> = ::redis::cmd("HKEYS").arg(key).query_async(&mut connection).await.ok()?;
            let ids: std::collections::BTreeSet<_> = fields.iter().filter_map(|f| f.rsplit('|').next()).collect();
            holders += ids.len();
        }
        (holders >= workspaces).then_some(())
    })
    .await;
}

/// Redis says what is held before its holder has read so. Answers come in turn: after a later one it has; and then it
/// only has to get the processor once.
async fn knows_what_it_holds(world: &World) {
    eventually(Duration::from_secs(20), async || used(world).await).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_redis_that_is_twenty_seconds_slow_stops_nobody_who_is_within_what_is_held() {
    let Some(redis) = Redis::start().await else { return };
    let wire = Wire::to(&redis).await;
    let worlds = processes(&[&wire.url]).await;
    let world = &worlds[0];
    let before = some(world, 4).await;
    is_held(&redis, 1).await;
    knows_what_it_holds(world).await;
    wire.delay(Duration::from_secs(20));
    let (mut during, refusal) = fill(world, 60).await;
    assert!((3..40).contains(&during.len()), "{} were admitted from what was held", during.len());
    assert_eq!(refusal, Some(Reason::ServiceUnavailable), "beyond it nobody knows");
    // What ends makes room for the next.
    world.settle(during.pop().unwrap().completed()).await.unwrap();
    let (more, _) = fill(world, 1).await;
    wire.delay(Duration::ZERO);
    // One was settled with 57 tokens. Requests of a minute are those that were sent.
    let running = i64::try_from(before.len() + during.len() + more.len()).unwrap();
    let expected = vec![running + 1, running, running * 100 + 57];
    eventually(Duration::from_secs(60), async || (used(world).await? == expected).then_some(())).await;
    let (rest, refusal) = fill(world, 100).await;
    let all = before.len() + during.len() + more.len() + rest.len();
    assert_eq!((all, refusal), (40, Some(Reason::ConcurrencyLimited)), "all of the limit, and no more");
    assert_eq!(world.open_grants().await, 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_one_process_holds_is_there_for_another_that_needs_it() {
    let Some(redis) = Redis::start().await else { return };
    let url = redis.url();
    let worlds = processes(&[&url, &url, &url]).await;
    for world in &worlds {
        some(world, 1).await;
    }
    is_held(&redis, 3).await;
    let (admitted, refusal) = fill(&worlds[0], 100).await;
    assert_eq!((admitted.len(), refusal), (37, Some(Reason::ConcurrencyLimited)), "all but the three that run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_dies_after_it_admitted_without_redis_lets_nobody_pass_a_limit() {
    let Some(redis) = Redis::start().await else { return };
    let wire = Wire::to(&redis).await;
    let worlds = processes(&[&wire.url, &redis.url()]).await;
    let (lost, other) = (&worlds[0], &worlds[1]);
    some(lost, 1).await;
    is_held(&redis, 1).await;
    knows_what_it_holds(lost).await;
    wire.cut();
    let (during, _) = fill(lost, 60).await;
    assert!(during.len() >= 3, "{}", during.len());
    // It is no more: it renews nothing, and gives nothing back.
    lost.tasks.stopping().cancel();
    let (mut admitted, _) = fill(other, 100).await;
    assert!(admitted.len() < 40 - 1 - during.len() + 1, "what was held is not given away: {}", admitted.len());
    for world in &worlds {
        world.hand.advance(TimeDelta::seconds(30));
    }
    // Its share is looked for when it is needed, and counted from the tables once everything is in them.
    let refused = fill(other, 1).await.1;
    assert!(matches!(refused, None | Some(Reason::ServiceUnavailable)), "{refused:?}");
    for world in &worlds {
        world.hand.advance(TimeDelta::seconds(5));
    }
    eventually(Duration::from_secs(60), async || {
        let (more, refusal) = fill(other, 100).await;
        admitted.extend(more);
        (refusal == Some(Reason::ConcurrencyLimited)).then_some(())
    })
    .await;
    assert_eq!(other.open_grants().await, 40);
}

/// A limit, how often it fits, and a request that needs nothing else.
type Kind = (&'static str, usize, fn(&World) -> Ask);

/// What of 200 parallel callers at a time gets in over all processes, until nobody does.
async fn all_that_fits(worlds: &[Arc<World>], ask: fn(&World) -> Ask) -> usize {
    let (mut admitted, mut full) = (0, 0);
    for _ in 0..30 {
        let mut callers = tokio::task::JoinSet::new();
        for n in 0..200 {
            let world = worlds[n % worlds.len()].clone();
            callers.spawn(async move { world.admit(&ask(&world)).await.map_err(|failure| failure.reason) });
        }
        let answers = callers.join_all().await;
        admitted += answers.iter().filter(|answer| answer.is_ok()).count();
        let is_full = |answer: &Result<_, Reason>| answer.as_ref().is_err_and(|r| *r != Reason::ServiceUnavailable);
        full = if answers.iter().all(is_full) { full + 1 } else { 0 };
        if full == 2 {
            return admitted;
        }
        // What was reserved for an answer that came too late is taken back within a second.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
    }
    panic!("{admitted} were admitted, and still not everybody is refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_processes_share_each_kind_of_limit_to_the_last_unit() {
    let Some(redis) = Redis::start().await else { return };
    let url = redis.url();
    let kinds: [Kind; 4] = [
        ("requests per minute", 300, |world| {
            world.ask().limited(LayerKind::Workspace, world.workspace, |layer| layer.rpm = Some(300))
        }),
        ("tokens per minute", 250, |world| {
            world.ask().limited(LayerKind::Workspace, world.workspace, |layer| layer.tpm = Some(25_000))
        }),
        ("at once", 101, |world| {
            world.ask().limited(LayerKind::Workspace, world.workspace, |layer| layer.concurrency = Some(101))
        }),
        ("a budget", 200, |world| {
            // 40 tokens in and 60 out, by the prices of the catalogue.
            let budget = Allowance {
                resource: "cost".into(),
                currency: "USD".into(),
                period: Period::Month.into(),
                limit: 200 * (40 * 1_250 + 60 * 10_000),
                ..Allowance::default()
            };
            let ask = world.ask().with(|ask| ask.model = "gpt-5".into());
            ask.limited(LayerKind::Workspace, world.workspace, |layer| layer.allowances = vec![budget])
        }),
    ];
    for (name, limit, ask) in kinds {
        let worlds: Vec<_> = processes(&[&url, &url, &url]).await.into_iter().map(Arc::new).collect();
        // They hold some of it when the race begins.
        for world in &worlds {
            eventually(Duration::from_secs(30), async || world.admit(&ask(world)).await.ok()).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let admitted = 3 + all_that_fits(&worlds, ask).await;
        assert_eq!(admitted, limit, "{name}");
        assert_eq!(worlds[0].open_grants().await, i64::try_from(limit).unwrap());
    }
}

/// One at a time, and nothing else.
fn one(world: &World) -> Ask {
    world.ask().limited(LayerKind::Workspace, world.workspace, |layer| layer.concurrency = Some(1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_of_one_is_held_whole_by_the_process_that_used_it_last() {
    let Some(redis) = Redis::start().await else { return };
    let wire = Wire::to(&redis).await;
    let worlds = processes(&[&wire.url, &redis.url()]).await;
    let (first, other) = (&worlds[0], &worlds[1]);
    let before = one(first);
    eventually(Duration::from_secs(30), async || first.admit(&before).await.ok()).await;
    first.settle(before.completed()).await.unwrap();
    is_held(&redis, 1).await;
    knows_what_it_holds(first).await;
    wire.delay(Duration::from_secs(20));
    for _ in 0..3 {
        let during = one(first);
        first.admit(&during).await.expect("nothing else runs");
        assert_eq!(first.admit(&one(first)).await.unwrap_err().reason, Reason::ServiceUnavailable, "one at a time");
        let elsewhere = other.admit(&one(other)).await.unwrap_err();
        assert_eq!(elsewhere.reason, Reason::ServiceUnavailable, "nobody else gets it meanwhile");
        first.settle(during.completed()).await.unwrap();
    }
    let last = one(first);
    first.admit(&last).await.unwrap();
    wire.delay(Duration::ZERO);
    // Once Redis has heard of it, everybody knows.
    eventually(Duration::from_secs(60), async || {
        let failure = other.admit(&one(other)).await.unwrap_err();
        (failure.reason == Reason::ConcurrencyLimited).then_some(())
    })
    .await;
    first.settle(last.completed()).await.unwrap();
    eventually(Duration::from_secs(30), async || other.admit(&one(other)).await.ok()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_of_one_that_is_held_goes_to_whoever_asks_while_redis_is_there() {
    let Some(redis) = Redis::start().await else { return };
    let url = redis.url();
    let worlds = processes(&[&url, &url]).await;
    for (n, world) in worlds.iter().cycle().take(4).enumerate() {
        let ask = one(world);
        // Of what is reserved for an answer that comes too late the end comes within a second.
        eventually(Duration::from_secs(30), async || world.admit(&ask).await.ok()).await;
        world.settle(ask.completed()).await.unwrap();
        if n == 0 {
            is_held(&redis, 1).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_that_was_lowered_is_not_passed_with_what_was_held_of_it() {
    let Some(redis) = Redis::start().await else { return };
    let wire = Wire::to(&redis).await;
    let worlds = processes(&[&wire.url]).await;
    let world = &worlds[0];
    some(world, 1).await;
    is_held(&redis, 1).await;
    knows_what_it_holds(world).await;
    wire.delay(Duration::from_secs(20));
    let lower = |most| ask(world).with(|ask| ask.layers[0].concurrency = Some(most));
    assert_eq!(world.admit(&lower(1)).await.unwrap_err().reason, Reason::ServiceUnavailable, "one runs already");
    world.admit(&lower(40)).await.expect("of what it was it holds some");
    world.admit(&lower(50)).await.expect("and of more as well");
}
