//! Operators of the platform: named on the host, seen in the token, checked at each request.

use crate::scenarios;
use anyhow::ensure;
use serde_json::json;
use std::time::Duration;
use tests::{Cluster, Person, client::Client, cluster::Shape, eventually, in_one_of_three};

scenarios! {
    shared: operators_see_accounts_and_others_do_not, operators_see_what_all_workspaces_use, a_role_that_is_taken_away_ends_within_a_second;
}

/// Gives a person a platform role on the host, and refreshes their tokens. Where others reach the installation, operators
/// need a second factor.
pub async fn operator(cluster: &Cluster, person: &Person, role: &str) -> anyhow::Result<Client> {
    let said = cluster.operate(&["admin", "grant", &person.email, "--role", role]).await?;
    if cluster.shape == Shape::Many {
        ensure!(said.contains("no second factor"), "{said}");
        let me = json!({"refresh_token": person.account["refresh_token"]});
        let without = cluster.anybody().post("/auth/refresh", &me).await?.expect(200)?.json()?;
        let without = cluster.anybody().with(without["access_token"].as_str().unwrap_or_default());
        without.get("/admin/users").await?.expect(403)?;
        person.second_factor().await?;
        let refresh = json!({"refresh_token": person.account["refresh_token"]});
        // The same successor, which was not used yet: this time with the role.
        let session = cluster.anybody().post("/auth/refresh", &refresh).await?.expect(200)?.json()?;
        return Ok(cluster.anybody().with(session["access_token"].as_str().unwrap_or_default()));
    }
    let refresh = json!({"refresh_token": person.account["refresh_token"]});
    let session = cluster.anybody().post("/auth/refresh", &refresh).await?.expect(200)?.json()?;
    Ok(cluster.anybody().with(session["access_token"].as_str().unwrap_or_default()))
}

async fn operators_see_accounts_and_others_do_not(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let refused = person.client.get("/admin/users").await?.expect(403)?.json()?;
    ensure!(refused["code"] == "PERMISSION_DENIED" && refused["permission"] == "platform.read", "{refused}");
    person.key().await?.get("/admin/users").await?.expect(403)?;
    cluster.anybody().get("/admin/users").await?.expect(401)?;
    let developer = operator(cluster, &person, "developer").await?;
    let path = format!("/api/v1/admin/users?email={}", person.email);
    let found = developer.get(&path).await?.expect(200)?.json()?;
    ensure!(found["data"][0]["id"] == person.account["user"]["id"], "{found}");
    ensure!(found["data"][0]["platform_role"] == "developer" && found["next_cursor"].is_null(), "{found}");
    let other = cluster.person().await?;
    let page = developer.get("/admin/users?limit=1").await?.expect(200)?.json()?;
    ensure!(page["data"].as_array().is_some_and(|d| d.len() == 1) && page["next_cursor"].is_string(), "{page}");
    let (_, key) = other.key_with(&json!({})).await?;
    ensure!(!page.to_string().contains(key["id"].as_str().unwrap_or("?")), "{page}");
    Ok(())
}

async fn operators_see_what_all_workspaces_use(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    person.key().await?.chat("simulator/chat", "count me").await?.expect(200)?;
    person.client.get("/admin/usage").await?.expect(403)?;
    let developer = operator(cluster, &person, "developer").await?;
    let workspace = person.account["workspace"]["id"].clone();
    eventually(async || {
        let usage = developer.get("/admin/usage?group_by=workspace").await?.expect(200)?.json()?;
        let mut groups = usage["data"].as_array().into_iter().flatten();
        let ours = groups.find(|group| group["value"] == workspace);
        ensure!(ours.is_some_and(|group| group["requests"] == 1), "{usage}");
        Ok(())
    })
    .await?;
    for by in ["plan", "provider", "day"] {
        let usage = developer.get(&format!("/api/v1/admin/usage?group_by={by}")).await?.expect(200)?.json()?;
        let all = usage["data"].as_array().into_iter().flatten().filter_map(|group| group["requests"].as_i64());
        ensure!(all.sum::<i64>() >= 1, "{usage}");
    }
    // What happened is in the trail of the workspace, for its owner.
    let trail = eventually(async || {
        let trail = person.client.get(&person.path("/audit?action=api_key.created")).await?.expect(200)?.json()?;
        ensure!(trail["data"].as_array().is_some_and(|events| !events.is_empty()), "{trail}");
        Ok(trail)
    })
    .await?;
    ensure!(trail["data"][0]["actor"] == person.account["user"]["id"], "{trail}");
    let file = person.client.get(&person.path("/audit/export?format=csv")).await?.expect(200)?;
    ensure!(
        file.text.starts_with("id,created_at,actor,action,") && file.text.contains("workspace.created"),
        "{}",
        file.text
    );
    Ok(())
}

async fn a_role_that_is_taken_away_ends_within_a_second(cluster: &Cluster) -> anyhow::Result<()> {
    in_one_of_three(async || {
        let person = cluster.person().await?;
        let admin = operator(cluster, &person, "admin").await?;
        admin.get("/admin/users").await?.expect(200)?;
        cluster.operate(&["admin", "revoke", &person.email]).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        admin.get("/admin/users").await?.expect(403)?;
        admin.get("/auth/me").await?.expect(200)?;
        Ok(())
    })
    .await
}
