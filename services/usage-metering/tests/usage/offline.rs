//! Records that follow the ledger: what was tampered with is told and mended, and nothing else.

use crate::world::{World, everywhere, start};
use chrono::NaiveDate;
use host::config::Secret;
use store::{Sql, SystemTx};
use usage_metering::offline::{self, Difference, Scope};

pub fn scope(world: &World) -> Scope {
    let today = start().date_naive();
    Scope { first: today, last: today, workspace: Some(world.workspace) }
}

/// Ten requests, two of which nobody settles.
async fn used(world: &World) {
    for n in 0..10 {
        let ask = world.ask();
        world.admit(&ask).await.unwrap();
        if n > 1 {
            world.settle(ask.completed()).await.unwrap();
        }
    }
    world.service.flush().await.unwrap();
}

async fn run(world: &World, text: &'static str) {
    let mut tx = SystemTx::begin(&world.db, "test").await.unwrap();
    let changed = tx.execute(Sql { name: "test/tamper", postgres: text, sqlite: text }, &[]).await.unwrap();
    assert!(changed > 0, "{text}");
    tx.commit().await.unwrap();
}

fn figures(differences: &[Difference]) -> Vec<(&'static str, &str, i64)> {
    let mut figures: Vec<_> = differences.iter().map(|d| (d.with, d.figure.as_str(), d.ledger - d.found)).collect();
    figures.sort_unstable();
    figures
}

#[tokio::test]
async fn sums_that_were_tampered_with_are_told_and_mended() {
    for world in everywhere().await {
        used(&world).await;
        let (scope, from) = (scope(&world), offline::minutes_from(start()));
        assert_eq!(offline::compare_rollups(&world.db, &scope, from).await.unwrap(), []);
        run(&world, "update usage_quarters set output_tokens = output_tokens - 5, requests = requests + 1").await;
        run(&world, "delete from usage_minutes").await;
        run(&world, "update usage_spans set failed = failed + 3 where span = 'day'").await;
        let found = offline::compare_rollups(&world.db, &scope, from).await.unwrap();
        let minutes = [("attempts", 8), ("input_tokens", 240), ("output_tokens", 56), ("requests", 8)];
        let seen = figures(&found);
        assert!(seen.contains(&("quarters", "output_tokens", 5)) && seen.contains(&("quarters", "requests", -1)));
        assert_eq!(seen.iter().filter(|(with, ..)| *with == "quarters").count(), 2, "{seen:?}");
        let spans: Vec<_> = seen.iter().filter(|(with, ..)| *with == "spans").collect();
        assert_eq!(spans, [&("spans", "failed", -3); 3], "each face of the day");
        for (figure, missing) in minutes {
            assert!(seen.contains(&("minutes", figure, missing)), "{figure}: {seen:?}");
        }
        assert_eq!(offline::rebuild_rollups(&world.db, &scope, from).await.unwrap(), found);
        assert_eq!(offline::compare_rollups(&world.db, &scope, from).await.unwrap(), []);
    }
}

#[tokio::test]
async fn sums_stay_right_when_grants_are_swept_and_settled_late() {
    for world in everywhere().await {
        let ask = world.ask();
        world.admit(&ask).await.unwrap();
        world.service.flush().await.unwrap();
        // Beyond its time: swept.
        world.hand.advance(chrono::TimeDelta::seconds(700));
        crate::world::eventually(5 * crate::world::SECOND, async || (world.rows("usage").await == 1).then_some(()))
            .await;
        world.settle(ask.completed()).await.unwrap();
        world.service.flush().await.unwrap();
        assert_eq!(world.rows("correction").await, 1);
        let found = offline::compare_rollups(&world.db, &scope(&world), offline::minutes_from(start())).await.unwrap();
        assert_eq!(found, []);
    }
}

#[tokio::test]
async fn a_provider_that_counted_otherwise_is_told_by_day_and_model() {
    for world in everywhere().await {
        used(&world).await;
        let right = "provider,model,day,input_tokens,output_tokens,requests\nopenai,gpt-5-2026,2026-11-21,400,56,8\n";
        let compare =
            async |export: String| offline::compare_provider(&world.db, &export, &scope(&world)).await.unwrap();
        assert_eq!(compare(right.to_owned()).await, []);
        let wrong = compare(right.replace("56,8", "60,9")).await;
        assert_eq!(figures(&wrong), [("provider", "output_tokens", -4), ("provider", "requests", -1)]);
        assert_eq!(wrong[0].of, "2026-11-21 openai/gpt-5-2026");
        let other = compare(right.replace("gpt-5-2026", "gpt-4")).await;
        assert_eq!(figures(&other).len(), 6, "both models differ: {other:?}");
    }
}

/// Only where there is a Redis for tests.
#[expect(clippy::disallowed_methods, reason = "this is how tests learn where their servers are")]
fn redis() -> Option<Secret> {
    std::env::var("PERPETUO_TEST_REDIS_URL").ok().map(|url| Secret::from(url.as_str()))
}

#[tokio::test]
async fn daily_counters_follow_the_ledger_and_are_rebuilt_where_they_do_not() {
    let Some(url) = redis() else { return };
    let fresh = std::sync::Arc::new(store::testing::sqlite(&usage_metering::SCHEMA).await);
    let world = World::open(fresh, None, crate::world::quick(), Some(url.expose())).await.unwrap();
    used(&world).await;
    crate::resource::tickets_sold(&world, 5).await;
    world.service.flush().await.unwrap();
    let (scope, now) = (scope(&world), start());
    let compare = async || offline::compare_counters(&world.db, &url, &scope, now).await.unwrap();
    assert_eq!(compare().await, []);
    let mut redis = ::redis::Client::open(url.expose()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let key = |resource: &str| {
        format!("perpetuo:{{{}}}:usage:{resource}:{}", world.workspace, NaiveDate::from(now.naive_utc()))
    };
    let counted: i64 = ::redis::cmd("GET").arg(key("input_tokens")).query_async(&mut redis).await.unwrap();
    let kept: i64 = ::redis::cmd("TTL").arg(key("input_tokens")).query_async(&mut redis).await.unwrap();
    assert_eq!((counted, (7_775_900..=7_776_000).contains(&kept)), (400, true), "{kept}");
    let () = ::redis::cmd("DEL").arg(key("requests")).query_async(&mut redis).await.unwrap();
    let () = ::redis::cmd("INCRBY").arg(key("output_tokens")).arg(11).query_async(&mut redis).await.unwrap();
    let () = ::redis::cmd("SET").arg(key("cost_nanos:EUR")).arg(7).query_async(&mut redis).await.unwrap();
    let tickets: i64 = ::redis::cmd("GETDEL").arg(key("tickets")).query_async(&mut redis).await.unwrap();
    assert_eq!(tickets, 5);
    let expected = [
        ("counters", "cost_nanos:EUR", -7),
        ("counters", "output_tokens", -11),
        ("counters", "requests", 8),
        ("counters", "tickets", 5),
    ];
    assert_eq!(figures(&compare().await), expected);
    assert_eq!(figures(&offline::rebuild_counters(&world.db, &url, &scope, now).await.unwrap()), expected);
    assert_eq!(compare().await, []);
}
