//! Workspaces and their members.

use crate::scenarios;
use anyhow::ensure;
use serde_json::json;
use tests::Cluster;

scenarios! {
    shared: a_person_creates_and_changes_a_workspace, the_creator_is_the_owner, lists_come_in_pages,
        switching_moves_the_token_to_another_workspace;
}

async fn a_person_creates_and_changes_a_workspace(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let made =
        person.client.post("/workspaces", &json!({"name": "Lab", "locale": "pt-BR"})).await?.expect(201)?.json()?;
    ensure!(made["currency"] == "BRL" && made["time_zone"] == "America/Sao_Paulo", "{made}");
    let id = made["id"].as_str().unwrap_or_default();
    let path = format!("/workspaces/{id}");
    let changed =
        person.client.put(&path, &json!({"name": "Laboratory", "currency": "EUR"})).await?.expect(200)?.json()?;
    ensure!(
        changed["name"] == "Laboratory" && changed["currency"] == "EUR" && changed["locale"] == "pt-BR",
        "{changed}"
    );
    let read = person.client.get(&path).await?.expect(200)?.json()?;
    ensure!(read == changed, "{read} {changed}");
    let bad = person.client.put(&path, &json!({"time_zone": "Mars/Olympus"})).await?.expect(422)?.json()?;
    ensure!(bad["errors"][0]["field"] == "time_zone", "{bad}");
    Ok(())
}

async fn the_creator_is_the_owner(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let members = person.client.get(&person.path("/members")).await?.expect(200)?.json()?;
    ensure!(members["data"][0]["role"] == "owner" && members["data"][0]["email"] == person.email.as_str(), "{members}");
    ensure!(members["next_cursor"].is_null(), "{members}");
    Ok(())
}

async fn lists_come_in_pages(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    for n in 0..4 {
        person.client.post("/workspaces", &json!({"name": format!("w{n}")})).await?.expect(201)?;
    }
    let (mut names, mut cursor) = (vec![], String::new());
    for _ in 0..10 {
        let page = person.client.get(&format!("/workspaces?limit=2{cursor}")).await?.expect(200)?.json()?;
        names.extend(page["data"].as_array().into_iter().flatten().map(|w| w["name"].to_string()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    ensure!(names.len() == 5 && names[0] == "\"w3\"", "{names:?}");
    Ok(())
}

async fn switching_moves_the_token_to_another_workspace(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let other = person.client.post("/workspaces", &json!({"name": "Other"})).await?.expect(201)?.json()?;
    let pair = person.client.post("/auth/switch", &json!({"workspace_id": other["id"]})).await?.expect(200)?.json()?;
    ensure!(pair["workspace"]["id"] == other["id"], "{pair}");
    let stranger = cluster.person().await?;
    let foreign = json!({"workspace_id": stranger.workspace});
    person.client.post("/auth/switch", &foreign).await?.expect(404)?;
    Ok(())
}
