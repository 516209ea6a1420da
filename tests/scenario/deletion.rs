//! Workspaces go: at once for who uses them, for a while not for ever, and then altogether.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use proto::id::WorkspaceId;
use serde_json::json;
use std::time::Duration;
use tests::{
    Cluster,
    client::{Client, Person},
    cluster::{Options, Shape},
    eventually, rows, within,
};

scenarios! {
    shared: who_deletes_a_workspace_closes_it_at_once_and_may_restore_it,
        nobody_but_an_owner_deletes_a_workspace;
    own: nothing_of_a_workspace_is_left_when_its_days_are_over;
}

const MARK: &str = "zqxgone";

async fn who_deletes_a_workspace_closes_it_at_once_and_may_restore_it(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let key = person.key().await?;
    key.chat("simulator/chat", "hello").await?.expect(200)?;
    let deleted = person.client.delete(&person.path("")).await?.expect(202)?.json()?;
    ensure!(deleted["deleted_at"].is_string() && deleted["purge_at"].is_string(), "{deleted}");
    within(Duration::from_secs(2), async || key.chat("simulator/chat", "hello").await?.expect(401).map(drop)).await?;
    within(Duration::from_secs(2), async || {
        let refused = person.client.put(&person.path(""), &json!({"name": "No"})).await?.expect(403)?.json()?;
        ensure!(refused["code"] == "PERMISSION_DENIED", "{refused}");
        Ok(())
    })
    .await?;
    // What is there can be looked at and taken along.
    ensure!(person.client.get(&person.path("")).await?.expect(200)?.json()? == deleted);
    for path in ["/logs", "/usage", "/audit", "/members", "/api-keys", "/providers"] {
        person.client.get(&person.path(path)).await?.expect(200)?;
    }
    let restored = person.client.post(&person.path("/restore"), &json!({})).await?.expect(200)?.json()?;
    ensure!(restored["purge_at"].is_null(), "{restored}");
    within(Duration::from_secs(2), async || person.key().await.map(drop)).await?;
    person.key().await?.chat("simulator/chat", "hello").await?.expect(200)?;
    key.chat("simulator/chat", "hello").await?.expect(401)?;
    Ok(())
}

async fn nobody_but_an_owner_deletes_a_workspace(cluster: &Cluster) -> anyhow::Result<()> {
    let (ana, bob) = (cluster.person().await?, cluster.person().await?);
    bob.client.delete(&ana.path("")).await?.expect(404)?;
    let (key, _) = ana.key_with(&json!({"name": "all", "scopes": ["workspace.read", "workspace.write"]})).await?;
    key.delete(&ana.path("")).await?.expect(403)?;
    ana.client.get(&ana.path("")).await?.expect(200)?;
    Ok(())
}

/// All sorts of things with a mark in them.
async fn furnish(person: &Person) -> anyhow::Result<Client> {
    let client = &person.client;
    client.put(&person.path(""), &json!({"name": format!("{MARK} Ltda")})).await?.expect(200)?;
    let provider = json!({"provider": "openai", "name": format!("{MARK}-house"), "api_key": format!("sk-{MARK}"), "enabled": false});
    client.post(&person.path("/providers"), &provider).await?.expect(201)?;
    let scopes = ["inference", "executions.read", "executions.write"];
    let (key, _) = person.key_with(&json!({"name": format!("{MARK} key"), "scopes": scopes})).await?;
    key.chat("simulator/chat", "hello").await?.expect(200)?;
    let mut body = tests::client::chat("simulator/chat", "keep this");
    body["user"] = json!(MARK);
    key.post_once(MARK, "/v1/chat/completions", &body).await?.expect(200)?;
    key.post("/v1/responses", &json!({"model": "simulator/chat", "input": MARK, "store": true})).await?.expect(200)?;
    let problem = format!("A {MARK} perde 6% dos clientes por mês e tem caixa de R$ 200 mil. O que fazer?");
    let body = json!({"problem_description": problem, "business_type": "saas", "analysis_depth": "quick"});
    let begun = key.post("/api/v1/executions", &body).await?.expect(201)?.json()?;
    let id = begun["execution_id"].as_str().context("no id")?;
    within(Duration::from_secs(60), async || {
        let found = key.get(&format!("/api/v1/executions/{id}")).await?.expect(200)?.json()?;
        ensure!(found["status"] == "completed", "{found}");
        Ok(())
    })
    .await?;
    eventually(async || {
        let used = person.usage().await?;
        ensure!(used["total_requests"].as_i64() > Some(5), "{used}");
        Ok(())
    })
    .await?;
    Ok(key)
}

async fn nothing_of_a_workspace_is_left_when_its_days_are_over(shape: Shape) -> anyhow::Result<()> {
    let days = ("PERPETUO__WORKSPACE__DELETION_GRACE_DAYS".to_owned(), "0".to_owned());
    let cluster = Cluster::start(shape, &Options { env: vec![days], ..Options::default() }).await?;
    let (person, other) = (cluster.person().await?, cluster.person().await?);
    let key = furnish(&person).await?;
    other.key().await?.chat("simulator/chat", "hello").await?.expect(200)?;
    let id: WorkspaceId = person.workspace.parse()?;
    let marks = [person.workspace.clone(), id.uuid().simple().to_string(), MARK.to_owned()];
    let before = found(&cluster, &marks).await?;
    for service in ["workspace.", "identity.", "usage.", "engine."] {
        ensure!(before.iter().any(|place| place.starts_with(service)), "nothing in {service}: {before:?}");
    }
    person.client.delete(&person.path("")).await?.expect(202)?;
    within(Duration::from_secs(5), async || key.chat("simulator/chat", "hello").await?.expect(401).map(drop)).await?;
    // What others do since is the newest in each feed.
    other.key().await?;
    other.client.put(&other.path(""), &json!({"name": "Acme"})).await?.expect(200)?;
    within(Duration::from_secs(90), async || {
        tokio::time::sleep(Duration::from_secs(1)).await;
        person.client.get(&person.path("")).await?.expect(404).map(drop)
    })
    .await?;
    within(Duration::from_secs(20), async || {
        let left = found(&cluster, &marks).await?;
        ensure!(left == ["workspace.outbox"], "{left:?}");
        Ok(())
    })
    .await?;
    // Who it was can log in, and begin again; nobody else has noticed.
    person.client.get("/auth/me").await?.expect(200)?;
    person.client.post("/workspaces", &json!({"name": "Again"})).await?.expect(201)?;
    ensure!(other.usage().await?["total_requests"] == 1);
    Ok(())
}

/// The tables in which one of the marks is.
async fn found(cluster: &Cluster, marks: &[String]) -> anyhow::Result<Vec<String>> {
    let is_in = |row: &str| {
        let row = row.to_lowercase();
        marks.iter().any(|mark| row.contains(&mark.to_lowercase()))
    };
    let mut tables: Vec<String> =
        rows::all(cluster).await?.into_iter().filter(|(_, row)| is_in(row)).map(|(table, _)| table).collect();
    tables.sort();
    tables.dedup();
    Ok(tables)
}
