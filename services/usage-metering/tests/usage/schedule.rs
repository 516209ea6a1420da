//! Schedules of exports, with a clock that is moved.

use crate::{export::owner, world::*};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    Call, Failure, Reason,
    id::WorkspaceId,
    time::{from_proto, to_proto},
    usage::*,
};
use std::{sync::Arc, time::Duration};

const BOUND: Duration = Duration::from_secs(30);

fn daily() -> CreateExportScheduleRequest {
    CreateExportScheduleRequest {
        kind: "usage".into(),
        format: "csv".into(),
        cron: "0 6 * * *".into(),
        time_zone: "America/Sao_Paulo".into(),
        destination: None,
    }
}

async fn create(world: &World, request: CreateExportScheduleRequest) -> Result<ExportSchedule, Failure> {
    let answer = world.usage.create_export_schedule(&owner(world, world.workspace), request).await;
    answer.map(|answer| answer.schedule.unwrap()).map_err(|status| Failure::from(&status))
}

async fn only(world: &World) -> ExportSchedule {
    let call = owner(world, world.workspace);
    let listed = world.usage.list_export_schedules(&call, ListExportSchedulesRequest::default()).await.unwrap();
    assert_eq!(listed.schedules.len(), 1);
    listed.schedules.into_iter().next().unwrap()
}

async fn exports(world: &World) -> Vec<Export> {
    let call = owner(world, world.workspace);
    world.usage.list_exports(&call, ListExportsRequest::default()).await.unwrap().exports
}

/// The periods of the exports that are done, oldest first, once there are so many.
async fn periods(world: &World, count: usize) -> Vec<(String, String)> {
    eventually(BOUND, async || {
        let done = exports(world).await.into_iter().filter(|export| export.status == "done");
        let time = |at| from_proto(at).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let mut periods: Vec<_> = done.map(|e| (time(e.from.unwrap()), time(e.to.unwrap()))).collect();
        periods.reverse();
        (periods.len() >= count).then_some(periods)
    })
    .await
}

/// Four tries have failed, and the pause after them is over: it is minutes long.
async fn last_try(world: &World) {
    let sql = "update exports set failures = 4 where status = 'queued' and failures < 4";
    let mut tx = store::SystemTx::begin(&world.db, "test").await.unwrap();
    tx.execute(store::Sql { name: "test/last_try", postgres: sql, sqlite: sql }, &[]).await.unwrap();
    tx.commit().await.unwrap();
    world.hand.advance(TimeDelta::minutes(1));
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn pair(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

#[tokio::test]
async fn each_run_exports_the_days_since_the_last_and_what_was_missed_is_made_up_once() {
    for world in everywhere().await {
        // 21 November, 05:00 in São Paulo.
        let made = create(&world, daily()).await.unwrap();
        assert_eq!(made.next_run_at, Some(to_proto(at("2026-11-21T09:00:00Z"))));
        assert_eq!(made.covered_until, Some(to_proto(at("2026-11-20T03:00:00Z"))));
        world.complete(&world.ask()).await;
        world.service.flush().await.unwrap();
        world.hand.set(at("2026-11-21T09:00:00Z"));
        let first = pair("2026-11-20T03:00:00Z", "2026-11-21T03:00:00Z");
        assert_eq!(periods(&world, 1).await, std::slice::from_ref(&first));
        // Nobody was there for three runs.
        world.hand.set(at("2026-11-24T12:00:00Z"));
        let rest = pair("2026-11-21T03:00:00Z", "2026-11-24T03:00:00Z");
        assert_eq!(periods(&world, 2).await, [first, rest]);
        let newest = exports(&world).await.remove(0);
        assert_eq!((newest.rows, newest.created_by.as_str()), (1, &*made.id), "the request of the 21st, once");
        let schedule = only(&world).await;
        assert_eq!(schedule.next_run_at, Some(to_proto(at("2026-11-25T09:00:00Z"))));
        assert_eq!((schedule.covered_until, schedule.failures), (newest.to, 0));
    }
}

#[tokio::test]
async fn a_run_waits_until_requests_of_its_period_are_settled() {
    let world = World::embedded().await;
    create(&world, CreateExportScheduleRequest { cron: "0 0 * * *".into(), time_zone: String::new(), ..daily() })
        .await
        .unwrap();
    world.hand.set(at("2026-11-22T00:00:01Z"));
    eventually(BOUND, async || (exports(&world).await.len() == 1).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(exports(&world).await[0].status, "queued");
    world.hand.set(at("2026-11-22T00:15:00Z"));
    assert_eq!(periods(&world, 1).await, [pair("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z")]);
}

#[tokio::test]
async fn two_processes_make_one_export_of_each_run() {
    let Some(fresh) = store::testing::postgres(&usage_metering::SCHEMA).await else { return };
    let fresh = Arc::new(fresh);
    let one = World::open(fresh.clone(), None, quick(), None).await.unwrap();
    let two = World::open(fresh, None, quick(), None).await.unwrap();
    create(&one, daily()).await.unwrap();
    for day in 21..25 {
        let run = at(&format!("2026-11-{day}T09:00:00Z"));
        one.hand.set(run);
        two.hand.set(run);
        let periods = periods(&one, day - 20).await;
        assert_eq!(periods.len(), day - 20, "{periods:?}");
    }
}

#[tokio::test]
async fn a_schedule_that_fails_five_times_in_a_row_is_paused_and_says_why() {
    let world = World::embedded().await;
    create(&world, daily()).await.unwrap();
    let dir = world.dir.as_ref().unwrap().path().join("exports");
    // In place of a disk that is full: no folder can be made here.
    std::fs::write(&dir, "").unwrap();
    for day in 21..26 {
        world.hand.set(at(&format!("2026-11-{day}T09:00:00Z")));
        eventually(BOUND, async || {
            last_try(&world).await;
            let failed = exports(&world).await.iter().filter(|export| export.status == "failed").count();
            (failed == day - 20).then_some(())
        })
        .await;
    }
    let schedule = only(&world).await;
    assert!(schedule.paused && schedule.failures == 5 && schedule.next_run_at.is_none(), "{schedule:?}");
    assert!(schedule.error.contains("disk"), "{schedule:?}");
    assert_eq!(schedule.covered_until, Some(to_proto(at("2026-11-20T03:00:00Z"))), "nothing of it is lost");
}

#[tokio::test]
async fn what_is_no_schedule_is_refused_and_the_twenty_first_too() {
    let world = World::embedded().await;
    let refused = async |request| create(&world, request).await.unwrap_err().fields[0].0.clone();
    assert_eq!(refused(CreateExportScheduleRequest { cron: "* * * * *".into(), ..daily() }).await, "cron");
    assert_eq!(refused(CreateExportScheduleRequest { time_zone: "Mars".into(), ..daily() }).await, "time_zone");
    assert_eq!(refused(CreateExportScheduleRequest { kind: "everything".into(), ..daily() }).await, "kind");
    let call = Call { idempotency_key: Some(Arc::from("once")), ..owner(&world, world.workspace) };
    let first = world.usage.create_export_schedule(&call, daily()).await.unwrap();
    let again = world.usage.create_export_schedule(&call, daily()).await.unwrap();
    assert_eq!((again.schedule, again.replayed), (first.schedule.clone(), true));
    for _ in 1..20 {
        create(&world, daily()).await.unwrap();
    }
    assert_eq!(create(&world, daily()).await.unwrap_err().reason, Reason::Conflict);
    let delete = DeleteExportScheduleRequest { schedule_id: first.schedule.unwrap().id };
    let stranger = owner(&world, WorkspaceId::from_uuid(world.ids.uuid()));
    let absent = world.usage.delete_export_schedule(&stranger, delete.clone()).await.unwrap_err();
    assert_eq!(Reason::of(&absent), Reason::NotFound);
    world.usage.delete_export_schedule(&owner(&world, world.workspace), delete).await.unwrap();
    create(&world, daily()).await.unwrap();
}
