//! With a provider of the workspace instead of the built-in one: through the gateway, like any other client.

use super::{SALES, begin, ended, problem};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tests::{Cluster, Upstream, client::Person, eventually, upstream::Script};

const MODEL: &str = "board-4";

/// A provider of the person with one model, which answers what the cluster's own model answers to somebody else.
pub(super) async fn provider(cluster: &Cluster, person: &Person) -> anyhow::Result<Upstream> {
    let upstream = Upstream::start().await?;
    let somebody = cluster.person().await?;
    let (_, key) = somebody.key_with(&json!({"name": "relay"})).await?;
    let key = key["key"].as_str().context("no key")?.to_owned();
    let (url, model) = (format!("{}/v1", cluster.url()), "simulator/business".to_owned());
    upstream.on(MODEL, Script::Relay { url, key, model });
    person.provider(&upstream.url, &json!({"name": "house", "models": [MODEL]})).await?;
    Ok(upstream)
}

pub(super) fn asked(depth: &str) -> Value {
    let mut body = problem(SALES, depth);
    body["model"] = json!(MODEL);
    body
}

pub(super) async fn a_real_provider_is_called_like_by_any_other_client(cluster: &Arc<Cluster>) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = provider(cluster, &person).await?;
    let id = begin(&person.client, &asked("standard")).await?;
    let found = ended(&person.client, &id).await?;
    ensure!(found["status"] == "completed" && found["quality"] == "full" && found["model"] == MODEL, "{found}");
    let received = upstream.received();
    ensure!(Some(received.len() as u64) == found["replies"].as_u64(), "{} {}", received.len(), found["replies"]);
    for one in &received {
        let body: Value = serde_json::from_slice(&one.body)?;
        ensure!(body["model"] == MODEL && body["stream"] == true, "{body}");
        ensure!(body["response_format"]["json_schema"]["strict"] == true, "{body}");
        ensure!(body["max_completion_tokens"].as_i64() > Some(0), "{body}");
    }
    eventually(async || {
        let logs = person.client.get(&person.path("/logs?limit=200")).await?.expect(200)?.json()?;
        let logs = logs["data"].as_array().context("no list")?;
        ensure!(logs.len() == received.len(), "{} of {}", logs.len(), received.len());
        let of_provider = |log: &&Value| log["provider"] == "house" && log["outcome"] == "completed";
        ensure!(logs.iter().filter(of_provider).count() == logs.len(), "{logs:?}");
        let used: i64 =
            logs.iter().filter_map(|log| Some(log["input_tokens"].as_i64()? + log["output_tokens"].as_i64()?)).sum();
        ensure!(Some(used) == found["usage"]["total_tokens"].as_i64(), "{used} {}", found["usage"]);
        Ok(())
    })
    .await
}

pub(super) async fn what_a_revoked_key_began_calls_no_model(cluster: &Arc<Cluster>) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = provider(cluster, &person).await?;
    let scopes = json!({"scopes": ["inference", "executions.read", "executions.write"]});
    let (key, made) = person.key_with(&scopes).await?;
    let mut body = asked("quick");
    (body["interactive"], body["problem_description"]) = (json!(true), json!("Devemos abrir uma filial?"));
    let id = begin(&key, &body).await?;
    let path = format!("/api/v1/executions/{id}");
    tests::within(super::PATIENCE, async || {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let found = person.client.get(&path).await?.expect(200)?.json()?;
        ensure!(found["phase"] == "awaiting_input", "{found}");
        Ok(())
    })
    .await?;
    let revoke = person.path(&format!("/api-keys/{}/revoke", made["id"].as_str().context("no id")?));
    person.client.post(&revoke, &json!({})).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = upstream.received().len();
    person.client.post(&format!("{path}/answers"), &json!({"answers": {"cash": 400_000}})).await?.expect(200)?;
    let found = ended(&person.client, &id).await?;
    ensure!(found["status"] == "failed" && found["error"]["message"].is_string(), "{found}");
    ensure!(upstream.received().len() == before, "a model was called");
    Ok(())
}
