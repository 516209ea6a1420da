use crate::world::*;
use chrono::TimeDelta;
use proto::usage::*;
use std::{sync::Arc, time::Duration};

/// Long enough for a lease to run out and a sweep to follow, however slow the machine.
const BOUND: Duration = Duration::from_secs(15);

#[tokio::test]
async fn grants_of_a_silent_process_become_incomplete_and_those_of_a_living_one_do_not() {
    for world in everywhere().await {
        let lost = world.ask().with(|ask| ask.instance_id = "dead".into());
        let kept = world.ask().with(|ask| ask.instance_id = "alive".into());
        world.admit(&lost).await.unwrap();
        world.admit(&kept).await.unwrap();
        world.hand.advance(TimeDelta::seconds(5));
        world.heartbeat("alive").await;
        let log = eventually(BOUND, async || world.log(&lost.request_id()).await).await;
        assert_eq!((log.outcome.as_str(), log.input_tokens, log.estimated), ("incomplete", 40, true));
        assert_eq!((log.status_code, log.attempts.len()), (0, 1));
        assert!(world.log(&kept.request_id()).await.is_none());
        assert!(!world.settle(kept.completed()).await.unwrap().already_settled);
        world.service.flush().await.unwrap();
        assert_eq!(world.rows("usage").await, 2);
    }
}

#[tokio::test]
async fn a_grant_that_outlives_its_time_is_swept_although_its_holder_lives() {
    let world = World::embedded().await;
    let ask = world.ask();
    world.admit(&ask).await.unwrap();
    world.hand.advance(TimeDelta::seconds(601));
    world.heartbeat("gateway-1").await;
    eventually(BOUND, async || world.log(&ask.request_id()).await).await;
}

/// The same service in each place, and where several processes share a Redis.
async fn everywhere_and_with_redis() -> Vec<World> {
    let mut worlds = everywhere().await;
    #[expect(clippy::disallowed_methods, reason = "the test environment says where its Redis is")]
    if let Ok(url) = std::env::var("PERPETUO_TEST_REDIS_URL") {
        let fresh = Arc::new(store::testing::sqlite(&usage_metering::SCHEMA).await);
        worlds.push(World::open(fresh, None, quick(), Some(&url)).await.unwrap());
    }
    worlds
}

#[tokio::test]
async fn what_is_settled_after_it_was_swept_reaches_quotas_and_budgets_at_once() {
    for world in everywhere_and_with_redis().await {
        let tokens =
            Allowance { resource: "tokens".into(), period: Period::Month.into(), limit: 1_000, ..Default::default() };
        let (resource, currency) = ("cost".into(), "USD".into());
        let limit = 1_000_000_000;
        let money = Allowance { resource, currency, period: Period::Month.into(), limit, ..Allowance::default() };
        let ask = || {
            let ask = world.ask().with(|ask| ask.model = "gpt-5".into());
            ask.limited(LayerKind::Workspace, world.workspace, |layer| {
                layer.allowances = vec![tokens.clone(), money.clone()];
            })
        };
        let used = async || {
            let (workspace_id, layers) = (world.workspace.to_string(), ask().0.layers);
            let peek = PeekLimitsRequest { workspace_id, layers, ..PeekLimitsRequest::default() };
            let limits = world.usage.peek_limits(&world.call(), peek).await.unwrap().limits;
            (limits[0].used, limits[1].used)
        };
        let lost = ask();
        world.admit(&lost).await.unwrap();
        // By the prices of the catalogue: 1.25 dollars for a million in, 10 for a million out, an eighth for what was cached.
        assert_eq!(used().await, (100, 40 * 1_250 + 60 * 10_000));
        world.hand.advance(TimeDelta::seconds(5));
        eventually(BOUND, async || (used().await == (40, 40 * 1_250)).then_some(())).await;
        for _ in 0..2 {
            world.settle(lost.completed()).await.unwrap();
            assert_eq!(used().await, (57, 30 * 1_250 + 20 * 125 + 7 * 10_000));
        }
    }
}

#[tokio::test]
async fn a_late_settlement_is_a_correction_and_what_people_read_is_the_sum() {
    for world in everywhere().await {
        let ask = world.ask().limited(LayerKind::Workspace, world.workspace, |l| l.concurrency = Some(1));
        world.admit(&ask).await.unwrap();
        world.hand.advance(TimeDelta::seconds(5));
        eventually(BOUND, async || world.log(&ask.request_id()).await).await;
        let next = world.ask().limited(LayerKind::Workspace, world.workspace, |l| l.concurrency = Some(1));
        // Once the row is committed, the sweep gives its place back.
        eventually(BOUND, async || world.admit(&next).await.ok()).await;
        assert!(!world.settle(ask.completed()).await.unwrap().already_settled);
        assert!(world.settle(ask.completed()).await.unwrap().already_settled, "one correction is enough");
        let log = world.log(&ask.request_id()).await.unwrap();
        assert_eq!((log.outcome.as_str(), log.status_code, log.estimated), ("completed", 200, false));
        assert_eq!((log.input_tokens, log.cached_input_tokens, log.output_tokens), (50, 20, 7));
        assert_eq!((log.attempts.len(), log.attempts[0].outcome.as_str()), (1, "completed"));
        let total = world.total().await;
        assert_eq!((total.total_requests, total.total_input_tokens, total.unpriced_requests), (1, 50, 1));
        assert_eq!((world.rows("usage").await, world.rows("correction").await), (1, 1));
    }
}

#[tokio::test]
async fn a_restart_sweeps_what_the_last_process_left_open_at_once() {
    let world = World::embedded().await;
    let ask = world.ask();
    world.admit(&ask).await.unwrap();
    world.service.flush().await.unwrap();
    let (fresh, dir, workspace) = (world.fresh.clone().unwrap(), world.dir.clone(), world.workspace);
    drop(world);
    let mut world = World::open(fresh, dir, usage_metering::Config::default(), None).await.unwrap();
    world.workspace = workspace;
    assert_eq!(world.log(&ask.request_id()).await.unwrap().outcome, "incomplete");
    assert!(!world.settle(ask.completed()).await.unwrap().already_settled);
    assert_eq!(world.log(&ask.request_id()).await.unwrap().outcome, "completed");
}

#[tokio::test]
async fn several_processes_sweep_each_grant_once() {
    let Some(fresh) = store::testing::postgres(&usage_metering::SCHEMA).await else { return };
    let fresh = Arc::new(fresh);
    let mut worlds = vec![];
    for _ in 0..3 {
        worlds.push(World::open(fresh.clone(), None, quick(), None).await.unwrap());
    }
    for _ in 0..60 {
        worlds[0].admit(&worlds[0].ask()).await.unwrap();
    }
    for world in &worlds {
        world.hand.advance(TimeDelta::seconds(5));
    }
    eventually(BOUND, async || (worlds[0].rows("usage").await == 60).then_some(())).await;
    assert_eq!(worlds[0].total().await.total_requests, 60);
}
