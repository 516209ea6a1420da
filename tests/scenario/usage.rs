//! Usage: what was sent is what is summed up, by whatever people ask.

use crate::scenarios;
use anyhow::ensure;
use serde_json::{Value, json};
use tests::{Answer, Cluster, Person, Upstream, client::Client, eventually, upstream::Script};

scenarios! {
    shared: what_was_sent_is_summed_up_by_everything, a_series_adds_up_to_the_total, without_use_there_is_nothing_to_sum_up,
        questions_about_usage_that_mean_nothing_are_refused;
}

/// What a person with two keys sent: 3 + 2 requests with the keys to two models, and one of their own.
struct Sent {
    person: Person,
    keys: [String; 2],
    user: String,
}

async fn sent(cluster: &Cluster) -> anyhow::Result<Sent> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    for model in ["large", "small"] {
        upstream.on(model, Script::text("one two three four five"));
    }
    person.provider(&upstream.url, &json!({"name": "acme"})).await?;
    let (first, made) = person.key_with(&json!({})).await?;
    let (second, other) = person.key_with(&json!({})).await?;
    let ask = async |client: &Client, model: &str| client.chat(model, "hi").await.and_then(|a: Answer| a.expect(200));
    for _ in 0..3 {
        ask(&first, "acme/large").await?;
    }
    for _ in 0..2 {
        ask(&second, "acme/small").await?;
    }
    ask(&person.client, "simulator/chat").await?;
    let id = |key: &Value| key["id"].as_str().unwrap_or_default().to_owned();
    let user = person.account["user"]["id"].as_str().unwrap_or_default().to_owned();
    let keys = [id(&made), id(&other)];
    Ok(Sent { person, keys, user })
}

/// Value and requests of each entry.
async fn by(person: &Person, what: &str, field: &str) -> anyhow::Result<Vec<(String, i64)>> {
    let answer = person.client.get(&person.path(&format!("/usage/by-{what}"))).await?.expect(200)?.json()?;
    let entry = |entry: &Value| {
        (entry[field].as_str().unwrap_or("-").to_owned(), entry["requests"].as_i64().unwrap_or_default())
    };
    let mut entries: Vec<_> = answer["data"].as_array().into_iter().flatten().map(entry).collect();
    entries.sort();
    Ok(entries)
}

async fn what_was_sent_is_summed_up_by_everything(cluster: &Cluster) -> anyhow::Result<()> {
    let Sent { person, keys, user } = sent(cluster).await?;
    let pairs = |pairs: &[(&str, i64)]| {
        let mut pairs: Vec<_> = pairs.iter().map(|(value, n)| ((*value).to_owned(), *n)).collect();
        pairs.sort();
        pairs
    };
    eventually(async || {
        let total = person.usage().await?;
        ensure!(total["total_requests"] == 6 && total["total_attempts"] == 6, "{total}");
        ensure!(total["failed_requests"] == 0 && total["unpriced_requests"] == 5, "{total}");
        let models = by(&person, "model", "model").await?;
        ensure!(models == pairs(&[("large", 3), ("small", 2), ("chat", 1)]), "{models:?}");
        let providers = by(&person, "provider", "provider").await?;
        ensure!(providers == pairs(&[("acme", 5), ("simulator", 1)]), "{providers:?}");
        let by_key = by(&person, "key", "api_key_id").await?;
        ensure!(by_key == pairs(&[(&keys[0], 3), (&keys[1], 2), ("-", 1)]), "{by_key:?}");
        let by_user = by(&person, "user", "user_id").await?;
        // A key's use counts for the member who made it.
        ensure!(by_user == pairs(&[(&user, 6)]), "{by_user:?}");
        Ok(())
    })
    .await?;
    let models = person.client.get(&person.path("/usage/by-model")).await?.expect(200)?.json()?;
    let large = models["data"].as_array().into_iter().flatten().find(|entry| entry["model"] == "large");
    let large = large.ok_or_else(|| anyhow::anyhow!("{models}"))?;
    // The provider said 7 in and 5 out each time.
    ensure!(
        large["input_tokens"] == 21 && large["tokens"]["output"] == 15 && large["cost_micros"].is_null(),
        "{large}"
    );
    Ok(())
}

async fn a_series_adds_up_to_the_total(cluster: &Cluster) -> anyhow::Result<()> {
    let Sent { person, .. } = sent(cluster).await?;
    let settings = json!({"time_zone": "Asia/Kolkata"});
    person.client.put(&person.path(""), &settings).await?.expect(200)?;
    eventually(async || {
        for interval in ["minute", "hour", "day"] {
            for group in ["", "&group_by=model", "&group_by=api_key", "&group_by=user", "&group_by=provider"] {
                let path = person.path(&format!("/usage/series?interval={interval}{group}"));
                let series = person.client.get(&path).await?.expect(200)?.json()?;
                let points: Vec<_> = series["data"].as_array().into_iter().flatten().collect();
                let requests: i64 = points.iter().filter_map(|point| point["requests"].as_i64()).sum();
                ensure!(requests == 6, "{path}: {series}");
                ensure!(series["time_zone"] == "Asia/Kolkata", "{series}");
                let starts_like_there = |point: &&Value| {
                    let at = point["at"].as_str().unwrap_or_default();
                    interval == "minute" || at.ends_with(if interval == "day" { "T18:30:00Z" } else { ":30:00Z" })
                };
                ensure!(points.iter().all(starts_like_there), "{path}: {series}");
            }
        }
        Ok(())
    })
    .await
}

async fn without_use_there_is_nothing_to_sum_up(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let total = person.usage().await?;
    ensure!(total["total_requests"] == 0 && total["total_cost_micros"] == 0 && total["currency"] == "USD", "{total}");
    for path in ["/usage/by-model", "/usage/by-key", "/usage/by-user", "/usage/by-provider", "/usage/anomalies"] {
        let answer = person.client.get(&person.path(path)).await?.expect(200)?.json()?;
        ensure!(answer["data"] == json!([]) && answer["period"]["to"].is_string(), "{path}: {answer}");
    }
    let series = person.client.get(&person.path("/usage/series?interval=hour")).await?.expect(200)?.json()?;
    let zeros = series["data"]
        .as_array()
        .is_some_and(|points| (24..=25).contains(&points.len()) && points.iter().all(|point| point["requests"] == 0));
    ensure!(zeros && series["currency"] == "USD", "{series}");
    Ok(())
}

async fn questions_about_usage_that_mean_nothing_are_refused(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    for (query, field) in [
        ("/usage/series", "interval"),
        ("/usage/series?interval=week", "interval"),
        ("/usage/series?interval=minute&from=2026-01-01&to=2026-02-01", "interval"),
        ("/usage/series?interval=minute&from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z", "from"),
        ("/usage/anomalies?from=2026-01-01&to=2026-03-01", "from"),
        ("/usage/by-key?group_by=model", "group_by"),
    ] {
        let problem = person.client.get(&person.path(query)).await?.expect(400)?.json()?;
        ensure!(problem["errors"].to_string().contains(field), "{query}: {problem}");
    }
    let eve = cluster.person().await?;
    for path in ["/usage/by-model", "/usage/series?interval=day", "/usage/anomalies"] {
        eve.client.get(&person.path(path)).await?.expect(404)?;
    }
    Ok(())
}
