//! Providers of a workspace: added, changed, tried, removed.

use crate::scenarios;
use anyhow::ensure;
use serde_json::json;
use tests::{Cluster, Upstream, eventually, upstream::Script};

scenarios! {
    shared: a_provider_is_added_changed_and_removed, a_provider_can_be_tried, the_next_priority_takes_over,
        equal_priorities_share, a_disabled_provider_is_not_called, a_key_is_not_sent_to_another_host_by_a_changed_address;
}

async fn a_provider_is_added_changed_and_removed(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    let made = person.provider(&upstream.url, &json!({"name": "one", "priority": 5})).await?;
    ensure!(made["provider"] == "openai" && made["weight"] == 1 && made["enabled"] == true, "{made}");
    ensure!(made["id"].as_str().is_some_and(|id| id.starts_with("prov_")), "{made}");
    let path = person.path(&format!("/providers/{}", made["id"].as_str().unwrap_or_default()));
    let changed = person.client.put(&path, &json!({"name": "two", "priority": 1})).await?.expect(200)?.json()?;
    ensure!(
        changed["name"] == "two" && changed["priority"] == 1 && changed["key_hint"] == made["key_hint"],
        "{changed}"
    );
    let taken = person.client.post(&person.path("/providers"), &json!({"provider": "openai", "name": "TWO"})).await?;
    ensure!(taken.status == 409, "{} {}", taken.status, taken.text);
    person.client.delete(&path).await?.expect(204)?;
    person.client.get(&path).await?.expect(404)?;
    Ok(())
}

async fn a_provider_can_be_tried(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    let made = person.provider(&upstream.url, &json!({})).await?;
    let path = person.path(&format!("/providers/{}/test", made["id"].as_str().unwrap_or_default()));
    let tried = person.client.post(&path, &json!({})).await?.expect(200)?.json()?;
    ensure!(tried["ok"] == true && tried["models"] == json!(["tiny"]) && tried["latency_ms"].is_i64(), "{tried}");
    upstream.go_away();
    let tried = eventually(async || {
        let tried = person.client.post(&path, &json!({})).await?.expect(200)?.json()?;
        ensure!(tried["ok"] == false, "{tried}");
        Ok(tried)
    })
    .await?;
    ensure!(tried["error"].as_str().is_some_and(|e| !e.is_empty()), "{tried}");
    Ok(())
}

async fn the_next_priority_takes_over(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (bad, good) = (Upstream::start().await?, Upstream::start().await?);
    bad.on("m", Script::status(503));
    good.on("m", Script::text("from the second"));
    person.provider(&bad.url, &json!({"name": "first", "priority": 0})).await?;
    person.provider(&good.url, &json!({"name": "second", "priority": 1})).await?;
    let key = person.key().await?;
    for stream in [false, true] {
        let answer = if stream { key.chat_stream("m", "hi").await? } else { key.chat("m", "hi").await? };
        let answer = answer.expect(200)?;
        ensure!(answer.content()? == "from the second", "{}", answer.text);
        ensure!(answer.header("x-perpetuo-provider") == "second", "{:?}", answer.headers);
        ensure!(answer.header("x-perpetuo-attempts") == "2", "{:?}", answer.headers);
        let log = person.log_of(&answer).await?;
        let attempts = log["attempts"].as_array().cloned().unwrap_or_default();
        ensure!(attempts.len() == 2 && attempts[0]["outcome"] == "upstream_error", "{log}");
        ensure!(log["outcome"] == "completed" && log["provider"] == "second", "{log}");
    }
    Ok(())
}

async fn equal_priorities_share(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (a, b) = (Upstream::start().await?, Upstream::start().await?);
    person.provider(&a.url, &json!({"name": "a", "weight": 1})).await?;
    person.provider(&b.url, &json!({"name": "b", "weight": 3})).await?;
    let key = person.key().await?;
    for _ in 0..80 {
        key.chat("m", "hi").await?.expect(200)?;
    }
    let (a, b) = (a.received().len(), b.received().len());
    ensure!(a + b == 80 && a >= 6 && b > a, "{a} and {b} of 80 with weights 1 and 3");
    Ok(())
}

async fn a_disabled_provider_is_not_called(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    let made = person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    key.chat("m", "hi").await?.expect(200)?;
    let path = person.path(&format!("/providers/{}", made["id"].as_str().unwrap_or_default()));
    person.client.put(&path, &json!({"enabled": false})).await?.expect(200)?;
    eventually(async || key.chat("m", "hi").await?.expect(404).map(drop)).await
}

async fn a_key_is_not_sent_to_another_host_by_a_changed_address(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (honest, thief) = (Upstream::start().await?, Upstream::start().await?);
    let made = person.provider(&honest.url, &json!({})).await?;
    let path = person.path(&format!("/providers/{}", made["id"].as_str().unwrap_or_default()));
    person.client.put(&path, &json!({"base_url": thief.url})).await?.expect(422)?;
    let both = json!({"base_url": thief.url, "api_key": "sk-another-one"});
    person.client.put(&path, &both).await?.expect(200)?;
    Ok(())
}
