use crate::world::*;
use chrono::{DateTime, TimeDelta, Utc};
use proto::{Call, Failure, Permission, Reason, Role, id::WorkspaceId, time::to_proto, usage::*};
use std::{sync::Arc, time::Instant};
use usage_metering::{Config, Retention};

fn event(id: &str, quantity: i64) -> UsageEvent {
    UsageEvent {
        source: "shop".into(),
        id: id.into(),
        resource: "tickets".into(),
        quantity,
        at: Some(to_proto(start())),
        ..UsageEvent::default()
    }
}

fn writer(world: &World, workspace: WorkspaceId) -> Call {
    let call = world.reader(workspace);
    let principal = proto::Principal::Key { id: world.key };
    Call { scopes: call.scopes.with(Permission::UsageWrite), principal, ..call }
}

async fn record(world: &World, events: Vec<UsageEvent>) -> Result<Vec<bool>, Failure> {
    let call = writer(world, world.workspace);
    let answer = world.usage.record_usage(&call, RecordUsageRequest { events, limits: None }).await;
    answer.map(|a| a.events.into_iter().map(|e| e.duplicate).collect()).map_err(|status| Failure::from(&status))
}

/// Events and quantity of `tickets` in a period of minutes around the start.
async fn tickets(world: &World, from: i64, to: i64) -> (i64, i64) {
    let at = |minutes| Some(to_proto(start() + TimeDelta::minutes(minutes)));
    let request = GetResourceUsageRequest { from: at(from), to: at(to) };
    let answer = world.usage.get_resource_usage(&world.reader(world.workspace), request).await.unwrap();
    answer.resources.iter().find(|r| r.resource == "tickets").map_or((0, 0), |r| (r.events, r.quantity))
}

#[tokio::test]
async fn an_event_is_counted_once_and_its_repetition_says_so() {
    for world in everywhere().await {
        assert_eq!(
            record(&world, vec![event("a", 2), event("b", 3), event("a", 2)]).await.unwrap(),
            [false, false, true]
        );
        assert_eq!(record(&world, vec![event("c", 1), event("b", 3)]).await.unwrap(), [false, true]);
        assert_eq!(tickets(&world, -10, 10).await, (3, 6));
        let other = WorkspaceId::from_uuid(world.ids.uuid());
        let theirs = RecordUsageRequest { events: vec![event("a", 9)], limits: None };
        let answer = world.usage.record_usage(&writer(&world, other), theirs).await.unwrap();
        assert!(!answer.events[0].duplicate, "names are of a workspace");
        assert_eq!(tickets(&world, -10, 10).await, (3, 6));
    }
}

#[tokio::test]
async fn the_same_id_with_another_payload_is_a_conflict_and_nothing_of_the_batch_is_counted() {
    for world in everywhere().await {
        record(&world, vec![event("a", 2)]).await.unwrap();
        let failed = record(&world, vec![event("new", 1), event("a", 3)]).await.unwrap_err();
        assert_eq!(failed.reason, Reason::EventConflict);
        assert_eq!((failed.get("source"), failed.get("id")), (Some("shop"), Some("a")));
        assert!(failed.get("recorded").is_some_and(|d| d.len() == 64) && failed.get("recorded") != failed.get("sent"));
        let twice = record(&world, vec![event("x", 1), event("x", 2)]).await.unwrap_err();
        assert_eq!(twice.reason, Reason::EventConflict);
        assert_eq!(tickets(&world, -10, 10).await, (1, 2));
        assert_eq!(
            record(&world, vec![event("new", 1), event("x", 2)]).await.unwrap(),
            [false, false],
            "no id is burnt"
        );
    }
}

#[tokio::test]
async fn corrections_point_at_what_they_correct_and_never_take_more_than_there_was() {
    for world in everywhere().await {
        let correction = |id: &str, quantity, of: &str| UsageEvent {
            corrects: Some(EventName { source: "shop".into(), id: of.into() }),
            ..event(id, quantity)
        };
        record(&world, vec![event("a", 10), correction("c1", -4, "a")]).await.unwrap();
        assert_eq!(tickets(&world, -10, 10).await, (1, 6));
        for (wrong, problem) in [
            (correction("c2", -7, "a"), "less than nothing"),
            (correction("c2", -1, "b"), "was not recorded"),
            (correction("c2", -1, "c1"), "is a correction itself"),
            (UsageEvent { resource: "seats".into(), ..correction("c2", -1, "a") }, "another resource"),
            (event("c2", -1), "only corrections are negative"),
        ] {
            let failed = record(&world, vec![wrong]).await.unwrap_err();
            assert!(failed.to_string().contains(problem), "{failed}");
        }
        record(&world, vec![correction("c2", -6, "a")]).await.unwrap();
        assert_eq!(tickets(&world, -10, 10).await, (1, 0));
    }
}

#[tokio::test]
async fn events_from_before_the_retention_or_from_the_future_are_refused() {
    let retention = Retention { ledger_days: 35, ..Retention::default() };
    let world = World::at(Place::Group, Config { retention, ..quick() }).await.unwrap();
    let at = |delta: TimeDelta| UsageEvent { at: Some(to_proto(start() + delta)), ..event(&delta.to_string(), 1) };
    let takes = async |delta| record(&world, vec![at(delta)]).await.map_err(|failed| failed.reason);
    assert_eq!(takes(TimeDelta::days(-35)).await, Ok(vec![false]));
    assert_eq!(takes(TimeDelta::minutes(5)).await, Ok(vec![false]));
    assert_eq!(takes(TimeDelta::days(-35) - TimeDelta::seconds(1)).await, Err(Reason::RefusedValue));
    assert_eq!(takes(TimeDelta::seconds(301)).await, Err(Reason::RefusedValue));
    for wrong in [
        UsageEvent { source: "perpetuo.engine".into(), ..event("r", 1) },
        UsageEvent { source: String::new(), ..event("r", 1) },
        UsageEvent { resource: "Not This".into(), ..event("r", 1) },
        UsageEvent { at: None, ..event("r", 1) },
        UsageEvent { properties: [("a\0".into(), String::new())].into(), ..event("r", 1) },
    ] {
        assert_eq!(record(&world, vec![wrong]).await.unwrap_err().reason, Reason::RefusedValue);
    }
    let peer =
        Call { scopes: writer(&world, world.workspace).scopes, workspace: Some(world.workspace), ..world.call() };
    let ours = UsageEvent { source: "perpetuo.engine".into(), ..event("r", 1) };
    world.usage.record_usage(&peer, RecordUsageRequest { events: vec![ours], limits: None }).await.expect("peers may");
    let reader = world.reader(world.workspace);
    let edge = world.usage.called_by(Role::Edge);
    let refused = edge.record_usage(&reader, RecordUsageRequest::default()).await.unwrap_err();
    assert_eq!(Reason::of(&refused), Reason::PermissionDenied);
}

#[tokio::test]
async fn sixty_four_writers_of_one_id_leave_exactly_one_event() {
    for world in everywhere().await {
        let world = Arc::new(world);
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..64 {
            let world = world.clone();
            // Everybody names the same two, in another order.
            let mut events = vec![event("one", 5), event("two", 7)];
            events.rotate_left(n % 2);
            writers.spawn(async move {
                loop {
                    match record(&world, events.clone()).await {
                        Ok(duplicates) => return duplicates.iter().filter(|duplicate| !**duplicate).count(),
                        Err(failed) => assert!(failed.reason.retry(), "{failed}"),
                    }
                }
            });
        }
        assert_eq!(writers.join_all().await.iter().sum::<usize>(), 2);
        assert_eq!(tickets(&world, -10, 10).await, (2, 12));
    }
}

#[tokio::test]
async fn totals_of_a_period_are_exact_to_the_event() {
    for world in everywhere().await {
        let at = |minutes: i64| -> DateTime<Utc> { start() - TimeDelta::hours(2) + TimeDelta::minutes(minutes) };
        let minutes = || (0..120).step_by(7);
        let events = minutes().map(|m| UsageEvent { at: Some(to_proto(at(m))), ..event(&m.to_string(), 1 << (m / 7)) });
        record(&world, events.collect()).await.unwrap();
        for (from, to) in [(0, 120), (1, 2), (7, 8), (3, 99), (15, 45), (14, 46), (0, 15), (60, 60), (59, 61)] {
            let expected = minutes().filter(|m| (from..to).contains(m)).map(|m| 1i64 << (m / 7)).sum::<i64>();
            assert_eq!(tickets(&world, from - 120, to - 120).await.1, expected, "[{from}, {to})");
        }
    }
}

/// Prints how many events a second are durable. The bound catches a mistake, not a slow machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_of_events_are_cheap() {
    for world in everywhere().await.into_iter().filter(|world| world.dir.is_none()) {
        let world = Arc::new(world);
        const LANES: usize = 4;
        const BATCHES: usize = 50;
        let started = Instant::now();
        let mut lanes = tokio::task::JoinSet::new();
        for lane in 0..LANES {
            let world = world.clone();
            lanes.spawn(async move {
                for batch in 0..BATCHES {
                    let events = (0..100).map(|n| event(&format!("{lane}-{batch}-{n}"), 1)).collect();
                    record(&world, events).await.unwrap();
                }
            });
        }
        lanes.join_all().await;
        let total = i64::try_from(LANES * BATCHES * 100).unwrap();
        let rate = total as u128 * 1_000_000 / started.elapsed().as_micros();
        println!("{rate} durable events a second on {}", if world.db.is_sqlite() { "SQLite" } else { "PostgreSQL" });
        assert_eq!(tickets(&world, -10, 10).await, (total, total));
        assert!(rate > 500);
    }
}
