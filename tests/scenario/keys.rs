//! API keys: made, used, seen, ended.

use crate::scenarios;
use anyhow::ensure;
use serde_json::json;
use std::time::Duration;
use tests::{Cluster, eventually, in_one_of_three};

scenarios! {
    shared: a_key_is_shown_once_and_works, a_revoked_key_stops_within_a_second,
        a_revoked_key_stops_in_every_process, a_deleted_key_is_gone,
        last_use_is_recorded, a_key_does_what_its_scopes_say, a_key_cannot_be_given_more_than_its_creator_has,
        fields_that_are_not_enforced_are_refused, an_expired_key_is_refused,
        a_creation_repeated_under_its_idempotency_key_makes_one_thing;
}

async fn a_key_is_shown_once_and_works(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (key, made) = person.key_with(&json!({"name": "ci"})).await?;
    let secret = made["key"].as_str().unwrap_or_default();
    ensure!(secret.starts_with("pk_") && secret.len() == 3 + 32 + 6, "{secret}");
    ensure!(
        made["scopes"] == json!(["inference"]) && made["active"] == true && made["last_used_at"].is_null(),
        "{made}"
    );
    key.chat("simulator/chat", "hi").await?.expect(200)?;
    let list = person.client.get(&person.path("/api-keys")).await?.expect(200)?;
    ensure!(!list.text.contains(secret), "the list shows the key");
    ensure!(secret.starts_with(list.json()?["data"][0]["prefix"].as_str().unwrap_or("?")), "{}", list.text);
    Ok(())
}

async fn a_revoked_key_stops_within_a_second(cluster: &Cluster) -> anyhow::Result<()> {
    in_one_of_three(async || {
        let person = cluster.person().await?;
        let (key, made) = person.key_with(&json!({})).await?;
        key.get("/v1/models").await?.expect(200)?;
        let path = person.path(&format!("/api-keys/{}/revoke", made["id"].as_str().unwrap_or_default()));
        let revoked = person.client.post(&path, &json!({})).await?.expect(200)?.json()?;
        ensure!(revoked["active"] == false && revoked["revoked_at"].is_string(), "{revoked}");
        tokio::time::sleep(Duration::from_secs(1)).await;
        let refused = key.get("/v1/models").await?.expect(401)?.json()?;
        ensure!(refused["error"]["code"] == "invalid_api_key", "{refused}");
        person.client.post(&path, &json!({})).await?.expect(200)?;
        Ok(())
    })
    .await
}

/// Each process keeps a cache of its own: the edge's is not the gateway's.
async fn a_revoked_key_stops_in_every_process(cluster: &Cluster) -> anyhow::Result<()> {
    use proto::{Role, gateway::gateway_client::GatewayClient, usage::usage_client::UsageClient};
    let person = cluster.person().await?;
    let (_, made) = person.key_with(&json!({"scopes": ["inference", "usage.read"]})).await?;
    let bearer: tonic::metadata::MetadataValue<_> =
        format!("Bearer {}", made["key"].as_str().unwrap_or_default()).parse()?;
    let mut gateway = GatewayClient::connect(cluster.grpc(Role::Gateway)).await?;
    let mut usage = UsageClient::connect(cluster.grpc(Role::UsageMetering)).await?;
    let mut call = async || {
        let mut models = tonic::Request::new(proto::gateway::ListModelsRequest {});
        models.metadata_mut().insert("authorization", bearer.clone());
        let mut sums = tonic::Request::new(proto::usage::GetUsageRequest::default());
        sums.metadata_mut().insert("authorization", bearer.clone());
        (gateway.list_models(models).await.map(drop), usage.get_usage(sums).await.map(drop))
    };
    let before = call().await;
    ensure!(before.0.is_ok() && before.1.is_ok(), "{before:?}");
    let path = person.path(&format!("/api-keys/{}/revoke", made["id"].as_str().unwrap_or_default()));
    person.client.post(&path, &json!({})).await?.expect(200)?;
    eventually(async || {
        let (models, sums) = call().await;
        for refused in [models.err(), sums.err()] {
            ensure!(refused.as_ref().is_some_and(|s| proto::Reason::of(s) == proto::Reason::KeyRevoked), "{refused:?}");
        }
        Ok(())
    })
    .await
}

async fn a_deleted_key_is_gone(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (key, made) = person.key_with(&json!({})).await?;
    key.get("/v1/models").await?.expect(200)?;
    let path = person.path(&format!("/api-keys/{}", made["id"].as_str().unwrap_or_default()));
    person.client.delete(&path).await?.expect(204)?;
    person.client.delete(&path).await?.expect(404)?;
    eventually(async || key.get("/v1/models").await?.expect(401).map(drop)).await?;
    let list = person.client.get(&person.path("/api-keys")).await?.expect(200)?.json()?;
    ensure!(list["data"] == json!([]), "{list}");
    Ok(())
}

async fn last_use_is_recorded(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let key = person.key().await?;
    key.get("/v1/models").await?.expect(200)?;
    eventually(async || {
        let list = person.client.get(&person.path("/api-keys")).await?.expect(200)?.json()?;
        ensure!(list["data"][0]["last_used_at"].is_string(), "{list}");
        Ok(())
    })
    .await
}

async fn a_key_does_what_its_scopes_say(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let inference = person.key().await?;
    inference.get(&person.path("/logs")).await?.expect(403)?;
    inference.get("/auth/me").await?.expect(403)?;
    let (reader, _) = person.key_with(&json!({"scopes": ["logs.read"]})).await?;
    reader.get(&person.path("/logs")).await?.expect(200)?;
    reader.chat("simulator/chat", "hi").await?.expect(403)?;
    Ok(())
}

async fn a_key_cannot_be_given_more_than_its_creator_has(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (maker, _) = person.key_with(&json!({"scopes": ["keys.write"]})).await?;
    let path = person.path("/api-keys");
    maker.post(&path, &json!({"name": "more", "scopes": ["providers.write"]})).await?.expect(403)?;
    maker.post(&path, &json!({"name": "same", "scopes": ["keys.write"]})).await?.expect(201)?;
    let unknown = person.client.post(&path, &json!({"name": "x", "scopes": ["everything"]})).await?;
    ensure!([400, 422].contains(&unknown.status), "{} {}", unknown.status, unknown.text);
    Ok(())
}

async fn fields_that_are_not_enforced_are_refused(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    for (field, value) in [("allowed_models", json!(["gpt-4o"])), ("allowed_ips", json!(["10.0.0.0/8"]))] {
        let refused =
            person.client.post(&person.path("/api-keys"), &json!({"name": "x", field: value})).await?.expect(422)?;
        let refused = refused.json()?;
        ensure!(refused["code"] == "LIMIT_NOT_ENFORCED" && refused["errors"][0]["field"] == field, "{refused}");
    }
    Ok(())
}

async fn an_expired_key_is_refused(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let soon = (chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::UNIX_EPOCH)
        + since_epoch()?
        + Duration::from_secs(2))
    .to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let (key, _) = person.key_with(&json!({"expires_at": soon})).await?;
    key.get("/v1/models").await?.expect(200)?;
    eventually(async || key.get("/v1/models").await?.expect(401).map(drop)).await?;
    let past = json!({"name": "x", "expires_at": "2020-01-01T00:00:00Z"});
    person.client.post(&person.path("/api-keys"), &past).await?.expect(422)?;
    Ok(())
}

async fn a_creation_repeated_under_its_idempotency_key_makes_one_thing(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, other) = (cluster.person().await?, cluster.person().await?);
    let creations = [
        (person.path("/api-keys"), json!({"name": "ci"})),
        (person.path("/providers"), json!({"provider": "simulator", "name": "ci"})),
        ("/workspaces".to_owned(), json!({"name": "ci"})),
    ];
    for (path, body) in creations {
        let at_once = (0..20).map(|_| person.client.post_once("first", &path, &body));
        let answers = futures::future::try_join_all(at_once).await?;
        let mut new = 0;
        for answer in answers {
            let answer = answer.expect(201)?;
            new += u32::from(answer.header("idempotent-replayed").is_empty());
            let again = person.client.post_once("first", &path, &body).await?.expect(201)?;
            ensure!(again.header("idempotent-replayed") == "true" && again.text == answer.text, "{path}: {again:?}");
        }
        ensure!(new == 1, "{path}: {new} of 20 answers were new");
        let mut renamed = body.clone();
        renamed["name"] = json!("another");
        let refused = person.client.post_once("first", &path, &renamed).await?.expect(409)?.json()?;
        ensure!(refused["code"] == "IDEMPOTENCY_MISMATCH", "{path}: {refused}");
        let path = path.replace(&person.workspace, &other.workspace);
        let theirs = other.client.post_once("first", &path, &body).await?.expect(201)?;
        ensure!(theirs.header("idempotent-replayed").is_empty(), "{path}: a key of somebody else is another key");
    }
    for (path, expected) in [(person.path("/api-keys"), 1), (person.path("/providers"), 1), ("/workspaces".into(), 2)] {
        let list = person.client.get(&path).await?.expect(200)?.json()?;
        ensure!(list["data"].as_array().is_some_and(|all| all.len() == expected), "{path}: {list}");
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the server under test uses the real clock")]
fn since_epoch() -> anyhow::Result<Duration> {
    Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?)
}
