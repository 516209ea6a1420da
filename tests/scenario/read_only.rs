//! A database that may be read and not written.

use crate::scenarios;
use anyhow::ensure;
use serde_json::json;
use std::{
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    time::Duration,
};
use tests::{
    Cluster, Process,
    cluster::{Options, Shape},
    eventually,
    server::Postgres,
};
use tokio::process::Command;

scenarios! {
    once: a_server_that_becomes_a_standby_is_a_503_until_it_takes_writes_again, sqlite_files_of_somebody_else_are_one_clear_sentence;
}

/// As after a fail-over that left us with the old primary.
async fn a_server_that_becomes_a_standby_is_a_503_until_it_takes_writes_again() -> anyhow::Result<()> {
    use sqlx::{ConnectOptions as _, Connection as _, postgres::PgConnectOptions};
    let postgres = Postgres::start().await?;
    let options = Options { postgres: Some(postgres.url()), ..Options::default() };
    let cluster = Cluster::start(Shape::Many, &options).await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    let before = key.chat("simulator/chat", "hi").await?.expect(200)?;
    person.log_of(&before).await?;

    let mut admin = postgres.url().parse::<PgConnectOptions>()?.connect().await?;
    sqlx::query("alter system set default_transaction_read_only = on").execute(&mut admin).await?;
    sqlx::query("select pg_reload_conf()").execute(&mut admin).await?;
    let body = json!({"name": "not now"});
    let refused = eventually(async || person.client.post(&person.path("/api-keys"), &body).await?.expect(503)).await?;
    ensure!(!refused.text.contains("25006") && !refused.text.to_lowercase().contains("sqlx"), "{}", refused.text);
    // What was written can be read.
    person.client.get(&person.path("/logs")).await?.expect(200)?;

    sqlx::query("alter system reset default_transaction_read_only").execute(&mut admin).await?;
    sqlx::query("select pg_reload_conf()").execute(&mut admin).await?;
    admin.close().await?;
    eventually(async || person.client.post(&person.path("/api-keys"), &body).await?.expect(201).map(drop)).await?;
    let after = eventually(async || key.chat("simulator/chat", "hi").await?.expect(200)).await?;
    person.log_of(&after).await.map(drop)
}

/// The files of a database stay with root, everything else is given to who runs it.
async fn sqlite_files_of_somebody_else_are_one_clear_sentence() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755))?;
    let args = ["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"];
    let ports = [("PERPETUO__GRPC__LISTEN", "127.0.0.1:0"), ("PERPETUO__OPS__LISTEN", "127.0.0.1:0")];
    let env = ports.map(|(name, value)| (name, value.to_owned()));
    let mut first = Process::start("first", dir.path(), &args, &env)?;
    let ready = async || {
        ensure!(first.output().contains("Perpetuo is ready"), "{}", first.output());
        Ok(())
    };
    tests::within(Duration::from_secs(30), ready).await?;
    first.terminate()?;
    first.ended(Duration::from_secs(30)).await?;

    let program = dir.path().join("perpetuo");
    let built = tests::binary()?;
    std::fs::hard_link(&built, &program).or_else(|_| std::fs::copy(&built, &program).map(drop))?;
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let databases = writable_but_databases(&dir.path().join("data"), is_root)?;
    ensure!(!databases.is_empty(), "no database was made");
    let mut command = if is_root { Command::new("setpriv") } else { Command::new(&program) };
    if is_root {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
    }
    let command = command.args(args).env_clear().envs(env).env("PATH", "/usr/bin:/bin").current_dir(dir.path());
    let output = tokio::time::timeout(Duration::from_secs(60), command.kill_on_drop(true).output()).await??;
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    ensure!(!output.status.success(), "it runs on what it cannot write:\n{text}");
    let said = text.lines().filter(|line| line.starts_with("error: ")).collect::<Vec<_>>();
    ensure!(matches!(said[..], [one] if one.contains(".db is read-only: make")), "not one clear sentence:\n{text}");
    ensure!(!text.contains("panicked"), "{text}");
    Ok(())
}

/// Gives all of it to nobody but the databases, which nobody may only read. Which those are.
fn writable_but_databases(dir: &Path, is_root: bool) -> anyhow::Result<Vec<PathBuf>> {
    let mut databases = vec![];
    if is_root {
        chown(dir, Some(65534), Some(65534))?;
    }
    for path in std::fs::read_dir(dir)?.map(|entry| entry.map(|e| e.path())) {
        let path = path?;
        if path.is_dir() {
            databases.extend(writable_but_databases(&path, is_root)?);
        } else if path.extension().is_some_and(|kind| kind == "db" || kind == "sqlite") {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444))?;
            databases.push(path);
        } else if is_root {
            chown(&path, Some(65534), Some(65534))?;
        }
    }
    Ok(databases)
}
