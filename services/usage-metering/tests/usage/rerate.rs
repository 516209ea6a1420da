use crate::world::*;
use chrono::TimeDelta;
use std::time::Duration;
use usage_metering::{
    Config,
    offline::{ReRate, ReRated, re_rate},
};

fn prices(dir: &tempfile::TempDir, currency: &str, input: &str) -> Config {
    let path = dir.path().join(format!("{currency}-{input}.json"));
    let text = format!(
        r#"{{"version": "corrected", "providers": [{{"kind": "openai", "currency": "{currency}", "source": "ours",
        "date": "2026-11-21", "models": [{{"names": ["gpt-4o-mini", "new"], "prices": {{"input": "{input}", "output": "0"}}}}]}}]}}"#
    );
    std::fs::write(&path, text).unwrap();
    Config { prices_file: path.display().to_string(), ..quick() }
}

#[tokio::test]
async fn a_period_is_priced_again_once_and_sums_follow() {
    let dir = tempfile::tempdir().unwrap();
    for world in everywhere().await {
        for model in ["gpt-4o-mini", "new", "nobody-sells-this"] {
            world.complete(&world.ask().with(|ask| ask.model = model.into())).await;
        }
        let late = world.ask().with(|ask| ask.model = "gpt-4o-mini".into());
        world.admit(&late).await.unwrap();
        world.hand.advance(TimeDelta::seconds(5));
        eventually(Duration::from_secs(15), async || world.log(&late.request_id()).await).await;
        world.service.flush().await.unwrap();
        let now = world.clock.now();
        let asked = ReRate { from: start(), to: now + TimeDelta::hours(1), workspace: None, dry_run: true };
        let run = async |config: &Config, asked| re_rate(&world.db, config, now, asked).await.unwrap();
        // 50 tokens in at 1 dollar: 50,000 nanos for each of the first two (the first was 10,200), 40,000 for the late one.
        let dollars = prices(&dir, "USD", "1");
        let expected = |differences: &[(&str, i64)], changed, rows| ReRated {
            attempts: 4,
            changed,
            rows,
            differences: differences.iter().map(|(currency, nanos)| ((*currency).to_owned(), *nanos)).collect(),
        };
        let change = expected(&[("USD", 50 * 1_000 * 2 - 10_200 + 40_000 - 6_000)], 3, 3);
        assert_eq!(run(&dollars, asked).await, change);
        assert_eq!(world.rows("rerate").await, 0, "it was dry");
        let asked = ReRate { dry_run: false, ..asked };
        assert_eq!(run(&dollars, asked).await, change);
        assert_eq!(run(&dollars, asked).await, expected(&[], 0, 0), "again changes nothing");
        let total = world.total().await;
        assert_eq!((total.total_cost_micros, total.total_requests), (140, 4));
        world.settle(late.completed()).await.unwrap();
        world.service.flush().await.unwrap();
        let euros = prices(&dir, "EUR", "2");
        let change = run(&euros, asked).await;
        assert_eq!((change.changed, change.rows), (3, 6), "one row takes back, one row gives");
        assert_eq!(run(&euros, asked).await, expected(&[], 0, 0));
        let sums = "select cast(sum(case when currency = 'EUR' then cost_nanos else 0 end) as bigint) as a,
            cast(sum(case when currency = 'USD' then cost_nanos else 0 end) as bigint) as b,
            cast(sum(unpriced) as bigint) as c from usage_quarters";
        let sql = store::Sql { name: "test/sums", postgres: sums, sqlite: sums };
        let mut tx = store::SystemTx::read(&world.db, "test").await.unwrap();
        let (a, b, c): (i64, i64, i64) = tx.fetch_one(sql, &[]).await.unwrap();
        assert_eq!((a, b, c), (change.differences["EUR"], 0, 1));
    }
}
