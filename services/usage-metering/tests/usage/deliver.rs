//! Exports that go elsewhere, to a storage on loopback.

use crate::{
    export::{create, done, download, get, owner, three, wish},
    storage::{KEY, SECRET, Storage},
    world::*,
};
use chrono::TimeDelta;
use proto::{Failure, Reason, usage::*};
use std::time::Duration;

const BOUND: Duration = Duration::from_secs(30);

fn bucket(storage: &Storage) -> S3Destination {
    S3Destination {
        endpoint: storage.endpoint.clone(),
        bucket: "reports".into(),
        prefix: "perpetuo/".into(),
        access_key_id: KEY.into(),
        secret_access_key: SECRET.into(),
        ..S3Destination::default()
    }
}

pub fn to(s3: S3Destination) -> Option<ExportDestination> {
    Some(ExportDestination { to: Some(export_destination::To::S3(s3)) })
}

fn sent(storage: &Storage) -> CreateExportRequest {
    CreateExportRequest { destination: to(bucket(storage)), ..wish("usage", "csv") }
}

/// The export once its delivery has this status.
async fn delivery(world: &World, id: &str, status: &str) -> ExportDelivery {
    eventually(BOUND, async || {
        let delivery = get(world, id).await.unwrap().delivery.unwrap();
        (delivery.status == status).then_some(delivery)
    })
    .await
}

/// A delivery with at least so many failed tries.
async fn failures(world: &World, id: &str, count: i32) -> ExportDelivery {
    eventually(BOUND, async || get(world, id).await.unwrap().delivery.filter(|delivery| delivery.failures >= count))
        .await
}

#[tokio::test]
async fn an_export_arrives_in_the_bucket_as_it_is_downloaded() {
    for world in everywhere().await {
        three(&world).await;
        let storage = Storage::start().await;
        let made = create(&world, sent(&storage)).await.unwrap();
        assert_eq!(made.delivery.unwrap().status, "waiting");
        let delivered = delivery(&world, &made.id, "delivered").await;
        let name = format!("perpetuo/usage-20261101T0000Z-20261121T0821Z.{}.csv", made.id);
        assert_eq!(delivered.location, format!("s3://reports/{name}"));
        let objects = storage.objects();
        let object = &objects[&format!("/reports/{name}")];
        assert_eq!(object.bytes, download(&world, &made.id).await.unwrap().1);
        assert!(object.content_type.starts_with("text/csv"), "{}", object.content_type);
        assert_eq!((objects.len(), storage.open_uploads()), (1, 0), "the check has left nothing");
    }
}

#[tokio::test]
async fn the_secret_is_sealed_and_in_no_answer_and_goes_when_it_is_not_needed() {
    for world in everywhere().await {
        let storage = Storage::start().await;
        let made = create(&world, sent(&storage)).await.unwrap();
        let shown = format!("{made:?}");
        assert!(!shown.contains(SECRET) && !shown.contains(KEY) && shown.contains("…MPLE"), "{shown}");
        let asked = format!("{:?}", sent(&storage));
        assert!(!asked.contains(SECRET) && !asked.contains(KEY), "{asked}");
        delivery(&world, &made.id, "delivered").await;
        let sql = "select count(*) as n from exports where credential is not null";
        let mut tx = store::SystemTx::read(&world.db, "test").await.unwrap();
        let kept: (i64,) =
            tx.fetch_one(store::Sql { name: "test/kept", postgres: sql, sqlite: sql }, &[]).await.unwrap();
        assert_eq!(kept.0, 0);
    }
}

#[tokio::test]
async fn a_storage_that_refuses_is_told_when_the_export_is_asked_for() {
    let world = World::embedded().await;
    let storage = Storage::start().await;
    let refused = async |s3| {
        let request = CreateExportRequest { destination: to(s3), ..wish("usage", "csv") };
        let failure: Failure = create(&world, request).await.unwrap_err();
        assert_eq!(failure.reason, Reason::RefusedValue, "{failure:?}");
        failure
    };
    let wrong = refused(S3Destination { secret_access_key: "another".into(), ..bucket(&storage) }).await;
    assert!(wrong.message.contains("403 SignatureDoesNotMatch: check the keys"), "{wrong:?}");
    storage.refuse(3, 404, "NoSuchBucket");
    let absent = refused(bucket(&storage)).await;
    assert!(absent.message.contains("404 NoSuchBucket"), "{absent:?}");
    let nobody = refused(S3Destination { endpoint: "http://127.0.0.1:1".into(), ..bucket(&storage) }).await;
    assert!(nobody.message.contains("no connection could be opened"), "{nobody:?}");
    let metadata = refused(S3Destination { endpoint: "http://169.254.169.254".into(), ..bucket(&storage) }).await;
    assert_eq!(metadata.fields[0].0, "destination.endpoint", "{metadata:?}");
    assert_eq!(storage.open_uploads(), 0);
}

/// Storages answer in XML, and whose storage it is a workspace says.
#[tokio::test]
async fn entities_in_what_a_storage_answers_are_neither_read_nor_expanded() {
    let world = World::embedded().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "needle").unwrap();
    let laughs: String = (1..30).map(|n| format!("<!ENTITY a{n} \"&a{0};&a{0};\">", n - 1)).collect();
    for entities in [
        format!("<!ENTITY x SYSTEM \"file://{}\">", file.path().display()),
        "<!ENTITY x \"needle\">".to_owned(),
        format!("<!ENTITY a0 \"needle\">{laughs}<!ENTITY x \"&a29;\">"),
    ] {
        let storage = Storage::start().await;
        storage.declare(format!("<!DOCTYPE r [{entities}]>"));
        let refused = create(&world, sent(&storage)).await.expect_err("an answer that is none");
        assert_eq!(refused.reason, Reason::RefusedValue, "{refused:?}");
        let asked = storage.asked();
        assert!(!asked.is_empty() && !format!("{asked:?} {refused:?}").contains("needle"), "{asked:?} {refused:?}");
    }
}

/// An export that is written, and whose storage refuses everything since it was asked for; who writes it is another process
/// on the same data.
async fn refused(world: World, storage: &Storage, status: u16, code: &'static str) -> (World, String) {
    world.tasks.shutdown(SECOND).await;
    let id = create(&world, sent(storage)).await.unwrap().id;
    storage.refuse(100_000, status, code);
    (next(&world).await, id)
}

/// Another process on the same data.
async fn next(world: &World) -> World {
    let next = World::open(world.fresh.clone().unwrap(), world.dir.clone(), quick(), None).await.unwrap();
    next.hand.set(world.clock.now());
    World { workspace: world.workspace, ..next }
}

#[tokio::test]
async fn a_failed_delivery_is_tried_again_after_growing_pauses_and_says_so() {
    let storage = Storage::start().await;
    let (world, id) = refused(World::embedded().await, &storage, 503, "SlowDown").await;
    let mut pauses = vec![];
    for tried in 1..=9 {
        let delivery = failures(&world, &id, tried).await;
        assert!(delivery.error.contains("503 SlowDown") && delivery.status == "waiting", "{delivery:?}");
        let next = proto::time::from_proto(delivery.next_try_at.unwrap()).unwrap();
        pauses.push((next - world.clock.now()).num_minutes());
        if tried == 9 {
            storage.relent();
        }
        world.hand.set(next);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    let delivered = delivery(&world, &id, "delivered").await;
    assert_eq!((delivered.failures, delivered.error.as_str()), (9, ""));
    assert_eq!(storage.open_uploads(), 0);
}

#[tokio::test]
async fn what_is_given_up_can_still_be_downloaded() {
    let storage = Storage::start().await;
    let (world, id) = refused(World::embedded().await, &storage, 500, "InternalError").await;
    for tried in 1..=10 {
        failures(&world, &id, tried).await;
        world.hand.advance(TimeDelta::hours(1));
    }
    let given_up = delivery(&world, &id, "failed").await;
    assert!(given_up.error.contains("500 InternalError") && given_up.next_try_at.is_none(), "{given_up:?}");
    download(&world, &id).await.unwrap();
}

#[tokio::test]
async fn a_delivery_whose_process_was_killed_is_taken_up_by_another() {
    for world in everywhere().await {
        let storage = Storage::start().await;
        let (world, id) = refused(world, &storage, 403, "AccessDenied").await;
        failures(&world, &id, 1).await;
        world.tasks.shutdown(SECOND).await;
        // As a process leaves it that is killed while it sends: taken until the end of a minute.
        let taken = "update exports set delivery_tries = delivery_tries + 1, deliver_at = $1";
        let mut tx = store::SystemTx::begin(&world.db, "test").await.unwrap();
        let until = world.clock.now() + TimeDelta::minutes(1);
        tx.execute(store::Sql { name: "test/taken", postgres: taken, sqlite: taken }, &[until.into()]).await.unwrap();
        tx.commit().await.unwrap();
        storage.relent();
        let last = next(&world).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert!(storage.objects().is_empty(), "it is somebody else's for a minute");
        last.hand.advance(TimeDelta::minutes(1));
        delivery(&last, &id, "delivered").await;
        assert_eq!(storage.objects().len(), 1);
    }
}

/// `PERPETUO_EXPORT_ROWS=1000000` shows it for a million rows; of fewer the file itself would fit into the bound.
#[tokio::test]
async fn a_large_file_goes_in_parts_and_memory_does_not_grow_with_it() {
    let world = World::embedded().await;
    let storage = Storage::start().await;
    storage.forget_bodies();
    let rows = crate::export::fill(&world, 100_000).await;
    world.hand.advance(TimeDelta::minutes(1));
    let before = crate::export::resident();
    let id = create(&world, sent(&storage)).await.unwrap().id;
    let mut most = 0;
    let export = eventually(Duration::from_secs(900), async || {
        most = most.max(crate::export::resident());
        let export = get(&world, &id).await.unwrap();
        export.delivery.as_ref().is_some_and(|delivery| delivery.status == "delivered").then_some(export)
    })
    .await;
    let object = storage.objects().into_values().next().unwrap();
    println!("{rows} rows, {} bytes in {} parts: {before} MiB before, {most} MiB at most", object.len, object.parts);
    assert_eq!((export.rows, i64::try_from(object.len).unwrap()), (rows, export.bytes));
    assert_eq!(object.parts, object.len.div_ceil(8 * 1024 * 1024));
    assert!(object.len < (128 << 20) || most < before + 128, "{before} MiB before, {most} MiB at most");
}

#[tokio::test]
async fn a_schedule_goes_on_only_from_what_has_arrived() {
    let world = World::embedded().await;
    let storage = Storage::start().await;
    let call = owner(&world, world.workspace);
    let wish = CreateExportScheduleRequest {
        kind: "usage".into(),
        format: "csv".into(),
        cron: "0 6 * * *".into(),
        time_zone: String::new(),
        destination: to(bucket(&storage)),
    };
    let schedule = world.usage.create_export_schedule(&call, wish).await.unwrap().schedule.unwrap();
    let shown = format!("{schedule:?}");
    assert!(!shown.contains(SECRET) && !shown.contains(KEY), "{shown}");
    world.hand.set("2026-11-22T06:00:00Z".parse().unwrap());
    eventually(BOUND, async || (storage.objects().len() == 1).then_some(())).await;
    let only = async || {
        let listed = world.usage.list_export_schedules(&call, ListExportSchedulesRequest::default()).await.unwrap();
        listed.schedules.into_iter().next().unwrap()
    };
    let midnight = |day: &str| Some(proto::time::to_proto(format!("{day}T00:00:00Z").parse().unwrap()));
    eventually(BOUND, async || (only().await.covered_until == midnight("2026-11-22")).then_some(())).await;
    // The storage is away for the next two days, and its keys are replaced then.
    storage.refuse(100_000, 403, "AccessDenied");
    world.hand.set("2026-11-23T06:00:00Z".parse().unwrap());
    eventually(BOUND, async || {
        world.hand.advance(TimeDelta::hours(1));
        tokio::time::sleep(Duration::from_millis(50)).await;
        (only().await.failures >= 1).then_some(())
    })
    .await;
    let failed = only().await;
    assert_eq!(failed.covered_until, midnight("2026-11-22"), "what has not arrived is not covered");
    assert!(failed.error.contains("403 AccessDenied"), "{failed:?}");
    storage.relent();
    let id = schedule.id.clone();
    let change = UpdateExportScheduleRequest {
        schedule_id: id,
        paused: None,
        destination: to(S3Destination { prefix: "again/".into(), ..bucket(&storage) }),
    };
    world.usage.update_export_schedule(&call, change).await.unwrap();
    eventually(BOUND, async || {
        world.hand.advance(TimeDelta::hours(2));
        storage.objects().into_keys().find(|name| name.starts_with("/reports/again/usage-20261122T0000Z-"))
    })
    .await;
}

#[tokio::test]
async fn a_paused_schedule_rests_and_a_resumed_one_makes_up_for_it() {
    let world = World::embedded().await;
    let call = owner(&world, world.workspace);
    let wish = CreateExportScheduleRequest {
        kind: "logs".into(),
        format: "json".into(),
        cron: "0 6 * * *".into(),
        time_zone: String::new(),
        destination: None,
    };
    let schedule = world.usage.create_export_schedule(&call, wish).await.unwrap().schedule.unwrap();
    let set = async |paused| {
        let schedule_id = schedule.id.clone();
        let change = UpdateExportScheduleRequest { schedule_id, paused: Some(paused), destination: None };
        world.usage.update_export_schedule(&call, change).await.unwrap().schedule.unwrap()
    };
    let paused = set(true).await;
    assert!(paused.paused && paused.next_run_at.is_none(), "{paused:?}");
    world.hand.set("2026-11-24T07:00:00Z".parse().unwrap());
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let exports = async || world.usage.list_exports(&call, ListExportsRequest::default()).await.unwrap().exports;
    assert!(exports().await.is_empty(), "it rests");
    let resumed = set(false).await;
    let at = |text: &str| Some(proto::time::to_proto(text.parse().unwrap()));
    assert_eq!((resumed.paused, resumed.next_run_at), (false, at("2026-11-25T06:00:00Z")));
    world.hand.set("2026-11-25T06:00:00Z".parse().unwrap());
    let made = eventually(BOUND, async || exports().await.into_iter().find(|export| export.status == "done")).await;
    assert_eq!((made.from, made.to), (at("2026-11-21T00:00:00Z"), at("2026-11-25T00:00:00Z")));
    let unknown = UpdateExportScheduleRequest { schedule_id: "sched_x".into(), ..Default::default() };
    let absent = world.usage.update_export_schedule(&call, unknown).await.unwrap_err();
    assert_eq!(Reason::of(&absent), Reason::NotFound);
}

#[tokio::test]
async fn bytes_that_no_export_knows_are_swept() {
    for world in everywhere().await {
        let id = create(&world, wish("usage", "csv")).await.unwrap().id;
        done(&world, &id).await;
        world.tasks.shutdown(SECOND).await;
        let kept = create(&world, wish("usage", "csv")).await.unwrap().id;
        // As a writer leaves it that is killed while its export is deleted: bytes without a row.
        let sql = "delete from exports where status = 'done'";
        let mut tx = store::SystemTx::begin(&world.db, "test").await.unwrap();
        tx.execute(store::Sql { name: "test/forget", postgres: sql, sqlite: sql }, &[]).await.unwrap();
        tx.commit().await.unwrap();
        if let Some(dir) = &world.dir {
            std::fs::write(dir.path().join("exports").join("a note of an operator"), "").unwrap();
        }
        assert_eq!(pieces(&world).await, 1);
        world.service.tend_exports().await.unwrap();
        assert_eq!(pieces(&world).await, 0);
        assert_eq!(get(&world, &kept).await.unwrap().status, "queued");
        if let Some(dir) = &world.dir {
            assert!(dir.path().join("exports").join("a note of an operator").exists());
        }
    }
}

/// Files or chunks of exports.
async fn pieces(world: &World) -> usize {
    if let Some(dir) = &world.dir {
        let files = std::fs::read_dir(dir.path().join("exports")).unwrap();
        return files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains("exp_")).count();
    }
    let sql = "select count(*) as n from export_chunks";
    let mut tx = store::SystemTx::read(&world.db, "test").await.unwrap();
    let (count,): (i64,) =
        tx.fetch_one(store::Sql { name: "test/pieces", postgres: sql, sqlite: sql }, &[]).await.unwrap();
    usize::try_from(count).unwrap()
}

/// Credentials, in exports and in schedules, and kept answers are sealed again for the place that they stand in.
#[tokio::test]
async fn what_the_old_master_key_has_sealed_is_sealed_by_the_new_one() {
    let old = store::seal::MasterKey::from_hex(&"2a".repeat(32)).unwrap();
    let new = store::seal::MasterKey::generate();
    for world in everywhere().await {
        let storage = Storage::start().await;
        // Nobody delivers it meanwhile, and takes its credential away.
        world.tasks.shutdown(SECOND).await;
        create(&world, sent(&storage)).await.unwrap();
        let wish = CreateExportScheduleRequest {
            kind: "usage".into(),
            format: "csv".into(),
            cron: "0 6 * * *".into(),
            time_zone: "UTC".into(),
            destination: to(bucket(&storage)),
        };
        let call = proto::Call { idempotency_key: Some("once".into()), ..owner(&world, world.workspace) };
        world.usage.create_export_schedule(&call, wish).await.unwrap();
        let ring = new.clone().beside([old.clone()]);
        for column in usage_metering::SEALED {
            assert_eq!(column.rotate(&world.db, &ring).await.unwrap(), 1, "{column:?}");
            assert_eq!(column.count(&world.db, &new).await.unwrap().by, [1], "{column:?}");
        }
    }
}
