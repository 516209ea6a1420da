//! Stores that go away: one clear sentence, nothing lost, and recovery without a restart.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use proto::Role;
use serde_json::json;
use std::{path::Path, time::Duration};
use tests::{
    Cluster, Process,
    cluster::{Options, Shape},
    eventually,
    server::{Postgres, Redis},
};

scenarios! {
    once: stores_away_at_start_are_waited_for, postgres_away_while_running, redis_away_while_running, sqlite_locked_while_running, sqlite_read_only_at_start,
        a_dead_peer_is_a_503_and_comes_back, one_of_two_that_dies_is_missed_for_seconds_only;
}

async fn stores_away_at_start_are_waited_for() -> anyhow::Result<()> {
    let (mut postgres, mut redis) = (Postgres::start().await?, Redis::start().await?);
    let options = Options { postgres: Some(postgres.url()), redis: Some(redis.url()), ..Options::default() };
    let mut cluster = Cluster::start(Shape::Many, &options).await?;
    let person = cluster.person().await?;
    let (key, _) = person.key_with(&json!({"limits": {"rpm": 1000}})).await?;
    let roles = [Role::Workspace, Role::Identity, Role::UsageMetering, Role::Billing, Role::AgentEngine];
    for role in roles {
        cluster.process(role).kill().await?;
    }
    postgres.kill().await?;
    redis.kill().await?;
    let http = reqwest::Client::new();
    for role in roles {
        cluster.respawn(role, &options)?;
        // It runs, says that it is not ready and why, and does not give up.
        let probe = format!("{}/readyz", cluster.ops(role));
        let answer = eventually(async || tests::Answer::of(http.get(&probe)).await).await?;
        ensure!(answer.status == 503 && answer.text.contains("database"), "{role}: {}", answer.text);
        cluster.process(role).alive()?;
    }
    postgres.resume().await?;
    redis.resume().await?;
    cluster.ready(Duration::from_secs(60)).await?;
    eventually(async || key.chat("simulator/chat", "hi").await?.expect(200).map(drop)).await
}

async fn postgres_away_while_running() -> anyhow::Result<()> {
    let mut postgres = Postgres::start().await?;
    let options = Options { postgres: Some(postgres.url()), ..Options::default() };
    let cluster = Cluster::start(Shape::Many, &options).await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    let before = key.chat("simulator/chat", "hi").await?.expect(200)?;
    person.log_of(&before).await?;
    postgres.kill().await?;
    // Who cannot work without it gets no calls; who can goes on.
    for role in [Role::Workspace, Role::Identity, Role::UsageMetering, Role::Billing, Role::AgentEngine] {
        let told = eventually(async || probe(&cluster, role).await?.expect(503)).await?;
        ensure!(told.text.contains("database"), "{role}: {}", told.text);
    }
    for role in [Role::Gateway, Role::Edge] {
        probe(&cluster, role).await?.expect(200)?;
    }
    // What needs the database says so; what was promised stays refused rather than unrecorded.
    let chat = key.chat("simulator/chat", "hi").await?;
    ensure!([503, 504].contains(&chat.status), "{} {}", chat.status, chat.text);
    let list = person.client.get(&person.path("/logs")).await?;
    ensure!([503, 504].contains(&list.status), "{} {}", list.status, list.text);
    ensure!(!list.text.contains("sqlx") && !list.text.contains("127.0.0.1"), "{}", list.text);
    // Whoever looks into it finds by its id what was not said to the client.
    eventually(async || {
        let (output, id) = (cluster.output(), list.header("x-request-id"));
        let mut lines =
            output.lines().filter(|line| line.contains(id)).filter_map(|line| serde_json::from_str(line).ok());
        let told = |line: &serde_json::Value| line["level"] == "ERROR" && line["message"] == "request failed";
        let line = lines.find(told).with_context(|| format!("{id} failed without a word"))?;
        ensure!(line["code"].is_string() && line["detail"].is_string(), "{line}");
        Ok(())
    })
    .await?;
    postgres.resume().await?;
    let after = eventually(async || key.chat("simulator/chat", "hi").await?.expect(200)).await?;
    for role in Role::ALL {
        eventually(async || probe(&cluster, *role).await?.expect(200).map(drop)).await?;
    }
    person.log_of(&after).await?;
    person.log_of(&before).await?;
    Ok(())
}

/// What a process says to whoever sends it calls.
async fn probe(cluster: &Cluster, role: Role) -> anyhow::Result<tests::Answer> {
    tests::Answer::of(reqwest::Client::new().get(format!("{}/readyz", cluster.ops(role)))).await
}

async fn redis_away_while_running() -> anyhow::Result<()> {
    let mut redis = Redis::start().await?;
    let options = Options { redis: Some(redis.url()), ..Options::default() };
    let cluster = Cluster::start(Shape::Many, &options).await?;
    let person = cluster.person().await?;
    let free = person.key().await?;
    let (limited, _) = person.key_with(&json!({"limits": {"rpm": 1000}})).await?;
    limited.chat("simulator/chat", "hi").await?.expect(200)?;
    redis.kill().await?;
    // They say so, and nobody is sent away for it.
    for role in [Role::UsageMetering, Role::Identity, Role::Gateway] {
        eventually(async || {
            let told = probe(&cluster, role).await?.expect(200)?.json()?;
            let redis = told["checks"].as_array().into_iter().flatten().find(|check| check["name"] == "redis");
            ensure!(redis.is_some_and(|redis| redis["degraded"] == true && redis["ok"] == false), "{role}: {told}");
            Ok(())
        })
        .await?;
    }
    // Without limits nothing needs Redis; with them nobody gets past unseen.
    free.chat("simulator/chat", "hi").await?.expect(200)?;
    // At most what usage-metering has taken a share of beforehand, and never more than the limit.
    let mut refused = None;
    for _ in 0..1000 {
        let answer = limited.chat("simulator/chat", "hi").await?;
        if answer.status != 200 {
            refused = Some(answer.expect(503)?);
            break;
        }
    }
    let refused = refused.ok_or_else(|| anyhow::anyhow!("nobody was refused"))?;
    ensure!(!refused.header("retry-after").is_empty(), "{refused:?}");
    redis.resume().await?;
    eventually(async || limited.chat("simulator/chat", "hi").await?.expect(200).map(drop)).await
}

async fn sqlite_locked_while_running() -> anyhow::Result<()> {
    use sqlx::{ConnectOptions as _, Connection as _};
    let cluster = Cluster::one().await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    key.chat("simulator/chat", "hi").await?.expect(200)?;
    let file = find(&cluster.dir().join("data"), "identity").ok_or_else(|| anyhow::anyhow!("no identity database"))?;
    let mut lock = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).connect().await?;
    sqlx::query("begin exclusive").execute(&mut lock).await?;
    let body = json!({"name": "blocked"});
    let blocked = person.client.post(&person.path("/api-keys"), &body).await?.expect(503)?;
    ensure!(!blocked.text.to_lowercase().contains("sqlite_busy"), "{}", blocked.text);
    // The request path does not need that file.
    key.chat("simulator/chat", "hi").await?.expect(200)?;
    sqlx::query("rollback").execute(&mut lock).await?;
    lock.close().await?;
    eventually(async || person.client.post(&person.path("/api-keys"), &body).await?.expect(201).map(drop)).await
}

fn find(dir: &Path, name: &str) -> Option<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).ok()?.flatten().map(|e| e.path());
    let mut found = None;
    for path in entries {
        let file = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() {
            found = found.or_else(|| find(&path, name));
        } else if file.starts_with(name) && (file.ends_with(".db") || file.ends_with(".sqlite")) {
            found = Some(path);
        }
    }
    found
}

async fn sqlite_read_only_at_start() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    // A plain file where the data directory should be: root may write into read-only directories.
    std::fs::write(dir.path().join("data"), "not a directory")?;
    let (status, output) =
        Process::run(dir.path(), &["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"], &[]).await?;
    ensure!(!status.success() && output.contains("data"), "{output}");
    ensure!(!output.contains("panicked") && output.lines().count() <= 4, "not one clear sentence:\n{output}");
    Ok(())
}

async fn a_dead_peer_is_a_503_and_comes_back() -> anyhow::Result<()> {
    let mut cluster = Cluster::many().await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    key.chat("simulator/chat", "hi").await?.expect(200)?;
    let roles = [Role::UsageMetering, Role::Billing, Role::Gateway, Role::AgentEngine, Role::Workspace, Role::Identity];
    for role in roles {
        cluster.process(role).kill().await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let answer = match role {
            Role::UsageMetering | Role::Gateway => key.chat("simulator/chat", "hi").await?,
            Role::Workspace => person.client.get(&person.path("/members")).await?,
            Role::Billing => person.client.get("/api/v1/billing/status").await?,
            Role::AgentEngine => {
                let body = json!({"problem_description": "x", "business_type": "y", "analysis_depth": "quick"});
                person.client.post("/api/v1/executions", &body).await?
            }
            Role::Identity | Role::Edge => person.client.get("/auth/me").await?,
        };
        ensure!([503, 504].contains(&answer.status), "{role}: {} {}", answer.status, answer.text);
        cluster.restart(role, &Options::default()).await?;
        eventually(async || key.chat("simulator/chat", "hi").await?.expect(200).map(drop)).await?;
    }
    Ok(())
}

async fn one_of_two_that_dies_is_missed_for_seconds_only() -> anyhow::Result<()> {
    let options = Options { more_identities: 1, ..Options::default() };
    let mut cluster = Cluster::start(Shape::Many, &options).await?;
    let person = cluster.person().await?;
    let ask = async || person.client.get("/api/v1/me/sessions").await;
    ask().await?.expect(200)?;
    cluster.process(Role::Identity).kill().await?;
    // Calls that met the dead one fail with a 503, as long as nobody has noticed.
    tokio::time::sleep(Duration::from_secs(3)).await;
    for _ in 0..40 {
        ask().await?.expect(200)?;
    }
    cluster.restart(Role::Identity, &options).await?;
    for _ in 0..20 {
        ask().await?.expect(200)?;
    }
    Ok(())
}
