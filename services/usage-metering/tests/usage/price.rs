use crate::world::*;
use std::{sync::Arc, time::Duration};
use usage_metering::{Config, SCHEMA};

fn priced(world: &World) -> Ask {
    world.ask().with(|ask| ask.model = "gpt-4o-mini".into())
}

#[tokio::test]
async fn what_a_request_cost_is_in_its_log_with_the_version_of_the_prices() {
    for world in everywhere().await {
        let id = world.complete(&priced(&world)).await;
        world.service.flush().await.unwrap();
        let log = world.log(&id).await.unwrap();
        // 30 at 0.15, 20 cached at 0.075, 7 at 0.60 dollars for a million.
        assert_eq!((log.cost_micros, log.currency.as_str()), (Some(10), "USD"));
        assert!(log.price_version.starts_with("built-in-"), "{}", log.price_version);
        let total = world.total().await;
        assert_eq!((total.total_cost_micros, total.unpriced_requests), (10, 0));
    }
}

#[tokio::test]
async fn a_late_settlement_corrects_the_cost_as_well() {
    for world in everywhere().await {
        let ask = priced(&world);
        world.admit(&ask).await.unwrap();
        world.hand.advance(chrono::TimeDelta::seconds(5));
        let log = eventually(Duration::from_secs(15), async || world.log(&ask.request_id()).await).await;
        assert_eq!(log.cost_micros, Some(6), "40 tokens of input were estimated");
        world.settle(ask.completed()).await.unwrap();
        world.service.flush().await.unwrap();
        assert_eq!(world.log(&ask.request_id()).await.unwrap().cost_micros, Some(10));
        assert_eq!(world.total().await.total_cost_micros, 10);
    }
}

#[tokio::test]
async fn a_new_file_of_prices_holds_while_running_and_a_broken_one_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("prices.json");
    let file = |version: &str, input: &str| {
        format!(
            r#"{{"version": "{version}", "providers": [{{"kind": "openai", "currency": "EUR", "source": "ours",
            "date": "2026-11-21", "models": [{{"names": ["*"], "prices": {{"input": "{input}", "output": "0"}}}}]}}]}}"#
        )
    };
    let config = Config { prices_file: path.display().to_string(), prices_check_seconds: 1, ..quick() };
    std::fs::write(&path, "{").unwrap();
    let fresh = Arc::new(store::testing::sqlite(&SCHEMA).await);
    let Err(error) = World::open(fresh.clone(), None, config.clone(), None).await else { panic!("it has no prices") };
    assert!(error.to_string().contains("prices.json"), "{error}");
    std::fs::write(&path, file("one", "1000")).unwrap();
    let world = World::open(fresh, None, config, None).await.unwrap();
    let cost = async || {
        let id = world.complete(&world.ask()).await;
        world.service.flush().await.unwrap();
        let log = world.log(&id).await.unwrap();
        (log.cost_micros, log.currency, log.price_version.split('-').next().unwrap().to_owned())
    };
    assert_eq!(cost().await, (Some(50_000), "EUR".into(), "one".into()));
    std::fs::write(&path, "{").unwrap();
    eventually(Duration::from_secs(15), async || prometheus_says("perpetuo_usage_prices_stale 1").then_some(())).await;
    assert_eq!(cost().await.2, "one", "the last good one holds");
    std::fs::write(&path, file("two", "2000")).unwrap();
    eventually(Duration::from_secs(15), async || (cost().await.2 == "two").then_some(())).await;
    assert_eq!(cost().await.0, Some(100_000));
}

fn prometheus_says(line: &str) -> bool {
    let families = host::metrics::registry().gather();
    prometheus::TextEncoder::new().encode_to_string(&families).unwrap().contains(line)
}
