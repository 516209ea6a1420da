//! The audit trail as exports carry it.

use crate::{
    deliver, export,
    house::House,
    letters,
    storage::{KEY, SECRET, Storage},
    world::*,
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{Call, Failure, Permission, Reason, time::to_proto, usage::*, workspace::AuditEvent};
use std::time::Duration;

const BOUND: Duration = Duration::from_secs(30);

/// As an owner calls, who may read the trail too.
fn owner(world: &World) -> Call {
    let call = export::owner(world, world.workspace);
    Call { scopes: call.scopes.with(Permission::AuditRead), ..call }
}

async fn create(world: &World, request: CreateExportRequest) -> Result<Export, Failure> {
    let answer = world.usage.create_export(&owner(world), request).await;
    answer.map(|answer| answer.export.unwrap()).map_err(|status| Failure::from(&status))
}

/// So many events, one a second.
fn happen(house: &House, world: &World, from: DateTime<Utc>, count: i64) {
    let event = |n: i64| AuditEvent {
        id: format!("evt_{n}"),
        at: Some(to_proto(from + TimeDelta::seconds(n))),
        actor: "usr_1".into(),
        action: "provider.created".into(),
        subject: "=cmd|' /C calc'!A0".into(),
        request_id: String::new(),
        details_json: format!("{{\"n\":{n}}}"),
        source: "workspace".into(),
        ..AuditEvent::default()
    };
    house.state().trail.entry(world.workspace.to_string()).or_default().extend((0..count).map(event));
}

#[tokio::test]
async fn the_trail_is_exported_whole_in_both_formats_to_whoever_may_read_it() {
    for world in everywhere().await {
        happen(&world.house, &world, start() - TimeDelta::hours(1), 1_203);
        let id = create(&world, export::wish("audit", "csv")).await.unwrap().id;
        assert_eq!(export::done(&world, &id).await.rows, 1_203);
        let (file, bytes) = export::download(&world, &id).await.unwrap();
        assert!(file.name.starts_with("audit-20261101T0000Z-"), "{file:?}");
        let rows: Vec<_> = csv::Reader::from_reader(&bytes[..]).records().map(Result::unwrap).collect();
        assert_eq!((rows.len(), &rows[1_202][0], &rows[0][7]), (1_203, "evt_1202", "{\"n\":0}"));
        assert_eq!(&rows[0][4], "'=cmd|' /C calc'!A0", "a formula is defused");
        let id = create(&world, export::wish("audit", "json")).await.unwrap().id;
        export::done(&world, &id).await;
        let bytes = export::download(&world, &id).await.unwrap().1;
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((rows.len(), &rows[7]["details"]["n"], &rows[7]["request_id"]), (1_203, &7.into(), &().into()));
        let period = CreateExportRequest {
            from: Some(to_proto(start() - TimeDelta::hours(1) + TimeDelta::seconds(10))),
            to: Some(to_proto(start() - TimeDelta::hours(1) + TimeDelta::seconds(20))),
            ..export::wish("audit", "json")
        };
        let id = create(&world, period).await.unwrap().id;
        assert_eq!(export::done(&world, &id).await.rows, 10);
        let refused = export::create(&world, export::wish("audit", "csv")).await.unwrap_err();
        assert_eq!((refused.reason, refused.get("permission")), (Reason::PermissionDenied, Some("audit.read")));
    }
}

#[tokio::test]
async fn a_trail_that_is_away_is_exported_once_it_is_back() {
    let world = World::embedded().await;
    happen(&world.house, &world, start() - TimeDelta::hours(1), 3);
    world.house.state().away = true;
    let id = create(&world, export::wish("audit", "csv")).await.unwrap().id;
    let told = eventually(BOUND, async || {
        let export = export::get(&world, &id).await.unwrap();
        (!export.error.is_empty()).then_some(export.error)
    })
    .await;
    assert!(told.contains("another service failed"), "{told}");
    world.house.state().away = false;
    world.hand.advance(TimeDelta::minutes(1));
    assert_eq!(export::done(&world, &id).await.rows, 3);
    let alone = World::alone(quick()).await;
    let refused = create(&alone, export::wish("audit", "csv")).await.unwrap_err();
    assert_eq!(refused.reason, Reason::ServiceUnavailable);
}

#[tokio::test]
async fn a_schedule_carries_the_trail_to_a_storage_and_to_people() {
    let world = World::embedded().await;
    let storage = Storage::start().await;
    world.house.member(world.workspace, "ana@example.com", "en", &[Permission::AuditRead]);
    happen(&world.house, &world, start(), 5);
    let bucket = S3Destination {
        endpoint: storage.endpoint.clone(),
        bucket: "reports".into(),
        access_key_id: KEY.into(),
        secret_access_key: SECRET.into(),
        ..S3Destination::default()
    };
    for destination in [deliver::to(bucket), letters::to(&["ana@example.com"])] {
        let schedule = CreateExportScheduleRequest {
            kind: "audit".into(),
            format: "json".into(),
            cron: "0 6 * * *".into(),
            time_zone: String::new(),
            destination,
        };
        let lacking =
            world.usage.create_export_schedule(&export::owner(&world, world.workspace), schedule.clone()).await;
        assert_eq!(Reason::of(&lacking.unwrap_err()), Reason::PermissionDenied);
        world.usage.create_export_schedule(&owner(&world), schedule).await.unwrap();
    }
    world.hand.set("2026-11-22T06:00:00Z".parse().unwrap());
    let object = eventually(BOUND, async || storage.objects().into_values().next()).await;
    let letter = eventually(BOUND, async || world.house.letters_there().pop()).await;
    let (name, file) = letter.file.unwrap();
    assert_eq!(name, "audit-20261121T0000Z-20261122T0000Z.json");
    assert_eq!(serde_json::from_slice::<Vec<serde_json::Value>>(&file).unwrap().len(), 5);
    assert_eq!(object.bytes, file);
}
