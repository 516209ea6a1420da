use crate::world::*;
use chrono::TimeDelta;
use proto::{Reason, usage::*};
use std::{sync::Arc, time::Duration};

#[tokio::test]
async fn a_refusal_names_the_limit_and_when_to_come_back() {
    let world = World::embedded().await;
    let ask = || world.ask().limited(LayerKind::ApiKey, world.key, |l| l.rpm = Some(2));
    for left in [1, 0] {
        let limits = world.admit(&ask()).await.unwrap().limits;
        assert_eq!((limits[0].limit, limits[0].remaining, limits.len()), (2, left, 1));
    }
    let failure = world.admit(&ask()).await.unwrap_err();
    assert_eq!(failure.reason, Reason::RateLimited);
    assert_eq!(failure.retry_after, Some(Duration::from_secs(30)));
    let facts = ["layer", "kind", "limit", "used", "remaining", "reset_ms"].map(|name| failure.get(name).unwrap());
    assert_eq!(facts, ["api_key", "requests_per_minute", "2", "2", "0", "60000"]);
    world.hand.advance(TimeDelta::seconds(30));
    assert!(world.admit(&ask()).await.is_ok(), "after the wait it fits");
}

#[tokio::test]
async fn concurrency_is_given_back_by_the_settlement() {
    for world in everywhere().await {
        let ask = || world.ask().limited(LayerKind::Workspace, world.workspace, |l| l.concurrency = Some(1));
        let first = ask();
        world.admit(&first).await.unwrap();
        let failure = world.admit(&ask()).await.unwrap_err();
        assert_eq!(failure.reason, Reason::ConcurrencyLimited);
        assert_eq!(failure.retry_after, Some(Duration::from_secs(1)));
        assert_eq!((failure.get("layer"), failure.get("kind")), (Some("workspace"), Some("concurrent_requests")));
        world.settle(first.completed()).await.unwrap();
        assert!(world.admit(&ask()).await.is_ok());
    }
}

#[tokio::test]
async fn tokens_are_reserved_by_estimate_and_corrected_by_use() {
    let world = World::embedded().await;
    let ask = || world.ask().limited(LayerKind::Workspace, world.workspace, |l| l.tpm = Some(150));
    let first = ask();
    assert_eq!(world.admit(&first).await.unwrap().limits[0].used, 100);
    let failure = world.admit(&ask()).await.unwrap_err();
    assert_eq!((failure.reason, failure.get("kind")), (Reason::RateLimited, Some("tokens_per_minute")));
    world.settle(first.completed()).await.unwrap();
    let second = ask().with(|ask| ask.estimated_tokens = 90);
    assert_eq!(world.admit(&second).await.unwrap().limits[0].used, 57 + 90, "57 were used, not 100");
}

#[tokio::test]
async fn a_request_that_can_never_fit_is_told_so() {
    let world = World::embedded().await;
    let ask = world.ask().limited(LayerKind::Workspace, world.workspace, |l| l.tpm = Some(99));
    let failure = world.admit(&ask).await.unwrap_err();
    assert_eq!(failure.reason, Reason::RateLimited);
    assert!(failure.message.contains("can never run") && failure.message.contains("max_tokens"), "{failure}");
}

#[tokio::test]
async fn what_is_refused_counts_nowhere() {
    let world = World::embedded().await;
    let layers = |ask: Ask| {
        ask.limited(LayerKind::Workspace, world.workspace, |l| (l.rpm, l.tpm) = (Some(100), Some(1_000))).limited(
            LayerKind::ApiKey,
            world.key,
            |l| l.concurrency = Some(1),
        )
    };
    world.admit(&layers(world.ask())).await.unwrap();
    for _ in 0..5 {
        world.admit(&layers(world.ask())).await.unwrap_err();
    }
    let layers = layers(world.ask()).0.layers;
    let peek = PeekLimitsRequest {
        workspace_id: world.workspace.to_string(),
        layers,
        plan: "enterprise".into(),
        ..PeekLimitsRequest::default()
    };
    let limits = world.usage.peek_limits(&world.call(), peek).await.unwrap().limits;
    assert_eq!(limits.iter().map(|l| l.used).collect::<Vec<_>>(), [1, 100, 1]);
    world.service.flush().await.unwrap();
    assert_eq!(world.rows("usage").await, 0);
}

#[tokio::test]
async fn looking_at_limits_takes_nothing_and_unlimited_layers_show_nothing() {
    let world = World::embedded().await;
    let key = Layer { kind: LayerKind::ApiKey.into(), id: world.key.to_string(), rpm: Some(3), ..Layer::default() };
    let free = Layer { kind: LayerKind::Workspace.into(), id: world.workspace.to_string(), ..Layer::default() };
    for _ in 0..5 {
        let layers = vec![free.clone(), key.clone()];
        let peek = PeekLimitsRequest {
            workspace_id: world.workspace.to_string(),
            layers,
            plan: "enterprise".into(),
            ..PeekLimitsRequest::default()
        };
        let limits = world.usage.peek_limits(&world.call(), peek).await.unwrap().limits;
        assert_eq!(limits.len(), 1);
        assert_eq!((limits[0].kind(), limits[0].remaining), (LimitKind::RequestsPerMinute, 3));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_at_once_never_pass_a_cap() {
    for world in everywhere().await {
        let world = Arc::new(world);
        let mut racers = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let world = world.clone();
            racers.spawn(async move {
                let ask = world.ask().limited(LayerKind::Workspace, world.workspace, |l| {
                    (l.concurrency, l.rpm) = (Some(13), Some(60));
                });
                world.admit(&ask).await.map(|_| ask)
            });
        }
        let admitted: Vec<_> = racers.join_all().await.into_iter().flatten().collect();
        assert_eq!(admitted.len(), 13);
        for ask in &admitted {
            world.settle(ask.completed()).await.unwrap();
        }
        world.service.flush().await.unwrap();
        assert_eq!(world.rows("usage").await, 13);
    }
}

#[tokio::test]
async fn another_process_can_settle_what_this_one_admitted() {
    let (Some(fresh), Some(redis)) = (store::testing::postgres(&usage_metering::SCHEMA).await, redis()) else {
        return;
    };
    let fresh = Arc::new(fresh);
    let one = World::open(fresh.clone(), None, quick(), Some(&redis)).await.unwrap();
    let two = World::open(fresh, None, quick(), Some(&redis)).await.unwrap();
    let ask =
        || one.ask().limited(LayerKind::Workspace, one.workspace, |l| (l.concurrency, l.tpm) = (Some(1), Some(500)));
    let first = ask();
    one.admit(&first).await.unwrap();
    assert_eq!(two.admit(&ask()).await.unwrap_err().reason, Reason::ConcurrencyLimited, "they count together");
    assert!(!two.settle(first.completed()).await.unwrap().already_settled);
    let limits = one.admit(&ask()).await.unwrap().limits;
    assert_eq!(limits.iter().map(|l| l.used).collect::<Vec<_>>(), [57 + 100, 1]);
    assert!(one.settle(first.completed()).await.unwrap().already_settled);
}

#[tokio::test]
async fn without_redis_limited_requests_wait_and_others_pass() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", taken.local_addr().unwrap());
    let fresh = Arc::new(store::testing::sqlite(&usage_metering::SCHEMA).await);
    let world = World::open(fresh, None, quick(), Some(&url)).await.unwrap();
    world.complete(&world.ask()).await;
    let limited = world.ask().limited(LayerKind::ApiKey, world.key, |l| l.rpm = Some(5));
    let failure = world.admit(&limited).await.unwrap_err();
    assert_eq!(failure.reason, Reason::ServiceUnavailable);
    assert_eq!(failure.retry_after, Some(Duration::from_secs(1)));
}

/// Redis for tests, if there is one.
fn redis() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the test environment says where its Redis is")]
    std::env::var("PERPETUO_TEST_REDIS_URL").ok()
}
