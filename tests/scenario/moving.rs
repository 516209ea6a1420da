//! From one process with files to PostgreSQL, with everything that was there.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use proto::Role;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};
use tests::{
    Cluster, Person, Process, Upstream, authenticator,
    client::PASSWORD,
    cluster::{Options, Shape},
    eventually,
    server::{POSTGRES, fresh_database, login_without_rights, url},
    upstream::Script,
};

scenarios! {
    once: an_embedded_installation_moves_to_postgresql_with_everything_that_was_there;
}

/// Every file of a directory, and what is in it.
fn files(dir: &Path, into: &mut BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, into)?;
        } else {
            into.insert(path.display().to_string(), std::fs::read(&path)?);
        }
    }
    Ok(())
}

/// What somebody sees of themselves, whatever it is kept in.
async fn seen(person: &Person, export: &str) -> anyhow::Result<Value> {
    let get = async |path: &str| person.client.get(&person.path(path)).await?.expect(200)?.json();
    let trail = person.client.get(&person.path("/audit/export?format=csv")).await?.expect(200)?.text;
    let file = person.client.get(&format!("{export}/download")).await?.expect(200)?.text;
    let mut usage = get("/usage").await?;
    // What is asked for is a time of now.
    for moving in ["from", "to", "period"] {
        usage.as_object_mut().context("an object")?.remove(moving);
    }
    Ok(json!({
        "usage": usage, "logs": get("/logs?limit=100").await?["data"], "keys": get("/api-keys").await?["data"],
        "providers": get("/providers").await?["data"], "members": get("/members").await?["data"],
        "routing": get("/routing").await?, "trail": trail, "export": file,
        "me": person.client.get("/auth/me").await?.expect(200)?.json()?,
    }))
}

async fn an_embedded_installation_moves_to_postgresql_with_everything_that_was_there() -> anyhow::Result<()> {
    let mut cluster = Cluster::one().await?;
    let upstream = Upstream::start().await?;
    upstream.on("m", Script::text("one two three"));
    let person = cluster.person().await?;
    person.provider(&upstream.url, &json!({})).await?;
    let factor = person.second_factor().await?;
    let key = person.key().await?;
    for n in 0..30 {
        key.chat(if n % 2 == 0 { "m" } else { "simulator/chat" }, "hi").await?.expect(200)?;
    }
    let wish = json!({"kind": "usage", "format": "csv"});
    let export = person.client.post(&person.path("/exports"), &wish).await?.expect(202)?.header("location").to_owned();
    eventually(async || {
        let state = person.client.get(&export).await?.expect(200)?.json()?;
        ensure!(state["status"] == "done", "{state}");
        ensure!(person.usage().await?["total_requests"] == 30, "not all is in the tables");
        Ok(())
    })
    .await?;
    let before = seen(&person, &export).await?;

    let admin = fresh_database(&url(POSTGRES)?).await?;
    let login = login_without_rights(&admin).await?;
    let env = [("DATABASE_URL", login.clone()), ("PERPETUO__DATABASE__ADMIN_URL", admin)];
    let dir = cluster.dir().to_owned();
    let copy = async |more: &[&str]| {
        let args = [&["copy", "--from-data-dir", "data"], more].concat();
        let (status, said) = Process::run(&dir, &args, &env).await?;
        ensure!(!said.contains("panicked") && !said.contains(&login), "{said}");
        Ok::<_, anyhow::Error>((status.success(), said))
    };
    let (done, said) = copy(&[]).await?;
    ensure!(!done && said.contains("another perpetuo process uses"), "{said}");
    // Killed: what was answered last is in the journal, and in logs beside the files.
    for _ in 0..5 {
        key.chat("simulator/chat", "the last").await?.expect(200)?;
    }
    cluster.process(Role::Edge).kill().await?;
    let (mut kept, mut after) = (BTreeMap::new(), BTreeMap::new());
    files(&dir.join("data"), &mut kept)?;
    let (done, said) = copy(&["--dry-run"]).await?;
    ensure!(done && said.contains("identity.users") && said.contains("Nothing was changed"), "{said}");
    let (done, said) = copy(&[]).await?;
    ensure!(done && said.contains("each read back and compared") && said.contains("take those keys along"), "{said}");
    ensure!(said.contains("1 exports are files"), "{said}");
    files(&dir.join("data"), &mut after)?;
    ensure!(kept == after, "its files are as they were: {:?} and {:?}", kept.keys(), after.keys());
    let (done, said) = copy(&[]).await?;
    ensure!(!done && said.contains("the target is not empty"), "{said}");

    let mut options = Options { env: vec![], ..Options::default() };
    options.env = env.iter().take(1).map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    cluster.restart(Role::Edge, &options).await?;
    eventually(async || {
        ensure!(person.usage().await?["total_requests"] == 35, "what was in the journal only is missing");
        Ok(())
    })
    .await?;
    // But for the five.
    let now = seen(&person, &export).await?;
    for name in ["providers", "members", "routing", "export", "me"] {
        ensure!(now[name] == before[name], "{name}: {} and {}", before[name], now[name]);
    }
    let logs = |of: &Value| of["logs"].as_array().cloned().unwrap_or_default();
    ensure!(logs(&now).len() == 35 && logs(&now)[5..] == logs(&before), "{} and {}", now["logs"], before["logs"]);
    ensure!(
        now["trail"].as_str().unwrap_or_default().starts_with(before["trail"].as_str().unwrap_or("?").trim_end()),
        "{} and {}",
        now["trail"],
        before["trail"]
    );
    goes_on(&cluster, &person, &factor.secret).await?;
    key.chat("m", "what was sealed opens").await?.expect(200)?;
    let (status, said) = Process::run(&dir, &["usage", "reconcile"], &env).await?;
    ensure!(status.success() && said.contains("No differences."), "{said}");
    Ok(())
}

/// People log in with what they had, and what one service does arrives at the other.
async fn goes_on(cluster: &Cluster, person: &Person, secret: &str) -> anyhow::Result<()> {
    let code = authenticator::code(secret, 1)?;
    let login = json!({"email": person.email, "password": PASSWORD, "totp": code});
    cluster.anybody().post("/auth/login", &login).await?.expect(200)?;
    let refresh = json!({"refresh_token": person.account["refresh_token"]});
    cluster.anybody().post("/auth/refresh", &refresh).await?.expect(200)?;
    let (client, made) = person.key_with(&json!({"name": "after"})).await?;
    let id = made["id"].as_str().context("no id")?.to_owned();
    eventually(async || {
        let trail = person.client.get(&person.path("/audit?action=api_key.created")).await?.expect(200)?;
        ensure!(trail.text.contains(&id), "{}", trail.text);
        Ok(())
    })
    .await?;
    client.chat("simulator/chat", "hi").await?.expect(200)?;
    person.client.delete(&person.path(&format!("/api-keys/{id}"))).await?.expect(204)?;
    eventually(async || client.chat("simulator/chat", "hi").await?.expect(401).map(drop)).await?;
    ensure!(cluster.shape == Shape::One, "one process, now on PostgreSQL");
    Ok(())
}
