//! A pooler stands between all processes and PostgreSQL, and gives them one of a few connections for each transaction.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use serde_json::json;
use tests::{
    Cluster,
    cluster::{Options, Shape},
    eventually,
};

scenarios! {
    once: everything_works_behind_a_pooler_that_shares_three_connections;
}

async fn everything_works_behind_a_pooler_that_shares_three_connections() -> anyhow::Result<()> {
    let cluster = Cluster::start(Shape::Many, &Options { pooled: Some(3), ..Options::default() }).await?;
    let (ours, theirs) = (cluster.person().await?, cluster.person().await?);
    let (key, made) = ours.key_with(&json!({"name": "first"})).await?;
    for _ in 0..5 {
        let answer = key.chat("simulator/chat", "hi").await?.expect(200)?.json()?;
        ensure!(answer["choices"][0]["message"]["content"].is_string(), "{answer}");
    }
    eventually(async || {
        let total = ours.usage().await?;
        ensure!(total["total_requests"] == 5 && total["failed_requests"] == 0, "{total}");
        Ok(())
    })
    .await?;
    // The feed has brought it from one process to another, and the trail is chained.
    eventually(async || {
        let trail = ours.client.get(&ours.path("/audit?action=api_key.created")).await?.expect(200)?.json()?;
        let id = made["id"].as_str().context("a key has an id")?;
        ensure!(trail["data"].as_array().is_some_and(|all| all.len() == 1), "{trail}");
        ensure!(trail.to_string().contains(id), "{trail}");
        Ok(())
    })
    .await?;
    ensure!(theirs.usage().await?["total_requests"] == 0, "somebody else sees what was used");
    theirs.client.get(&ours.path("")).await?.expect(404)?;
    let log = cluster.pooler().context("it has a pooler")?.log();
    for complaint in ["prepared statement", "unsupported", "query_wait_timeout"] {
        ensure!(!log.contains(complaint), "the pooler complains: {log}");
    }
    Ok(())
}
