use crate::world::*;
use chrono::TimeDelta;
use proto::usage::*;
use store::{Sql, SystemTx, WorkspaceTx};
use usage_metering::{Config, Retention};

fn statement(text: &'static str) -> Sql {
    Sql { name: "test/keep", postgres: text, sqlite: text }
}

async fn count(world: &World, text: &'static str) -> i64 {
    let mut tx = SystemTx::read(&world.db, "test").await.unwrap();
    tx.fetch_one::<(i64,)>(statement(text), &[]).await.unwrap().0
}

#[tokio::test]
async fn what_is_older_than_its_retention_goes_and_the_rest_stays() {
    let retention = Retention { ledger_days: 40, logs_days: 10, minutes_days: 2, ..Retention::default() };
    for place in [Place::Group, Place::Postgres] {
        let Some(world) = World::at(place, Config { retention, ..quick() }).await else { continue };
        world.service.tend().await.unwrap();
        world.complete(&world.ask()).await;
        crate::resource::tickets_sold(&world, 5).await;
        let old = "select count(*) as n from pg_class where relname in ('ledger_y2026m11', 'request_logs_y2026m11')";
        if !world.db.is_sqlite() {
            assert_eq!(count(&world, old).await, 2, "its month has partitions");
        }
        world.hand.advance(TimeDelta::days(62));
        world.complete(&world.ask()).await;
        world.service.flush().await.unwrap();
        world.service.tend().await.unwrap();
        for (table, left) in [
            ("select count(*) as n from ledger", 1),
            ("select count(*) as n from request_logs", 1),
            ("select count(*) as n from usage_minutes", 1),
            ("select count(*) as n from usage_quarters", 1),
            // An hour and a day, from three sides each.
            ("select count(*) as n from usage_spans", 6),
            ("select count(*) as n from usage_events", 0),
            ("select count(*) as n from resource_quarters", 0),
        ] {
            assert_eq!(count(&world, table).await, left, "{table}");
        }
        if !world.db.is_sqlite() {
            assert_eq!(count(&world, old).await, 0, "dropped whole");
        }
    }
}

#[tokio::test]
async fn a_retention_that_forgets_events_too_soon_is_refused() {
    let retention = Retention { ledger_days: 34, ..Retention::default() };
    let fresh = store::testing::sqlite(&usage_metering::SCHEMA).await;
    let opened = World::open(fresh.into(), None, Config { retention, ..quick() }, None).await;
    assert!(opened.is_err_and(|error| error.to_string().contains("at least 35")));
}

#[tokio::test]
async fn rows_go_into_the_partition_of_their_month_and_partitions_are_walls_too() {
    let Some(world) = World::at(Place::Postgres, quick()).await else { return };
    // A month that nobody has made yet: its rows wait in the default partition until it is.
    world.hand.advance(TimeDelta::days(150));
    // While it is made, an admission may have to be repeated.
    let id = eventually(std::time::Duration::from_secs(15), async || {
        let ask = world.ask();
        let settled = world.admit(&ask).await.is_ok() && world.settle(ask.completed()).await.is_ok();
        settled.then(|| ask.request_id())
    })
    .await;
    world.service.flush().await.unwrap();
    world.service.tend().await.unwrap();
    assert!(world.log(&id).await.is_some_and(|log| log.input_tokens == 50), "moved, and still there");
    let name = "select 'ledger_y' || to_char(max(created_at), 'YYYY\"m\"MM') as n from ledger";
    let mut tx = SystemTx::read(&world.db, "test").await.unwrap();
    let (part,): (String,) = tx.fetch_one(statement(name), &[]).await.unwrap();
    drop(tx);
    let made = format!("select count(*) as n from pg_inherits where inhrelid = to_regclass('usage.{part}')");
    assert_eq!(count(&world, made.leak()).await, 1, "{part}");
    let waiting = format!("select count(*) as n from ledger where tableoid = to_regclass('usage.{part}')");
    assert_eq!(count(&world, waiting.leak()).await, 1, "the row is in it");
    // Not even its own rows: a workspace reaches them by the table, where the fence is.
    for text in [format!("select count(*) as n from {part}"), format!("delete from {part}")] {
        let mut tx = WorkspaceTx::begin(&world.db, world.workspace).await.unwrap();
        assert!(tx.execute(statement(text.leak()), &[]).await.is_err());
    }
    let other = proto::id::WorkspaceId::from_uuid(world.ids.uuid());
    let mut tx = WorkspaceTx::begin(&world.db, other).await.unwrap();
    assert_eq!(tx.execute(statement("delete from ledger"), &[]).await.unwrap(), 0);
    for call in ["select make_months(now(), 1)", "select drop_months('ledger', now())", "select fence_part('ledger')"] {
        let mut tx = WorkspaceTx::begin(&world.db, other).await.unwrap();
        assert!(tx.execute(statement(call), &[]).await.is_err(), "{call}");
    }
}

/// What the roll-ups say and what the ledger does, by key: the same.
#[tokio::test]
async fn sums_are_those_of_the_rows_whatever_is_sent_twice_late_or_never() {
    const SUMS: &str = "select cast(coalesce(sum(requests), 0) as bigint) as requests,
        cast(coalesce(sum(attempts), 0) as bigint) as attempts, cast(coalesce(sum(failed), 0) as bigint) as failed,
        cast(coalesce(sum(input_tokens + cache_read_tokens), 0) as bigint) as input,
        cast(coalesce(sum(output_tokens), 0) as bigint) as output,
        cast(coalesce(sum(cost_nanos), 0) as bigint) as cost, cast(coalesce(sum(unpriced), 0) as bigint) as unpriced
        from ";
    store::row! {
        #[derive(Debug, PartialEq, Eq)]
        struct Sums { requests: i64, attempts: i64, failed: i64, input: i64, output: i64, cost: i64, unpriced: i64 }
    }
    for world in everywhere().await {
        let mut expected = Sums { requests: 0, attempts: 0, failed: 0, input: 0, output: 0, cost: 0, unpriced: 0 };
        for n in 0..60 {
            let priced = n % 3 == 0;
            let ask = world.ask().with(|ask| {
                if priced {
                    ask.model = "gpt-4o-mini".into();
                }
            });
            world.admit(&ask).await.unwrap();
            let late = n % 5 == 0;
            if n % 7 == 0 {
                world.admit(&ask).await.unwrap();
            }
            if late {
                world.hand.advance(TimeDelta::seconds(5));
                eventually(std::time::Duration::from_secs(15), async || world.log(&ask.request_id()).await).await;
            }
            let settle = if n % 4 == 0 { ask.failed() } else { ask.completed() };
            let used = n % 4 != 0;
            world.settle(settle.clone()).await.unwrap();
            if n % 2 == 0 {
                assert!(world.settle(settle).await.unwrap().already_settled);
            }
            expected.requests += 1;
            expected.attempts += 1;
            expected.failed += i64::from(!used);
            expected.input += if used { 50 } else { 0 };
            expected.output += if used { 7 } else { 0 };
            expected.cost += if used && priced { 10_200 } else { 0 };
            expected.unpriced += i64::from(!priced);
        }
        world.service.flush().await.unwrap();
        for table in ["usage_minutes", "usage_quarters"] {
            let mut tx = SystemTx::read(&world.db, "test").await.unwrap();
            let found: Sums = tx.fetch_one(statement(format!("{SUMS}{table}").leak()), &[]).await.unwrap();
            assert_eq!(found, expected, "{table}");
        }
    }
}

/// One row per outcome: what is counted, what it costs, what is estimated. The table in the README says the same.
#[tokio::test]
async fn each_outcome_is_counted_as_the_policy_says() {
    let tokens = |input, output| Some(Tokens { input, output, ..Tokens::default() });
    for world in everywhere().await {
        for (outcome, used, estimated, micros) in [
            (Outcome::Completed, tokens(1_000, 100), false, 210),
            (Outcome::ClientGone, tokens(1_000, 20), true, 162),
            (Outcome::UpstreamError, None, false, 0),
            (Outcome::UpstreamError, tokens(1_000, 10), true, 156),
            (Outcome::Incomplete, tokens(1_000, 30), true, 168),
            (Outcome::BudgetStopped, tokens(1_000, 50), false, 180),
            (Outcome::Blocked, tokens(1_000, 50), false, 180),
            (Outcome::Outrun, tokens(1_000, 50), true, 180),
            (Outcome::Cached, None, false, 0),
            (Outcome::Replayed, None, false, 0),
        ] {
            let ask = world.ask().with(|ask| ask.model = "gpt-4o-mini".into());
            world.admit(&ask).await.unwrap();
            let end = RequestEnd { outcome: outcome.into(), status_code: 200, ..RequestEnd::default() };
            let settle = SettleRequest {
                outcome: outcome.into(),
                tokens: used,
                estimated,
                request_end: Some(end),
                ..ask.completed()
            };
            world.settle(settle).await.unwrap();
            world.service.flush().await.unwrap();
            let log = world.log(&ask.request_id()).await.unwrap();
            let input = used.map_or(0, |tokens| tokens.input);
            assert_eq!(
                (log.cost_micros, log.input_tokens, log.estimated),
                (Some(micros), input, estimated),
                "{outcome:?}"
            );
            assert_eq!(log.attempts[0].outcome, log.outcome);
        }
        let mut tx = SystemTx::read(&world.db, "test").await.unwrap();
        let failed = "select cast(sum(failed) as bigint) as n from usage_quarters";
        let (failed,): (i64,) = tx.fetch_one(statement(failed), &[]).await.unwrap();
        assert_eq!(failed, 6, "cached and replayed answers are what was asked for, and so is one that was sooner");
    }
}

/// The README says the same: a kept answer is an attempt without tokens, one that is repeated under an Idempotency-Key is
/// in the logs only, as the first one is in the ledger already.
#[tokio::test]
async fn an_answer_that_is_given_again_has_a_row_or_a_log_entry_as_the_policy_says() {
    for world in everywhere().await {
        let ask = world.ask().with(|ask| ask.model = "gpt-4o-mini".into());
        world.admit(&ask).await.unwrap();
        let end =
            |outcome: Outcome| Some(RequestEnd { outcome: outcome.into(), status_code: 200, ..RequestEnd::default() });
        let (outcome, request_end) = (Outcome::Cached.into(), end(Outcome::Cached));
        world.settle(SettleRequest { outcome, tokens: None, request_end, ..ask.completed() }).await.unwrap();
        let repeated = world.ask();
        let replay = RecordRefusalRequest { subject: repeated.0.subject.clone(), request_end: end(Outcome::Replayed) };
        world.usage.record_refusal(&world.call(), replay).await.unwrap();
        world.service.flush().await.unwrap();
        let log = eventually(SECOND, async || world.log(&repeated.request_id()).await).await;
        assert_eq!((log.outcome.as_str(), log.attempts.len(), log.cost_micros), ("replayed", 0, None), "{log:?}");
        let log = world.log(&ask.request_id()).await.unwrap();
        assert_eq!((log.outcome.as_str(), log.attempts.len(), log.cost_micros), ("cached", 1, Some(0)), "{log:?}");
        let total = world.total().await;
        assert_eq!((total.total_requests, total.total_input_tokens, total.total_cost_micros), (1, 0, 0));
        assert_eq!((world.rows("usage").await, total.unpriced_requests), (1, 0));
    }
}
