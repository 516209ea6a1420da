//! Exports as people get them.

use crate::world::*;
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use proto::{
    Call, Failure, Permission, Reason, Scopes,
    id::WorkspaceId,
    time::to_proto,
    usage::{download_export_response::Part, *},
};
use std::{sync::Arc, time::Duration};

const BOUND: Duration = Duration::from_secs(30);

/// As an owner of the workspace calls.
pub fn owner(world: &World, workspace: WorkspaceId) -> Call {
    use Permission::{ExportsRead, ExportsWrite, LogsRead, UsageRead};
    let scopes: Scopes = [LogsRead, UsageRead, ExportsRead, ExportsWrite].into_iter().collect();
    Call { scopes, ..world.reader(workspace) }
}

pub fn wish(kind: &str, format: &str) -> CreateExportRequest {
    let from = Some(to_proto("2026-11-01T00:00:00Z".parse().unwrap()));
    CreateExportRequest { kind: kind.into(), format: format.into(), from, ..CreateExportRequest::default() }
}

pub async fn create(world: &World, request: CreateExportRequest) -> Result<Export, Failure> {
    let answer = world.usage.create_export(&owner(world, world.workspace), request).await;
    answer.map(|answer| answer.export.unwrap()).map_err(|status| Failure::from(&status))
}

pub async fn get(world: &World, id: &str) -> Result<Export, Failure> {
    let request = GetExportRequest { export_id: id.into() };
    let answer = world.usage.get_export(&owner(world, world.workspace), request).await;
    answer.map(|answer| answer.export.unwrap()).map_err(|status| Failure::from(&status))
}

pub async fn done(world: &World, id: &str) -> Export {
    eventually(BOUND, async || get(world, id).await.ok().filter(|export| export.status == "done")).await
}

pub async fn download(world: &World, id: &str) -> Result<(ExportFile, Vec<u8>), Failure> {
    let failed = |status| Failure::from(&status);
    let request = DownloadExportRequest { export_id: id.into() };
    let mut parts = world.usage.download_export(&owner(world, world.workspace), request).await.map_err(failed)?;
    let Some(Part::File(file)) = parts.next().await.unwrap().map_err(failed)?.part else { panic!("no head") };
    let mut bytes = vec![];
    while let Some(part) = parts.next().await {
        let Some(Part::Data(data)) = part.map_err(failed)?.part else { panic!("two heads") };
        bytes.extend_from_slice(&data);
    }
    assert_eq!(bytes.len(), usize::try_from(file.bytes).unwrap());
    Ok((file, bytes))
}

/// The file of a new export.
pub async fn exported(world: &World, kind: &str, format: &str) -> (Export, Vec<u8>) {
    let id = create(world, wish(kind, format)).await.unwrap().id;
    let export = done(world, &id).await;
    (export, download(world, &id).await.unwrap().1)
}

/// A completed request, one that a swept grant corrects, and one whose texts look like formulas; a minute after them.
pub async fn three(world: &World) {
    world.complete(&world.ask()).await;
    let lost = world.ask();
    world.admit(&lost).await.unwrap();
    world.hand.advance(TimeDelta::minutes(20));
    eventually(BOUND, async || (world.rows("usage").await == 2).then_some(())).await;
    world.settle(lost.completed()).await.unwrap();
    world.complete(&world.ask().with(|ask| ask.provider = "=cmd|' /C calc'!A0".into())).await;
    world.service.flush().await.unwrap();
    eventually(BOUND, async || (world.rows("correction").await == 1).then_some(())).await;
    world.hand.advance(TimeDelta::minutes(1));
}

fn records(bytes: &[u8]) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(bytes).records().map(Result::unwrap).collect()
}

#[tokio::test]
async fn the_sums_of_a_usage_export_are_what_usage_says() {
    for world in everywhere().await {
        three(&world).await;
        let total = world.total().await;
        let (export, bytes) = exported(&world, "usage", "csv").await;
        let headers = csv::Reader::from_reader(&bytes[..]).headers().unwrap().clone();
        let rows = records(&bytes);
        assert_eq!((export.rows, rows.len()), (4, 4), "three requests and a correction");
        let sum = |names: &[&str]| -> i64 {
            let columns: Vec<_> =
                headers.iter().enumerate().filter(|(_, n)| names.contains(n)).map(|(at, _)| at).collect();
            assert_eq!(columns.len(), names.len());
            rows.iter().flat_map(|row| columns.iter().map(|at| row[*at].parse::<i64>().unwrap())).sum()
        };
        let input = ["input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"];
        let input = sum(&input) + sum(&["audio_input_tokens", "image_input_tokens"]);
        assert_eq!(input, total.total_input_tokens);
        let output = sum(&["output_tokens", "audio_output_tokens", "image_output_tokens"]);
        assert_eq!(output, total.total_output_tokens);
        let kinds: Vec<_> = rows.iter().map(|row| row[3].to_owned()).collect();
        assert_eq!(kinds, ["usage", "usage", "correction", "usage"]);
        assert!(String::from_utf8(bytes).unwrap().contains(",'=cmd|' /C calc'!A0,"), "a formula is defused");
    }
}

#[tokio::test]
async fn a_log_export_has_each_request_once_with_its_sums() {
    for world in everywhere().await {
        three(&world).await;
        let (export, bytes) = exported(&world, "logs", "json").await;
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&bytes).unwrap();
        let listed = world.logs(ListLogsRequest::default()).await.logs;
        assert_eq!((export.rows, rows.len(), listed.len()), (3, 3, 3));
        for (row, log) in rows.iter().zip(listed.iter().rev()) {
            assert_eq!((row["id"].as_str(), row["outcome"].as_str()), (Some(&*log.id), Some(&*log.outcome)));
            assert_eq!((row["input_tokens"].as_i64(), row["output_tokens"].as_i64()), (Some(50), Some(7)));
            assert_eq!((&row["cost"], &row["stream"]), (&serde_json::Value::Null, &true.into()));
        }
        assert_eq!(rows[2]["provider"], "=cmd|' /C calc'!A0", "JSON runs no formulas");
    }
}

#[tokio::test]
async fn only_the_asked_period_is_exported_and_none_is_an_empty_file() {
    let world = World::embedded().await;
    three(&world).await;
    let at = |text: &str| Some(to_proto(text.parse::<DateTime<Utc>>().unwrap()));
    let request = CreateExportRequest { from: at("2026-11-21T08:10:00Z"), ..wish("usage", "csv") };
    let id = create(&world, request).await.unwrap().id;
    assert_eq!(done(&world, &id).await.rows, 1);
    for (format, nothing) in [("csv", "request_id,"), ("json", "[]\n")] {
        let request = CreateExportRequest {
            from: at("2026-10-01T00:00:00Z"),
            to: at("2026-11-01T00:00:00Z"),
            ..wish("usage", format)
        };
        let id = create(&world, request).await.unwrap().id;
        assert_eq!(done(&world, &id).await.rows, 0);
        let (file, bytes) = download(&world, &id).await.unwrap();
        assert!(bytes.starts_with(nothing.as_bytes()) && bytes.iter().filter(|b| **b == b'\n').count() == 1);
        assert_eq!(file.name, format!("usage-20261001T0000Z-20261101T0000Z.{format}"));
    }
}

#[tokio::test]
async fn what_cannot_be_exported_is_refused_with_a_reason() {
    let world = World::embedded().await;
    let refused = async |request| create(&world, request).await.unwrap_err();
    for (kind, reason, text) in [
        ("everything", Reason::RefusedValue, "usage, logs, audit or invoices"),
        ("", Reason::InvalidArgument, "required"),
    ] {
        let failure = refused(wish(kind, "csv")).await;
        assert_eq!((failure.reason, failure.fields[0].0.as_str()), (reason, "kind"), "{failure:?}");
        assert!(failure.message.contains(text), "{failure:?}");
    }
    assert_eq!(refused(wish("usage", "xlsx")).await.fields[0].0, "format");
    let future = Some(to_proto(world.clock.now() + TimeDelta::days(1)));
    assert_eq!(refused(CreateExportRequest { to: future, ..wish("usage", "csv") }).await.fields[0].0, "to");
    let scopes = [Permission::ExportsWrite, Permission::UsageRead].into_iter().collect();
    let call = Call { scopes, ..owner(&world, world.workspace) };
    for (kind, permission) in [("logs", "logs.read"), ("invoices", "billing.read")] {
        let answer = world.usage.create_export(&call, wish(kind, "csv")).await.unwrap_err();
        assert_eq!(Failure::from(&answer).get("permission"), Some(permission));
    }
}

#[tokio::test]
async fn a_repeated_creation_is_the_same_export_and_the_fourth_open_one_waits() {
    for world in everywhere().await {
        // Written by nobody: the process that would do it has stopped.
        world.tasks.shutdown(SECOND).await;
        let call = Call { idempotency_key: Some(Arc::from("once")), ..owner(&world, world.workspace) };
        let first = world.usage.create_export(&call, wish("usage", "csv")).await.unwrap();
        let again = world.usage.create_export(&call, wish("usage", "csv")).await.unwrap();
        assert_eq!((again.export, again.replayed), (first.export, true));
        let other = world.usage.create_export(&call, wish("logs", "csv")).await.unwrap_err();
        assert_eq!(Reason::of(&other), Reason::IdempotencyMismatch);
        create(&world, wish("usage", "csv")).await.unwrap();
        let third = create(&world, wish("usage", "csv")).await.unwrap();
        assert_eq!(create(&world, wish("usage", "csv")).await.unwrap_err().reason, Reason::Conflict);
        assert_eq!(download(&world, &third.id).await.unwrap_err().reason, Reason::ExportNotReady);
        let delete = DeleteExportRequest { export_id: third.id };
        world.usage.delete_export(&owner(&world, world.workspace), delete).await.unwrap();
        create(&world, wish("usage", "csv")).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_sees_the_exports_of_another_workspace() {
    for world in everywhere().await {
        let (export, _) = exported(&world, "usage", "csv").await;
        let stranger = owner(&world, WorkspaceId::from_uuid(world.ids.uuid()));
        let id = || export.id.clone();
        let absent = |status: tonic::Status| assert_eq!(Reason::of(&status), Reason::NotFound);
        absent(world.usage.get_export(&stranger, GetExportRequest { export_id: id() }).await.unwrap_err());
        let download = world.usage.download_export(&stranger, DownloadExportRequest { export_id: id() }).await;
        absent(download.err().unwrap());
        absent(world.usage.delete_export(&stranger, DeleteExportRequest { export_id: id() }).await.unwrap_err());
        let listed = world.usage.list_exports(&stranger, ListExportsRequest::default()).await.unwrap();
        assert!(listed.exports.is_empty());
        assert!(get(&world, &export.id).await.is_ok());
    }
}

#[tokio::test]
async fn an_old_export_loses_its_bytes_and_a_deleted_one_is_gone() {
    for world in everywhere().await {
        let (export, _) = exported(&world, "usage", "csv").await;
        let (other, _) = exported(&world, "logs", "csv").await;
        let delete = DeleteExportRequest { export_id: other.id.clone() };
        world.usage.delete_export(&owner(&world, world.workspace), delete).await.unwrap();
        assert_eq!(get(&world, &other.id).await.unwrap_err().reason, Reason::NotFound);
        world.hand.advance(TimeDelta::days(8));
        world.service.tend_exports().await.unwrap();
        assert_eq!(get(&world, &export.id).await.unwrap().status, "expired");
        assert_eq!(download(&world, &export.id).await.unwrap_err().reason, Reason::ExportGone);
        if let Some(dir) = &world.dir {
            assert_eq!(std::fs::read_dir(dir.path().join("exports")).unwrap().count(), 0);
        }
    }
}

#[tokio::test]
async fn an_export_whose_process_was_killed_is_taken_up_by_the_next() {
    for world in everywhere().await {
        three(&world).await;
        world.tasks.shutdown(SECOND).await;
        let id = create(&world, wish("usage", "csv")).await.unwrap().id;
        // As a killed process leaves it: somebody writes it, and nobody does.
        let claim = "update exports set status = 'running', tries = 1, row_count = 2 where status = 'queued'";
        let mut tx = store::SystemTx::begin(&world.db, "test").await.unwrap();
        tx.execute(store::Sql { name: "test/claim", postgres: claim, sqlite: claim }, &[]).await.unwrap();
        tx.commit().await.unwrap();
        let next = World::open(world.fresh.clone().unwrap(), world.dir.clone(), quick(), None).await.unwrap();
        let next = World { workspace: world.workspace, ..next };
        next.hand.set(world.clock.now() + TimeDelta::minutes(2));
        let export = done(&next, &id).await;
        assert_eq!((export.rows, records(&download(&next, &id).await.unwrap().1).len()), (4, 4));
    }
}

/// What a process holds in memory, in MiB.
pub fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1024
}

/// Makes ledger rows: `rows`, or what `PERPETUO_EXPORT_ROWS` says.
pub async fn fill(world: &World, rows: i64) -> i64 {
    world.complete(&world.ask()).await;
    world.service.flush().await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "how many rows is a choice of who runs the test")]
    let rows: i64 = std::env::var("PERPETUO_EXPORT_ROWS").map_or(rows, |text| text.parse().unwrap());
    let copy = "insert into ledger select workspace_id, cast(substr(request_id, 1, 6) || unhex(printf('%020x', n)) as blob), \
        attempt, correction, kind, swept, provider, provider_kind, provider_id, model, api_key_id, user_id, operation, plan, \
        credential_owner, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, \
        audio_input_tokens, image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens, \
        reasoning_tokens, estimated, outcome, error_code, provider_status, 123456789, 123456789, currency, \
        price_version, duration_ms, ttft_ms, created_at, settled_at, 0, 0, 0, 0, '', team_id from ledger, \
        (with recursive c(n) as (select 1 union all select n + 1 from c where n < $1) select n from c)";
    let mut tx = store::SystemTx::begin(&world.db, "test").await.unwrap();
    let filled = store::Sql { name: "test/fill", postgres: copy, sqlite: copy };
    tx.execute(filled, &[(rows - 1).into()]).await.unwrap();
    tx.commit().await.unwrap();
    rows
}

/// Says to this test binary that it is the process whose memory is looked at: the format.
const WEIGHED: &str = "PERPETUO_TEST_WEIGHED";

/// Not a test of its own: the process that the next one weighs, in which nothing else runs.
#[tokio::test]
async fn weighed() {
    #[expect(clippy::disallowed_methods, reason = "so a test tells its child what to do")]
    let Ok(format) = std::env::var(WEIGHED) else { return };
    let world = World::embedded().await;
    let rows = fill(&world, 150_000).await;
    world.hand.advance(TimeDelta::minutes(1));
    let (before, started) = (resident(), std::time::Instant::now());
    let id = create(&world, wish("usage", &format)).await.unwrap().id;
    let (mut most, bound) = (0, Duration::from_secs(900));
    let export = eventually(bound, async || {
        most = most.max(resident());
        get(&world, &id).await.ok().filter(|export| export.status == "done")
    })
    .await;
    assert_eq!(export.rows, rows);
    println!("\nweighed {} {} {before} {most} in {:?}.", export.rows, export.bytes, started.elapsed());
}

/// `PERPETUO_EXPORT_ROWS=1000000` prints what a million rows take.
#[test]
fn memory_does_not_grow_with_the_rows() {
    for format in ["csv", "json"] {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        let output = command.args(["--exact", "export::weighed", "--nocapture"]).env(WEIGHED, format).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        let line = told.lines().find_map(|line| line.strip_prefix("weighed ")).unwrap_or_else(|| panic!("{told}"));
        let figures: Vec<usize> = line.split(' ').map_while(|figure| figure.parse().ok()).collect();
        let [rows, bytes, before, most] = figures[..] else { panic!("{line}") };
        println!("{format}: {rows} rows, {bytes} bytes: {before} MiB before, {most} MiB at most");
        assert!(most < before + 35, "{format}: {before} MiB before, {most} MiB at most");
        assert!(bytes > (35 << 20), "{format}: {bytes} bytes would fit");
    }
}
