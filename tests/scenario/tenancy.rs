//! Walls between workspaces: what belongs to others does not exist.

use crate::scenarios;
use anyhow::ensure;
use serde_json::json;
use tests::{Cluster, Upstream};

scenarios! {
    shared: nothing_of_another_workspace_can_be_seen_or_changed, a_key_reaches_its_own_workspace_only;
}

async fn nothing_of_another_workspace_can_be_seen_or_changed(cluster: &Cluster) -> anyhow::Result<()> {
    let (ada, eve) = (cluster.person().await?, cluster.person().await?);
    let upstream = Upstream::start().await?;
    let provider = ada.provider(&upstream.url, &json!({})).await?;
    let (key_client, key) = ada.key_with(&json!({})).await?;
    let answer = key_client.chat("simulator/chat", "hi").await?.expect(200)?;
    ada.log_of(&answer).await?;
    let (provider, key) = (provider["id"].as_str().unwrap_or_default(), key["id"].as_str().unwrap_or_default());
    let request = answer.header("x-request-id");
    for path in ["", "/members", "/providers", "/api-keys", "/logs", "/usage", "/usage/by-provider"] {
        // Through Ada's workspace: Eve is no member.
        eve.client.get(&ada.path(path)).await?.expect(404)?;
    }
    for path in [format!("/providers/{provider}"), format!("/logs/{request}")] {
        eve.client.get(&ada.path(&path)).await?.expect(404)?;
        // Through Eve's own workspace with Ada's id.
        eve.client.get(&eve.path(&path)).await?.expect(404)?;
    }
    let own = eve.path(&format!("/providers/{provider}"));
    eve.client.put(&own, &json!({"name": "mine"})).await?.expect(404)?;
    eve.client.delete(&own).await?.expect(404)?;
    eve.client.post(&format!("{own}/test"), &json!({})).await?.expect(404)?;
    eve.client.delete(&eve.path(&format!("/api-keys/{key}"))).await?.expect(404)?;
    eve.client.post(&eve.path(&format!("/api-keys/{key}/revoke")), &json!({})).await?.expect(404)?;
    eve.client.put(&ada.path(""), &json!({"name": "taken over"})).await?.expect(404)?;
    key_client.get("/v1/models").await?.expect(200)?;
    let list = eve.client.get(&eve.path("/logs")).await?.expect(200)?.json()?;
    ensure!(list["data"] == json!([]), "{list}");
    Ok(())
}

async fn a_key_reaches_its_own_workspace_only(cluster: &Cluster) -> anyhow::Result<()> {
    let (ada, eve) = (cluster.person().await?, cluster.person().await?);
    let (key, _) = ada.key_with(&json!({"scopes": ["workspace.read", "logs.read"]})).await?;
    key.get(&ada.path("")).await?.expect(200)?;
    key.get(&eve.path("")).await?.expect(404)?;
    key.get(&eve.path("/logs")).await?.expect(404)?;
    // Nor another workspace of the same person.
    let second = ada.client.post("/workspaces", &json!({"name": "Second"})).await?.expect(201)?.json()?;
    key.get(&format!("/workspaces/{}", second["id"].as_str().unwrap_or_default())).await?.expect(404)?;
    Ok(())
}
