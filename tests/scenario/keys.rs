//! API keys: made, used, seen, ended.

use crate::scenarios;
use anyhow::ensure;
use serde_json::json;
use std::time::Duration;
use tests::{
    Cluster,
    cluster::{Options, Shape},
    eventually, in_one_of_three,
};

scenarios! {
    shared: a_key_is_shown_once_and_works, a_revoked_key_stops_within_a_second,
        a_revoked_key_stops_in_every_process, a_deleted_key_is_gone,
        last_use_is_recorded, a_key_does_what_its_scopes_say, a_key_cannot_be_given_more_than_its_creator_has,
        a_key_calls_the_models_that_it_may_on_every_surface, a_key_works_from_the_addresses_that_it_is_bound_to,
        a_rotated_key_changes_over, an_expired_key_is_refused,
        a_creation_repeated_under_its_idempotency_key_makes_one_thing;
    own: a_proxy_that_is_trusted_says_from_where_a_key_is_used;
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

async fn a_key_calls_the_models_that_it_may_on_every_surface(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (key, made) = person.key_with(&json!({"allowed_models": ["simulator/chat"]})).await?;
    ensure!(made["allowed_models"] == json!(["simulator/chat"]), "{made}");
    key.chat("simulator/chat", "hi").await?.expect(200)?;
    let refused = key.chat("simulator/drip", "hi").await?.expect(403)?.json()?;
    ensure!(refused["error"]["code"] == "model_not_allowed", "{refused}");
    let listed = key.get("/v1/models").await?.expect(200)?.json()?;
    ensure!(listed["data"].as_array().map(Vec::len) == Some(1) && listed["data"][0]["id"] == "simulator/chat");
    let (user, input) = (json!([{"role": "user", "content": "hi"}]), json!("hi"));
    for (path, body) in [
        ("/v1/completions", json!({"model": "simulator/drip", "prompt": input})),
        ("/v1/responses", json!({"model": "simulator/drip", "input": input})),
        ("/v1/embeddings", json!({"model": "simulator/embed", "input": input})),
        ("/v1/messages", json!({"model": "simulator/drip", "max_tokens": 9, "messages": user})),
        ("/v1/messages/count_tokens", json!({"model": "simulator/drip", "messages": user})),
        ("/v1/moderations", json!({"model": "simulator/drip", "input": input})),
        ("/v1/images/generations", json!({"model": "simulator/drip", "prompt": input})),
        ("/v1/audio/speech", json!({"model": "simulator/drip", "input": input, "voice": "alloy"})),
        ("/v1/rerank", json!({"model": "simulator/drip", "query": input, "documents": ["a"]})),
        ("/v1beta/models/simulator/drip:generateContent", json!({"contents": [{"parts": [{"text": "hi"}]}]})),
        ("/api/chat", json!({"model": "simulator/drip", "messages": user})),
    ] {
        let refused = key.post(path, &body).await?;
        ensure!(refused.status == 403, "{path}: {} {}", refused.status, refused.text);
    }
    for path in ["/v1beta/models", "/api/tags"] {
        let listed = key.get(path).await?.expect(200)?;
        ensure!(listed.text.contains("simulator/chat") && !listed.text.contains("drip"), "{path}: {}", listed.text);
    }
    // What it may call changes within a second, everywhere.
    let path = person.path(&format!("/api-keys/{}", made["id"].as_str().unwrap_or_default()));
    let change = json!({"allowed_models": ["simulator/drip"]});
    in_one_of_three(async || {
        person.client.patch(&path, &json!({"allowed_models": ["simulator/chat"]})).await?.expect(200)?;
        eventually(async || key.chat("simulator/chat", "hi").await?.expect(200).map(drop)).await?;
        person.client.patch(&path, &change).await?.expect(200)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        key.chat("simulator/chat", "hi").await?.expect(403)?;
        key.chat("simulator/drip", "hi").await?.expect(200).map(drop)
    })
    .await?;
    person.client.patch(&path, &json!({"allowed_models": null})).await?.expect(200)?;
    eventually(async || key.chat("simulator/chat", "hi").await?.expect(200).map(drop)).await
}

async fn a_key_works_from_the_addresses_that_it_is_bound_to(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (here, made) = person.key_with(&json!({"allowed_ips": ["127.0.0.0/8", "::1"]})).await?;
    here.get("/v1/models").await?.expect(200)?;
    let (elsewhere, _) = person.key_with(&json!({"allowed_ips": ["203.0.113.0/24"]})).await?;
    let refused = elsewhere.get("/v1/models").await?.expect(403)?.json()?;
    ensure!(refused["error"]["code"] == "address_not_allowed", "{refused}");
    // What a client claims counts only from a proxy that the operator trusts.
    let claimed = elsewhere.request(reqwest::Method::GET, "/v1/models").header("x-forwarded-for", "203.0.113.7");
    tests::client::Answer::of(claimed).await?.expect(403)?;
    let path = person.path(&format!("/api-keys/{}", made["id"].as_str().unwrap_or_default()));
    in_one_of_three(async || {
        person.client.patch(&path, &json!({"allowed_ips": null})).await?.expect(200)?;
        eventually(async || here.get("/v1/models").await?.expect(200).map(drop)).await?;
        person.client.patch(&path, &json!({"allowed_ips": ["203.0.113.0/24"]})).await?.expect(200)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        here.get("/v1/models").await?.expect(403).map(drop)
    })
    .await?;
    for (field, value) in [("allowed_ips", json!(["everywhere"])), ("allowed_models", json!(["a*b"]))] {
        let refused = person.client.patch(&path, &json!({field: value})).await?.expect(422)?.json()?;
        ensure!(refused["errors"][0]["field"] == format!("{field}[0]"), "{refused}");
    }
    Ok(())
}

async fn a_proxy_that_is_trusted_says_from_where_a_key_is_used(shape: Shape) -> anyhow::Result<()> {
    let env = vec![("PERPETUO__EDGE__TRUSTED_PROXIES".to_owned(), "[\"127.0.0.1\"]".to_owned())];
    let cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
    let person = cluster.person().await?;
    let (key, _) = person.key_with(&json!({"allowed_ips": ["203.0.113.0/24"]})).await?;
    let from = async |address: &str| {
        let request = key.request(reqwest::Method::GET, "/v1/models").header("x-forwarded-for", address);
        anyhow::Ok(tests::client::Answer::of(request).await?.status)
    };
    ensure!(from("203.0.113.7").await? == 200 && from("198.51.100.1").await? == 403);
    ensure!(from("203.0.113.7, 198.51.100.1").await? == 403, "the client's own claim");
    ensure!(key.get("/v1/models").await?.status == 403, "the proxy itself");
    Ok(())
}

async fn a_rotated_key_changes_over(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (old, made) = person.key_with(&json!({"name": "ci"})).await?;
    old.get("/v1/models").await?.expect(200)?;
    let path = person.path(&format!("/api-keys/{}/rotate", made["id"].as_str().unwrap_or_default()));
    let rotated = person.client.post(&path, &json!({"grace_seconds": 600})).await?.expect(200)?.json()?;
    ensure!(rotated["id"] == made["id"] && rotated["key"] != made["key"] && rotated["name"] == "ci", "{rotated}");
    let new = person.client.with(rotated["key"].as_str().unwrap_or_default());
    for key in [&old, &new] {
        let answer = key.chat("simulator/chat", "hi").await?.expect(200)?;
        ensure!(person.log_of(&answer).await?["api_key_id"] == made["id"], "one key, whichever its text");
    }
    in_one_of_three(async || {
        let before = person.client.post(&path, &json!({"grace_seconds": 600})).await?.expect(200)?.json()?;
        let before = person.client.with(before["key"].as_str().unwrap_or_default());
        before.get("/v1/models").await?.expect(200)?;
        person.client.post(&path, &json!({"grace_seconds": 0})).await?.expect(200)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        before.get("/v1/models").await?.expect(401).map(drop)
    })
    .await?;
    eventually(async || old.get("/v1/models").await?.expect(401).map(drop)).await
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
