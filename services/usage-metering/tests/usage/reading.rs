use crate::{
    many::{self, first},
    world::*,
};
use chrono::TimeDelta;
use proto::{PlatformRole, id::WorkspaceId, time::to_proto, usage::*};
use std::time::{Duration, Instant};
use store::{Sql, Value, sql};

const MANY: i64 = 10_000_000;

fn month() -> (Option<prost_types::Timestamp>, Option<prost_types::Timestamp>) {
    // Not at any boundary: with quarters, minutes and rows of the ledger on both sides.
    let from = first() + TimeDelta::microseconds(1_234_567_891);
    (Some(to_proto(from)), Some(to_proto(first() + TimeDelta::days(many::DAYS) - TimeDelta::microseconds(987_654_321))))
}

/// Prints how long pages take over ten million rows.
#[tokio::test]
async fn pages_over_ten_million_rows_answer_within_300_ms() {
    // It makes ten million rows first: minutes, and gigabytes of disk.
    #[expect(clippy::disallowed_methods, reason = "whether there is time for it is a choice of who runs the test")]
    if std::env::var_os("PERPETUO_TEN_MILLION").is_none() {
        return;
    }
    let mut late = vec![];
    for place in [Place::Group, Place::Postgres] {
        let Some(world) = World::at(place, quick()).await else { continue };
        let started = Instant::now();
        many::rows(&world.db, world.workspace, MANY).await;
        world.hand.set(first() + TimeDelta::days(many::DAYS));
        let kind = if world.db.is_sqlite() { "SQLite" } else { "PostgreSQL" };
        println!("{kind}: {MANY} rows made in {:?}", started.elapsed());
        for (name, took) in pages(&world).await {
            println!("{kind}: {name:<40} {took:>10.1?}");
            if took >= Duration::from_millis(300) {
                late.push(format!("{kind}: {name} took {took:?}"));
            }
        }
    }
    assert!(late.is_empty(), "{late:#?}");
}

/// Each page, and the median of five times that it was read.
async fn pages(world: &World) -> Vec<(String, Duration)> {
    let reader = world.reader(world.workspace);
    let mut pages = vec![];
    let (from, to) = month();
    let mut times = vec![];
    for _ in 0..5 {
        let started = Instant::now();
        let answer = world.usage.get_usage(&reader, GetUsageRequest { from, to }).await.unwrap();
        times.push(started.elapsed());
        // Evenly spread: what lies between both ends.
        let between = TimeDelta::days(many::DAYS).num_microseconds().unwrap() - 1_234_567_891 - 987_654_321;
        let apart = TimeDelta::days(many::DAYS).num_microseconds().unwrap() / MANY;
        let requests = answer.sums.unwrap().requests;
        assert!((requests - between / apart).abs() <= 1, "{requests} of {}", between / apart);
    }
    pages.push(("a month".to_owned(), median(times)));
    for by in [UsageDimension::Provider, UsageDimension::Model, UsageDimension::ApiKey, UsageDimension::User] {
        let mut times = vec![];
        for _ in 0..5 {
            let started = Instant::now();
            let request = GetUsageByRequest { from, to, by: by.into() };
            assert!(!world.usage.get_usage_by(&reader, request).await.unwrap().groups.is_empty());
            times.push(started.elapsed());
        }
        pages.push((format!("a month by {by:?}"), median(times)));
    }
    for (interval, by, hours, zone) in [
        (UsageInterval::Day, UsageDimension::Unspecified, 29 * 24, "America/Sao_Paulo"),
        (UsageInterval::Day, UsageDimension::ApiKey, 29 * 24, "America/Sao_Paulo"),
        (UsageInterval::Day, UsageDimension::Model, 29 * 24, "Asia/Kolkata"),
        (UsageInterval::Hour, UsageDimension::Model, 29 * 24, "Europe/Lisbon"),
        (UsageInterval::Hour, UsageDimension::ApiKey, 7 * 24, "Europe/Lisbon"),
        (UsageInterval::Minute, UsageDimension::Model, 6, "UTC"),
    ] {
        let mut times = vec![];
        for _ in 0..5 {
            let started = Instant::now();
            let to = first() + TimeDelta::days(many::DAYS);
            let (from, to) = (Some(to_proto(to - TimeDelta::hours(hours))), Some(to_proto(to)));
            let (interval, by, time_zone) = (interval.into(), by.into(), zone.to_owned());
            let request = GetUsageSeriesRequest { from, to, interval, by, time_zone };
            assert!(!world.usage.get_usage_series(&reader, request).await.unwrap().points.is_empty());
            times.push(started.elapsed());
        }
        pages.push((format!("{hours} hours by {interval:?} and {by:?}, {zone}"), median(times)));
    }
    let mut times = vec![];
    for _ in 0..5 {
        let started = Instant::now();
        let to = Some(to_proto(first() + TimeDelta::days(many::DAYS)));
        let from = Some(to_proto(first() + TimeDelta::days(1)));
        let by = SummaryDimension::Provider.into();
        let call = proto::Call { scopes: PlatformRole::Developer.scopes(), ..world.call() };
        let request = SummarizeUsageRequest { from, to, by };
        world.usage.summarize_usage(&call, request).await.unwrap();
        times.push(started.elapsed());
    }
    pages.push(("all workspaces by provider".to_owned(), median(times)));
    for (name, filter) in filters() {
        let (mut times, rare) = (vec![], !name.contains("common"));
        for _ in 0..5 {
            let started = Instant::now();
            let found = world.usage.list_logs(&reader, filter.clone()).await.unwrap().logs.len();
            times.push(started.elapsed());
            assert_eq!(found, if rare { 10 } else { 50 }, "{name}");
        }
        pages.push((format!("logs {name}"), median(times)));
    }
    pages
}

/// Each filter of logs with a value that one request in a million has, and with the one of all others.
fn filters() -> Vec<(&'static str, ListLogsRequest)> {
    let id = |number: u128| uuid::Uuid::from_u128(number);
    let key = |number| Some(proto::id::KeyId::from_uuid(id(number)).to_string());
    let user = |number| Some(proto::id::UserId::from_uuid(id(number)).to_string());
    let text = |text: &str| Some(text.to_owned());
    let all = ListLogsRequest::default;
    // A day in the middle of what there is.
    let noon = |day| Some(to_proto(first() + TimeDelta::days(day) + TimeDelta::hours(12)));
    let day = || ListLogsRequest { from: noon(14), to: noon(15), ..all() };
    vec![
        ("in common", all()),
        ("of a rare key", ListLogsRequest { api_key_id: key(999), ..all() }),
        ("of the common key", ListLogsRequest { api_key_id: key(1), ..all() }),
        ("of a rare user", ListLogsRequest { user_id: user(999), ..all() }),
        ("of the common user", ListLogsRequest { user_id: user(1), ..all() }),
        ("of a rare provider", ListLogsRequest { provider: text("rare"), ..all() }),
        ("of the common provider", ListLogsRequest { provider: text("provider"), ..all() }),
        ("of a rarely asked model", ListLogsRequest { model: text("asked-rarely"), ..all() }),
        ("of a model that a provider knows rarely", ListLogsRequest { model: text("known-rarely"), ..all() }),
        ("of the common model", ListLogsRequest { model: text("model"), ..all() }),
        ("with a rare status", ListLogsRequest { status: Some(429), ..all() }),
        ("with the common status", ListLogsRequest { status: Some(200), ..all() }),
        ("in common of a day", day()),
        ("of the common user on a day", ListLogsRequest { user_id: user(1), ..day() }),
        ("of the common model on a day", ListLogsRequest { model: text("model"), ..day() }),
        (
            "of the common provider with the common status",
            ListLogsRequest { provider: text("provider"), status: Some(200), ..all() },
        ),
        ("with a rare outcome", ListLogsRequest { outcome: text("rejected"), ..all() }),
        ("with the common outcome", ListLogsRequest { outcome: text("completed"), ..all() }),
        (
            "of a rare provider with a rare status and user",
            ListLogsRequest { provider: text("rare"), status: Some(429), user_id: user(999), ..all() },
        ),
    ]
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

store::row! {
    struct Step {
        detail: String,
    }
}

/// What the database says it would do.
async fn plan(world: &World, sql: Sql, values: &[Value]) -> String {
    let mut tx = store::SystemTx::begin(&world.db, "test").await.unwrap();
    let explained = Sql {
        name: "test/explain",
        postgres: format!("explain {}", sql.postgres).leak(),
        sqlite: format!("explain query plan {}", sql.sqlite).leak(),
    };
    if world.db.is_sqlite() {
        let steps: Vec<Step> = tx.fetch_all(explained, values).await.unwrap();
        return steps.into_iter().map(|step| step.detail + "\n").collect();
    }
    // The tables are small here: what matters is whether it can do without reading them as a whole.
    let off = "set local enable_seqscan = off";
    tx.execute(Sql { name: "test/seqscan", postgres: off, sqlite: "" }, &[]).await.unwrap();
    let lines: Vec<(String,)> = tx.fetch_all(explained, values).await.unwrap();
    lines.into_iter().map(|(line,)| line + "\n").collect()
}

#[tokio::test]
async fn no_page_reads_a_table_as_a_whole() {
    for world in everywhere().await {
        let workspace = world.workspace;
        many::rows(&world.db, workspace, 3_000).await;
        let (from, to) = (first() + TimeDelta::days(3), first() + TimeDelta::days(5));
        let period =
            || -> Vec<Value> { vec![workspace.into(), from.into(), to.into(), from.into(), 60_000_000_i64.into()] };
        let ids =
            [from, to].map(|at| uuid::Uuid::from_u64_pair(u64::try_from(at.timestamp_millis()).unwrap() << 16, 0));
        let with = |more: Vec<Value>| period().into_iter().chain(more).collect::<Vec<_>>();
        for (sql, values) in [
            (sql!(pair "usage/spans"), with(vec!["model".into(), "hour".into(), "model".into()])),
            (sql!(pair "usage/quarters"), with(vec!["model".into()])),
            (sql!(pair "usage/minutes"), with(vec!["model".into()])),
            (sql!(pair "usage/ledger"), with(vec!["model".into(), ids[0].into(), ids[1].into()])),
            (sql!("anomaly/hours"), vec![workspace.into(), from.into(), to.into()]),
            (sql!(pair "usage/summary"), vec![from.into(), to.into(), "day".into(), "plan".into(), "plan".into()]),
        ] {
            let plan = plan(&world, sql, &values).await;
            if world.db.is_sqlite() {
                assert!(plan.contains("USING PRIMARY KEY") || plan.contains("USING INDEX"), "{}:\n{plan}", sql.name);
                let scans =
                    plan.lines().filter(|line| line.starts_with("SCAN usage") || line.starts_with("SCAN ledger"));
                // To the first workspace in the order of the key, no further.
                assert!(scans.count() <= usize::from(sql.name == "usage/summary"), "{}:\n{plan}", sql.name);
            } else {
                assert!(plan.contains("Index") && !plan.contains("Seq Scan"), "{}:\n{plan}", sql.name);
            }
        }
    }
}

#[tokio::test]
async fn logs_are_found_by_an_index_of_the_value_that_is_looked_for() {
    for world in everywhere().await {
        many::rows(&world.db, world.workspace, 3_000).await;
        for (path, index) in [
            ("api_key_id", "request_logs_by_key"),
            ("user_id", "request_logs_by_user"),
            ("team_id", "request_logs_by_team"),
            ("provider", "request_logs_by_provider"),
            ("model", "request_logs_by_requested"),
            ("model", "request_logs_by_model"),
            ("outcome", "request_logs_by_outcome"),
            ("status", "request_logs_by_status"),
        ] {
            let beyond = uuid::Uuid::from_u128(u128::MAX);
            let mut values: Vec<Value> = vec![world.workspace.into(), beyond.into(), uuid::Uuid::nil().into()];
            values.extend([first().into(), (first() + TimeDelta::days(many::DAYS)).into()]);
            values.extend(["rare".into(), "known-rarely".into(), 429_i64.into(), "rejected".into()]);
            values.extend([uuid::Uuid::from_u128(999).into(), uuid::Uuid::from_u128(999).into()]);
            values.extend([path.into(), 51_i64.into(), uuid::Uuid::from_u128(999).into()]);
            let plan = plan(&world, sql!(pair "request_log/list"), &values).await;
            if world.db.is_sqlite() {
                assert!(plan.contains(index), "{path}:\n{plan}");
                assert!(!plan.contains("SCAN request_logs"), "{path}:\n{plan}");
            } else {
                assert!(!plan.contains("Seq Scan"), "{path}:\n{plan}");
            }
        }
    }
}

#[tokio::test]
async fn roll_ups_that_a_database_made_agree_with_the_rows() {
    for world in everywhere().await {
        many::rows(&world.db, world.workspace, 3_000).await;
        world.hand.set(first() + TimeDelta::days(many::DAYS));
        let (from, to) = (Some(to_proto(first())), Some(to_proto(first() + TimeDelta::days(many::DAYS))));
        let reader = world.reader(world.workspace);
        let total = world.usage.get_usage(&reader, GetUsageRequest { from, to }).await.unwrap();
        let sums = total.sums.unwrap();
        assert_eq!((sums.requests, sums.input_tokens, sums.output_tokens), (3_000, 360_000, 90_000));
        assert_eq!((sums.cost_micros, total.currency.as_str()), (Some(4_500), "USD"));
        let stranger = world.reader(WorkspaceId::from_uuid(world.ids.uuid()));
        let none = world.usage.get_usage(&stranger, GetUsageRequest { from, to }).await.unwrap();
        assert_eq!(none.sums.unwrap().requests, 0);
    }
}
