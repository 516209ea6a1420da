//! Counted resources: what plans and workspaces allow of them, and that nobody gets more.

use crate::world::*;
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use proto::{Call, Failure, Permission, Reason, feed::WatchRequest, id::WorkspaceId, time::to_proto, usage::*};
use std::{sync::Arc, time::Duration};

fn reserve(world: &World, id: impl ToString, resource: &str, limits: ResourceLimits) -> ReserveUsageRequest {
    ReserveUsageRequest {
        workspace_id: world.workspace.to_string(),
        source: "perpetuo.engine".into(),
        id: id.to_string(),
        resource: resource.into(),
        quantity: 1,
        limits: Some(limits),
        ..ReserveUsageRequest::default()
    }
}

fn execution(world: &World, id: impl ToString) -> ReserveUsageRequest {
    reserve(world, id, "executions", ResourceLimits::default())
}

async fn ask(world: &World, request: ReserveUsageRequest) -> Result<ReserveUsageResponse, Failure> {
    world.usage.reserve_usage(&world.call(), request).await.map_err(|status| Failure::from(&status))
}

async fn release(world: &World, id: impl ToString) {
    let (workspace_id, source) = (world.workspace.to_string(), "perpetuo.engine".into());
    let request = ReleaseUsageRequest { workspace_id, source, id: id.to_string() };
    world.usage.release_usage(&world.call(), request).await.unwrap();
}

/// As the engine and billing record.
async fn record(
    world: &World,
    events: Vec<UsageEvent>,
    limits: Option<ResourceLimits>,
) -> Result<RecordUsageResponse, Failure> {
    let call = world.call();
    let scopes = world.reader(world.workspace).scopes.with(Permission::UsageWrite);
    let call = Call { workspace: Some(world.workspace), scopes, ..call };
    world.usage.record_usage(&call, RecordUsageRequest { events, limits }).await.map_err(|s| Failure::from(&s))
}

/// Recorded by a peer, today.
pub async fn tickets_sold(world: &World, quantity: i64) {
    record(world, vec![event(world, "sold", "tickets", quantity)], None).await.unwrap();
}

fn event(world: &World, id: impl ToString, resource: &str, quantity: i64) -> UsageEvent {
    UsageEvent {
        source: "perpetuo.engine".into(),
        id: id.to_string(),
        resource: resource.into(),
        quantity,
        at: Some(to_proto(world.clock.now())),
        ..UsageEvent::default()
    }
}

/// So many tickets a day.
fn tickets(world: &World, limit: i64) -> ResourceLimits {
    let allowance = Allowance { resource: "tickets".into(), period: Period::Day.into(), limit, ..Allowance::default() };
    let (kind, id) = (LayerKind::Workspace.into(), world.workspace.to_string());
    let layers = vec![Layer { kind, id, allowances: vec![allowance], ..Layer::default() }];
    ResourceLimits { plan: "enterprise".into(), layers, ..ResourceLimits::default() }
}

#[tokio::test]
async fn a_free_plan_has_ten_executions_a_month_and_then_says_when_there_are_more() {
    for world in everywhere().await {
        for n in 1..=10 {
            let state = ask(&world, execution(&world, n)).await.unwrap().limits.remove(0);
            assert_eq!((state.layer(), state.limit, state.used, state.remaining), (LayerKind::Plan, 10, n, 10 - n));
        }
        let failure = ask(&world, execution(&world, 11)).await.unwrap_err();
        assert_eq!((failure.reason, failure.reason.http()), (Reason::QuotaExceeded, 402));
        let facts = ["layer", "plan", "resource", "period", "limit", "used"].map(|name| failure.get(name).unwrap());
        assert_eq!(facts, ["plan", "free", "executions", "month", "10", "10"]);
        let december: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
        assert_eq!(failure.retry_after, Some((december - start()).to_std().unwrap()));
        // What is recorded goes on counting, what is released does not.
        record(&world, vec![event(&world, 1, "executions", 1)], None).await.unwrap();
        release(&world, 2).await;
        ask(&world, execution(&world, 11)).await.unwrap();
        assert!(ask(&world, execution(&world, 12)).await.is_err());
        world.hand.advance(TimeDelta::days(10));
        let state = ask(&world, execution(&world, 12)).await.unwrap().limits.remove(0);
        assert_eq!(state.used, 1, "another month");
    }
}

#[tokio::test]
async fn a_month_ends_where_the_workspace_is() {
    let world = World::embedded().await;
    world.hand.advance("2026-12-01T01:00:00Z".parse::<DateTime<Utc>>().unwrap() - start());
    let at = |zone: &str| ResourceLimits { time_zone: zone.into(), ..ResourceLimits::default() };
    for n in 0..10 {
        ask(&world, reserve(&world, n, "executions", at("America/Sao_Paulo"))).await.unwrap();
    }
    let failure = ask(&world, reserve(&world, "x", "executions", at("America/Sao_Paulo"))).await.unwrap_err();
    assert_eq!(failure.retry_after, Some(Duration::from_secs(2 * 3600)), "there it is ten in the evening");
    world.hand.advance(TimeDelta::hours(2));
    ask(&world, reserve(&world, "x", "executions", at("America/Sao_Paulo"))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_at_once_never_get_more_than_is_allowed() {
    for world in everywhere().await {
        let world = Arc::new(world);
        let mut racers = tokio::task::JoinSet::new();
        for n in 0..200 {
            let world = world.clone();
            racers.spawn(async move {
                // Half of them reserve, half of them record at once.
                if n % 2 == 0 {
                    return ask(&world, reserve(&world, n, "tickets", tickets(&world, 17))).await.is_ok();
                }
                let events = vec![event(&world, n, "tickets", 1)];
                record(&world, events, Some(tickets(&world, 17))).await.is_ok()
            });
        }
        let fitting = racers.join_all().await.into_iter().filter(|fits| *fits).count();
        assert_eq!(fitting, 17);
    }
}

#[tokio::test]
async fn events_beyond_a_limit_are_refused_together_and_recorded_where_nobody_asks() {
    for world in everywhere().await {
        let batch = |ids: std::ops::Range<i64>| ids.map(|n| event(&world, n, "tickets", 2)).collect::<Vec<_>>();
        record(&world, batch(0..3), Some(tickets(&world, 10))).await.unwrap();
        let failure = record(&world, batch(3..6), Some(tickets(&world, 10))).await.unwrap_err();
        assert_eq!(
            (failure.reason, failure.get("used"), failure.get("limit")),
            (Reason::QuotaExceeded, Some("6"), Some("10"))
        );
        record(&world, batch(0..5), Some(tickets(&world, 10))).await.expect("the first three are known already");
        let back = UsageEvent {
            corrects: Some(EventName { source: "perpetuo.engine".into(), id: "0".into() }),
            ..event(&world, "back", "tickets", -2)
        };
        record(&world, vec![back], Some(tickets(&world, 10))).await.expect("what gives back is never in the way");
        record(&world, batch(5..6), Some(tickets(&world, 10))).await.unwrap();
        assert!(record(&world, batch(6..7), Some(tickets(&world, 10))).await.is_err());
        record(&world, batch(6..7), None).await.expect("what was used was used");
    }
}

#[tokio::test]
async fn a_reservation_is_counted_once_and_dies_with_its_time() {
    for world in everywhere().await {
        let one = || reserve(&world, "a", "tickets", tickets(&world, 1));
        for _ in 0..3 {
            assert_eq!(ask(&world, one()).await.unwrap().limits[0].used, 1);
        }
        let other = ReserveUsageRequest { quantity: 2, ..one() };
        assert_eq!(ask(&world, other).await.unwrap_err().reason, Reason::EventConflict);
        let next = || reserve(&world, "b", "tickets", tickets(&world, 1));
        assert_eq!(ask(&world, next()).await.unwrap_err().reason, Reason::QuotaExceeded);
        world.hand.advance(TimeDelta::hours(1));
        ask(&world, next()).await.expect("the other one has expired");
        record(&world, vec![event(&world, "b", "tickets", 1)], Some(tickets(&world, 1)))
            .await
            .expect("it had its place");
        assert_eq!(ask(&world, next()).await.unwrap_err().reason, Reason::EventConflict, "it was recorded");
        assert_eq!(ask(&world, one()).await.unwrap_err().reason, Reason::QuotaExceeded);
        world.service.tend().await.unwrap();
    }
}

#[tokio::test]
async fn limits_in_force_show_resources_with_what_is_left() {
    for world in everywhere().await {
        for n in 0..3 {
            ask(&world, execution(&world, n)).await.unwrap();
        }
        record(&world, vec![event(&world, 0, "executions", 1), event(&world, "t", "tickets", 7)], None).await.unwrap();
        let layers = tickets(&world, 10).layers;
        let peek = PeekLimitsRequest { workspace_id: world.workspace.to_string(), layers, ..Default::default() };
        let limits = world.usage.peek_limits(&world.call(), peek).await.unwrap().limits;
        let shown: Vec<_> =
            limits.iter().map(|l| (l.layer(), l.resource.as_str(), l.period(), l.limit, l.used, l.remaining)).collect();
        let expected = [
            (LayerKind::Plan, "executions", Period::Month, 10, 3, 7),
            (LayerKind::Workspace, "tickets", Period::Day, 10, 7, 3),
        ];
        assert_eq!(shown, expected);
    }
}

#[tokio::test]
async fn limits_of_keys_and_users_do_not_fit_events() {
    let world = World::embedded().await;
    let layers = vec![Layer { kind: LayerKind::ApiKey.into(), id: world.key.to_string(), ..Layer::default() }];
    let limits = ResourceLimits { layers, ..ResourceLimits::default() };
    let failure = ask(&world, reserve(&world, 1, "tickets", limits)).await.unwrap_err();
    assert_eq!(failure.reason, Reason::InvalidArgument);
}

#[tokio::test]
async fn each_threshold_of_a_resource_is_told_once() {
    let world = World::embedded().await;
    let mut feed = world.usage.watch(&world.call(), WatchRequest { after: Some(0) }).await.unwrap();
    for n in 0..10 {
        ask(&world, execution(&world, n)).await.unwrap();
    }
    let mut seen = vec![];
    while seen.len() < 3 {
        let next = tokio::time::timeout(10 * SECOND, feed.next()).await.unwrap().unwrap().unwrap();
        seen.extend(next.events.into_iter().map(|event| {
            assert_eq!(WorkspaceId::from_uuid(world.workspace.uuid()).to_string(), event.workspace_id);
            let payload: serde_json::Value = serde_json::from_str(&event.payload).unwrap();
            assert_eq!((payload["resource"].as_str(), payload["limit"].as_i64()), (Some("executions"), Some(10)));
            payload["threshold_percent"].as_i64().unwrap()
        }));
    }
    seen.sort_unstable();
    assert_eq!(seen, [75, 90, 100]);
}
