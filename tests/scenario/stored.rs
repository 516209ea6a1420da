//! Responses that their clients come back to.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use proto::Role;
use serde_json::{Value, json};
use tests::{
    Cluster, Upstream,
    client::Client,
    cluster::{Options, Shape},
    eventually,
    upstream::Script,
};

scenarios! {
    shared: a_conversation_goes_on_from_its_last_response, nobody_else_finds_it_and_who_made_it_can_erase_it,
        a_workspace_says_for_how_long_responses_are_kept;
    own: a_kept_response_outlives_the_processes;
}

async fn respond(key: &Client, body: &Value) -> anyhow::Result<Value> {
    key.post("/v1/responses", body).await?.expect(200)?.json()
}

fn id(response: &Value) -> anyhow::Result<&str> {
    response["id"].as_str().context("a response without an id")
}

async fn a_conversation_goes_on_from_its_last_response(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    upstream.on("m", Script::text("One."));
    person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    let first = respond(&key, &json!({"model": "m", "input": "First"})).await?;
    upstream.on("m", Script::text("Two."));
    let second = respond(&key, &json!({"model": "m", "input": "Second", "previous_response_id": id(&first)?})).await?;
    let mut body = json!({"model": "m", "input": "Third", "previous_response_id": id(&second)?});
    body["stream"] = json!(true);
    let third = key.post("/v1/responses", &body).await?.expect(200)?;
    ensure!(third.text.contains("response.completed"), "{}", third.text);
    let sent = upstream.last_body()?;
    let said: Vec<&str> =
        sent["messages"].as_array().into_iter().flatten().filter_map(|message| message["content"].as_str()).collect();
    ensure!(said == ["First", "One.", "Second", "Two.", "Third"], "{sent}");
    Ok(())
}

async fn nobody_else_finds_it_and_who_made_it_can_erase_it(cluster: &Cluster) -> anyhow::Result<()> {
    let (ada, eve) = (cluster.person().await?, cluster.person().await?);
    let (key, stranger) = (ada.key().await?, eve.key().await?);
    let made = respond(&key, &json!({"model": "simulator/chat", "input": "hi"})).await?;
    let path = format!("/v1/responses/{}", id(&made)?);
    ensure!(key.get(&path).await?.expect(200)?.json()? == made, "it is another one");
    stranger.get(&path).await?.expect(404)?;
    stranger.get(&format!("{path}/input_items")).await?.expect(404)?;
    stranger.delete(&path).await?.expect(404)?;
    let guess = json!({"model": "simulator/chat", "input": "hi", "previous_response_id": id(&made)?});
    let refused = stranger.post("/v1/responses", &guess).await?.expect(400)?.json()?;
    ensure!(refused["error"]["code"] == "previous_response_not_found", "{refused}");
    key.delete(&path).await?.expect(200)?;
    key.get(&path).await?.expect(404)?;
    let refused = key.post("/v1/responses", &guess).await?.expect(400)?.json()?;
    ensure!(refused["error"]["code"] == "previous_response_not_found", "{refused}");
    Ok(())
}

async fn a_workspace_says_for_how_long_responses_are_kept(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let key = person.key().await?;
    let body = json!({"model": "simulator/chat", "input": "hi"});
    let before = respond(&key, &body).await?;
    ensure!(before["store"] == true, "{before}");
    let routing = json!({"responses": {"keep_days": 0}});
    let put = person.client.put(&person.path("/routing"), &routing).await?.expect(200)?.json()?;
    ensure!(put["responses"] == routing["responses"], "{put}");
    key.get(&format!("/v1/responses/{}", id(&before)?)).await?.expect(404)?;
    eventually(async || {
        let after = respond(&key, &body).await?;
        ensure!(after["store"] == false, "{after}");
        key.get(&format!("/v1/responses/{}", id(&after)?)).await?.expect(404).map(drop)
    })
    .await
}

async fn a_kept_response_outlives_the_processes(shape: Shape) -> anyhow::Result<()> {
    let mut cluster = Cluster::start(shape, &Options::default()).await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    let made = respond(&key, &json!({"model": "simulator/chat", "input": "hi"})).await?;
    cluster.process(Role::Workspace).kill().await?;
    cluster.restart(Role::Workspace, &Options::default()).await?;
    let path = format!("/v1/responses/{}", id(&made)?);
    eventually(async || {
        ensure!(key.get(&path).await?.expect(200)?.json()? == made, "it is another one");
        Ok(())
    })
    .await
}
