//! What happens in a workspace is sent to a program of its owners, who verify it with a library of the specification.

use crate::{operators::operator, scenarios};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::time::{Duration, Instant};
use tests::{
    Cluster, Person, Upstream,
    client::chat,
    eventually,
    upstream::{Received, Script},
    within,
};

scenarios! {
    shared: events_of_every_service_arrive_signed, what_fails_is_seen_and_sent_again,
        a_secret_is_replaced_without_losing_an_event, operators_find_any_workspace;
}

/// What has arrived of this type.
pub(crate) fn arrived(receiver: &Upstream, kind: &str) -> anyhow::Result<(Received, Value)> {
    for received in receiver.received() {
        let event: Value = serde_json::from_slice(&received.body)?;
        if event["type"] == kind {
            return Ok((received, event));
        }
    }
    anyhow::bail!("no {kind} among {:?}", receiver.received().iter().map(|one| one.body.clone()).collect::<Vec<_>>())
}

pub(crate) fn verify(received: &Received, secret: &str) -> anyhow::Result<()> {
    Webhook::new(secret)?.verify(&received.body, &received.headers).context("the library does not take it")
}

pub(crate) async fn add(person: &Person, url: &str, types: &[&str]) -> anyhow::Result<(String, String)> {
    let body = json!({"url": url, "event_types": types});
    let made = person.client.post(&person.path("/webhooks"), &body).await?.expect(201)?.json()?;
    let text = |name: &str| made[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {made}"));
    Ok((text("id")?, text("secret")?))
}

async fn events_of_every_service_arrive_signed(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, other, receiver) = (cluster.person().await?, cluster.person().await?, Upstream::start().await?);
    let (id, secret) = add(&person, &receiver.url, &["*"]).await?;
    let began = Instant::now();
    person.client.put(&person.path(""), &json!({"name": "Renamed"})).await?.expect(200)?;
    let (received, event) = eventually(async || arrived(&receiver, "workspace.updated")).await?;
    let took = began.elapsed();
    ensure!(took < Duration::from_secs(10), "{took:?}");
    verify(&received, &secret)?;
    ensure!(verify(&received, "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").is_err(), "any secret will do");
    ensure!(event["data"]["workspace_id"] == person.workspace.as_str(), "{event}");
    ensure!(event["data"]["actor"] == person.account["user"]["id"], "{event}");
    // Of identity, and of usage-metering, whose warnings are in no trail.
    let (key, made) = person.key_with(&json!({"limits": {"tokens_per_day": 100}})).await?;
    let (received, event) = eventually(async || arrived(&receiver, "api_key.created")).await?;
    verify(&received, &secret)?;
    ensure!(event["data"]["subject"] == made["id"], "{event}");
    ensure!(!event.to_string().contains(made["key"].as_str().unwrap_or("?")), "a key is in an event");
    for _ in 0..30 {
        let mut body = chat("simulator/chat", "hi");
        body["max_tokens"] = json!(20);
        if key.post("/v1/chat/completions", &body).await?.status == 402 {
            break;
        }
    }
    let (received, event) =
        within(Duration::from_secs(30), async || arrived(&receiver, "usage.threshold_reached")).await?;
    verify(&received, &secret)?;
    ensure!(event["data"]["details"]["threshold_percent"].as_i64().is_some_and(|percent| percent >= 75), "{event}");
    // Each once, though several processes may send.
    let mut ids: Vec<_> = receiver.received().iter().map(|one| one.headers.get("webhook-id").cloned()).collect();
    let sent = ids.len();
    ids.sort_by_key(|id| id.as_ref().map(|id| id.as_bytes().to_vec()));
    ids.dedup();
    ensure!(ids.len() == sent, "{} of {sent}", ids.len());
    // Nobody else sees or stops it.
    for path in [format!("/webhooks/{id}"), format!("/webhooks/{id}/deliveries")] {
        other.client.get(&person.path(&path)).await?.expect(404)?;
        other.client.get(&other.path(&path)).await?.expect(404)?;
    }
    other.client.delete(&other.path(&format!("/webhooks/{id}"))).await?.expect(404)?;
    person.client.delete(&person.path(&format!("/webhooks/{id}"))).await?.expect(204)?;
    person.client.get(&person.path(&format!("/webhooks/{id}"))).await?.expect(404)?;
    let refused = person.client.post(&person.path("/webhooks"), &json!({"url": "https://169.254.169.254/"})).await?;
    ensure!(refused.expect(422)?.json()?["code"] == "EGRESS_REFUSED", "metadata services are called");
    Ok(())
}

async fn what_fails_is_seen_and_sent_again(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, receiver) = (cluster.person().await?, Upstream::start().await?);
    let failing = |status: u16| Script::Raw { status, headers: vec![], body: "not now".to_owned() };
    receiver.on("", failing(500));
    let (id, secret) = add(&person, &receiver.url, &["member.left"]).await?;
    let (test, deliveries) = (format!("/webhooks/{id}/test"), person.path(&format!("/webhooks/{id}/deliveries")));
    let made = person.client.post(&person.path(&test), &json!({})).await?.expect(202)?.json()?;
    let tried = eventually(async || {
        let listed = person.client.get(&format!("{deliveries}?status=pending")).await?.expect(200)?.json()?;
        let first = listed["data"][0].clone();
        ensure!(first["attempts"][0]["status_code"] == 500 && first["next_attempt_at"].is_string(), "{listed}");
        Ok(first)
    })
    .await?;
    ensure!(tried["id"] == made["id"] && tried["attempts"][0]["answer"] == "not now", "{tried}");
    receiver.on("", Script::text("thanks"));
    let retry = format!("{deliveries}/{}/retry", tried["id"].as_str().unwrap_or_default());
    person.client.post(&retry, &json!({})).await?.expect(202)?;
    let done = within(Duration::from_secs(20), async || {
        let listed = person.client.get(&format!("{deliveries}?status=delivered")).await?.expect(200)?.json()?;
        ensure!(listed["data"][0]["attempts"].as_array().is_some_and(|all| all.len() >= 2), "{listed}");
        Ok(listed["data"][0].clone())
    })
    .await?;
    ensure!(done["event_id"] == tried["event_id"] && done["next_attempt_at"].is_null(), "{done}");
    for received in receiver.received() {
        verify(&received, &secret)?;
    }
    receiver.on("", failing(410));
    person.client.post(&person.path(&test), &json!({})).await?.expect(202)?;
    eventually(async || {
        let hook = person.client.get(&person.path(&format!("/webhooks/{id}"))).await?.expect(200)?.json()?;
        ensure!(hook["enabled"] == false && hook["disabled_because"] == "gone", "{hook}");
        Ok(())
    })
    .await?;
    person.client.post(&person.path(&test), &json!({})).await?.expect(409)?;
    let trail = person.client.get(&person.path("/audit?action=webhook.disabled")).await?.expect(200)?.json()?;
    ensure!(trail["data"][0]["subject"] == id.as_str(), "{trail}");
    Ok(())
}

async fn a_secret_is_replaced_without_losing_an_event(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, receiver) = (cluster.person().await?, Upstream::start().await?);
    let (id, before) = add(&person, &receiver.url, &["*"]).await?;
    let hook = person.path(&format!("/webhooks/{id}"));
    let rotate = format!("{hook}/rotate");
    let rotated = person.client.post(&rotate, &json!({"grace_seconds": 600})).await?.expect(200)?.json()?;
    ensure!(rotated["previous_secret_expires_at"].is_string(), "{rotated}");
    let after = rotated["secret"].as_str().context("no secret")?;
    person.client.post(&format!("{hook}/test"), &json!({})).await?.expect(202)?;
    let (received, _) = eventually(async || arrived(&receiver, "webhook.test")).await?;
    verify(&received, &before)?;
    verify(&received, after)?;
    let read = person.client.get(&hook).await?.expect(200)?;
    ensure!(!read.text.contains("whsec_"), "{read:?}");
    Ok(())
}

async fn operators_find_any_workspace(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, other) = (cluster.person().await?, cluster.person().await?);
    person.client.get("/admin/workspaces").await?.expect(403)?;
    let developer = operator(cluster, &person, "developer").await?;
    for query in [&other.workspace, &other.email] {
        let found = developer.get(&format!("/api/v1/admin/workspaces?query={query}")).await?.expect(200)?.json()?;
        let one = &found["data"][0];
        ensure!(one["id"] == other.workspace.as_str() && one["members"] == 1, "{found}");
        ensure!(one["owner"]["email"] == other.email.as_str() && one["plan"] == "free", "{found}");
        ensure!(found["next_cursor"].is_null(), "{found}");
    }
    let page = developer.get("/admin/workspaces?limit=1").await?.expect(200)?.json()?;
    ensure!(page["data"].as_array().is_some_and(|d| d.len() == 1) && page["next_cursor"].is_string(), "{page}");
    Ok(())
}
