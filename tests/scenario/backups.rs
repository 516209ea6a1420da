//! Data that was lost comes back.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use proto::Role;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tests::{
    Cluster, Person, Process,
    client::{Client, PASSWORD},
    cluster::{Options, Shape},
    eventually, free_port,
    server::{Postgres, Redis, postgres_bin},
};
use tokio::{process::Command, task::JoinSet};

scenarios! {
    once: a_backup_that_is_taken_under_load_is_all_that_was_answered_before_it,
        what_cannot_be_restored_safely_is_refused,
        postgresql_comes_back_from_a_dump_as_its_page_says,
        postgresql_comes_back_to_a_second_as_its_page_says;
}

/// People who chat until they are told to stop.
struct Traffic {
    /// Request ids that were answered.
    answered: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    callers: JoinSet<()>,
}

impl Traffic {
    fn start(key: &Client, callers: usize) -> Self {
        let (answered, stop) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(AtomicBool::new(false)));
        let call = |n: usize| {
            let (key, answered, stop) = (key.clone(), answered.clone(), stop.clone());
            async move {
                while !stop.load(Relaxed) {
                    let answer = if n.is_multiple_of(2) {
                        key.chat("simulator/chat", "hi").await
                    } else {
                        key.chat_stream("simulator/chat", "hi").await
                    };
                    match answer {
                        Ok(answer) if answer.status == 200 => {
                            let id = answer.header("x-request-id").to_owned();
                            answered.lock().unwrap_or_else(PoisonError::into_inner).push(id);
                        }
                        // It was killed, as everything was.
                        _ => tokio::time::sleep(Duration::from_millis(20)).await,
                    }
                }
            }
        };
        let mut tasks = JoinSet::new();
        (0..callers).for_each(|n| drop(tasks.spawn(call(n))));
        Self { answered, stop, callers: tasks }
    }

    fn answered(&self) -> Vec<String> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn at_least(&self, count: usize) -> anyhow::Result<()> {
        eventually(async || {
            ensure!(self.answered().len() >= count, "{} answers", self.answered().len());
            Ok(())
        })
        .await
    }

    async fn end(self) {
        self.stop.store(true, Relaxed);
        self.callers.join_all().await;
    }
}

fn copy_dir(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_dir(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// Logs in, calls with the key of before, and finds every one of these requests.
async fn everything_is_there(person: &Person, key: &Client, requests: &[String]) -> anyhow::Result<()> {
    let anybody = Client::new(person.client.base().to_owned());
    let login = json!({"email": person.email, "password": PASSWORD});
    let session = anybody.post("/auth/login", &login).await?.expect(200)?.json()?;
    let refresh = json!({"refresh_token": person.account["refresh_token"]});
    anybody.post("/auth/refresh", &refresh).await?.expect(200)?;
    let me = anybody.with(session["access_token"].as_str().context("no token")?);
    for id in requests {
        let log = me.get(&person.path(&format!("/logs/{id}"))).await?.expect(200)?.json()?;
        ensure!(log["status_code"] == 200 && log["output_tokens"].as_i64().unwrap_or(0) > 0, "{log}");
    }
    key.chat("simulator/chat", "again").await?.expect(200).map(drop)
}

async fn a_backup_that_is_taken_under_load_is_all_that_was_answered_before_it() -> anyhow::Result<()> {
    let mut cluster = Cluster::one().await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    let traffic = Traffic::start(&key, 8);
    traffic.at_least(60).await?;
    let before = traffic.answered();
    let said = cluster.operate(&["backup", "--to", "kept"]).await?;
    ensure!(said.contains("keys") && said.contains("are not in it"), "{said}");
    let meanwhile = traffic.answered().len();
    traffic.at_least(meanwhile + 20).await?;
    cluster.process(Role::Edge).kill().await?;
    traffic.end().await;
    let dir = cluster.dir().to_owned();
    ensure!(!dir.join("kept/keys").exists() && dir.join("kept/ledger").is_dir(), "the journal, and no keys");
    std::fs::rename(dir.join("data"), dir.join("lost"))?;

    // All that is left are the backup and the keys.
    let said = cluster.operate(&["restore", "--from", "kept"]).await?;
    ensure!(said.contains("put the keys of the installation into"), "{said}");
    copy_dir(&dir.join("lost/keys"), &dir.join("data/keys"))?;
    cluster.restart(Role::Edge, &Options::default()).await?;
    everything_is_there(&person, &key, &before).await?;
    let said = cluster.operate(&["usage", "reconcile"]).await?;
    ensure!(said.contains("No differences."), "{said}");
    let said = cluster.operate(&["doctor"]).await?;
    ensure!(!said.contains("FAIL"), "{said}");
    // Feeds go on: what identity does is in the trail that workspace keeps.
    let (_, made) = person.key_with(&json!({"name": "after"})).await?;
    eventually(async || {
        let trail = person.client.get(&person.path("/audit?action=api_key.created")).await?.expect(200)?;
        ensure!(trail.text.contains(made["id"].as_str().unwrap_or("?")), "{}", trail.text);
        Ok(())
    })
    .await
}

async fn what_cannot_be_restored_safely_is_refused() -> anyhow::Result<()> {
    let cluster = Cluster::one().await?;
    cluster.person().await?;
    cluster.operate(&["backup", "--to", "kept"]).await?;
    let dir = cluster.dir();
    let restore = async |from: &str, to: &str| {
        let (status, said) = Process::run(dir, &["restore", "--from", from, "--data-dir", to], &[]).await?;
        ensure!(!said.contains("panicked"), "{said}");
        Ok::<_, anyhow::Error>((status.success(), said))
    };
    let refused = async |from: &str, to: &str, words: &str| {
        let (done, said) = restore(from, to).await?;
        ensure!(!done && said.contains(words), "{words:?} is not in: {said}");
        Ok::<_, anyhow::Error>(())
    };
    refused("kept", "data", "another perpetuo process uses").await?;
    std::fs::create_dir(dir.join("used"))?;
    std::fs::write(dir.join("used/notes.txt"), "mine")?;
    refused("kept", "used", "notes.txt").await?;
    refused("data", "new", "no manifest.json").await?;
    let (status, said) = Process::run(dir, &["backup", "--to", "kept"], &[]).await?;
    ensure!(!status.success() && said.contains("not empty"), "{said}");
    copy_dir(&dir.join("kept"), &dir.join("spoiled"))?;
    let mut bytes = std::fs::read(dir.join("spoiled/usage.db"))?;
    bytes[5_000] ^= 1;
    std::fs::write(dir.join("spoiled/usage.db"), bytes)?;
    refused("spoiled", "new", "usage.db of the backup is damaged").await?;

    // One that was interrupted is not served, and is done again.
    std::fs::create_dir_all(dir.join("half/ledger"))?;
    std::fs::write(dir.join("half/restoring"), serde_json::to_vec(&["usage.db", "ledger/1.journal"])?)?;
    std::fs::write(dir.join("half/usage.db"), "half of it")?;
    let listen = format!("127.0.0.1:{}", free_port()?);
    let (status, said) = Process::run(dir, &["serve", "--data-dir", "half", "--listen", &listen], &ports()?).await?;
    ensure!(!status.success() && said.contains("run `perpetuo restore` again"), "{said}");
    let (status, said) = Process::run(dir, &["backup", "--to", "of_half", "--data-dir", "half"], &[]).await?;
    ensure!(!status.success() && said.contains("run `perpetuo restore` again"), "{said}");
    let (done, said) = restore("kept", "half").await?;
    ensure!(done && !dir.join("half/restoring").exists(), "{said}");
    // Keys that are there already are compared.
    copy_dir(&dir.join("data/keys"), &dir.join("with_keys/keys"))?;
    let (done, said) = restore("kept", "with_keys").await?;
    ensure!(done && said.contains("The master key is there"), "{said}");
    // One that was beside it is missed by name.
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(dir.join("kept/manifest.json"))?)?;
    manifest["previous_master_keys"] = json!(["0123456789abcdef"]);
    std::fs::write(dir.join("kept/manifest.json"), manifest.to_string())?;
    copy_dir(&dir.join("data/keys"), &dir.join("one_key/keys"))?;
    let (done, said) = restore("kept", "one_key").await?;
    ensure!(done && said.contains("these are missing: 0123456789abcdef"), "{said}");
    std::fs::create_dir_all(dir.join("other_keys/keys"))?;
    std::fs::write(dir.join("other_keys/keys/master.key"), "00".repeat(32))?;
    refused("kept", "other_keys", "it has to be the one with the fingerprint").await
}

fn ports() -> anyhow::Result<Vec<(&'static str, String)>> {
    let address = || Ok::<_, anyhow::Error>(format!("127.0.0.1:{}", free_port()?));
    Ok(vec![("PERPETUO__GRPC__LISTEN", address()?), ("PERPETUO__OPS__LISTEN", address()?)])
}

/// The commands of a section of the page that people read.
fn commands(name: &str) -> anyhow::Result<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/backup/README.md"))?;
    let mark = format!("<!-- tested: {name} -->\n```sh\n");
    let (_, rest) = page.split_once(&mark).with_context(|| format!("the page has no commands to {name}"))?;
    Ok(rest.split("```").next().unwrap_or_default().to_owned())
}

async fn shell(name: &str, variables: &[(&str, &str)]) -> anyhow::Result<()> {
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", postgres_bin()?.display());
    let output = Command::new("bash")
        .args(["-eu", "-o", "pipefail", "-c", &commands(name)?])
        .env_clear()
        .env("PATH", path)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    ensure!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// A person who has used something, once it is all in the tables.
async fn somebody(cluster: &Cluster) -> anyhow::Result<(Person, Client, Value, Vec<String>)> {
    let person = cluster.person().await?;
    let key = person.key().await?;
    let mut requests = vec![];
    for _ in 0..10 {
        requests.push(key.chat("simulator/chat", "hi").await?.expect(200)?.header("x-request-id").to_owned());
    }
    let usage = eventually(async || {
        let usage = person.usage().await?;
        ensure!(usage["total_requests"] == 10, "{usage}");
        Ok(usage)
    })
    .await?;
    Ok((person, key, usage, requests))
}

/// One process with every role on a restored database: the same people, keys and sums.
async fn serves(cluster: &Cluster, admin: &str, expected: &(Person, Client, Value, Vec<String>)) -> anyhow::Result<()> {
    let (person, key, usage, requests) = expected;
    // What limits were counted is gone, and made again.
    let redis = Redis::start().await?;
    let url = tests::server::login_without_rights(admin).await?;
    let (http, ops) = (free_port()?, free_port()?);
    let dir = cluster.dir();
    let mut env = ports()?;
    env.extend([
        ("DATABASE_URL", url),
        ("REDIS_URL", redis.url()),
        ("PERPETUO__DATABASE__ADMIN_URL", admin.to_owned()),
        ("PERPETUO__KEYS__DIR", dir.join("keys").display().to_string()),
        ("PERPETUO__SIMULATOR__ENABLED", "true".to_owned()),
        ("PERPETUO__OPS__LISTEN", format!("127.0.0.1:{ops}")),
    ]);
    // The first time lets the login work in the role; there is nothing else to do.
    for _ in 0..2 {
        let (status, said) = Process::run(dir, &["migrate"], &env).await?;
        ensure!(status.success() && said.contains("usage-metering: up to date"), "{said}");
    }
    let listen = format!("127.0.0.1:{http}");
    let mut process = Process::start("restored", dir, &["serve", "--listen", &listen], &env)?;
    let base = format!("http://{listen}");
    tests::within(Duration::from_secs(60), async || {
        process.alive()?;
        Ok(reqwest::get(format!("http://127.0.0.1:{ops}/readyz")).await?.error_for_status().map(drop)?)
    })
    .await?;
    let here = Person { client: person.client.at(&base), ..person.clone() };
    let again = here.usage().await?;
    for field in ["total_requests", "total_input_tokens", "total_output_tokens"] {
        ensure!(again[field] == usage[field], "{field}: {again} and {usage}");
    }
    everything_is_there(&here, &key.at(&base), requests).await?;
    // Daily counters in Redis are for who watches, and begin anew.
    env.retain(|(name, _)| *name != "REDIS_URL");
    let (status, said) = Process::run(dir, &["usage", "reconcile"], &env).await?;
    ensure!(status.success() && said.contains("No differences."), "{said}");
    process.terminate()?;
    ensure!(process.ended(Duration::from_secs(40)).await?.code() == Some(0), "{}", process.output());
    Ok(())
}

async fn postgresql_comes_back_from_a_dump_as_its_page_says() -> anyhow::Result<()> {
    let cluster = Cluster::many().await?;
    let expected = somebody(&cluster).await?;
    // Another server, which has never heard of us.
    let server = Postgres::start().await?;
    let target = tests::server::fresh_database(&server.url()).await?;
    let dir = cluster.dir().display().to_string();
    let source = cluster.database().context("no database")?.to_owned();
    let variables = [("SOURCE", source.as_str()), ("TARGET", target.as_str()), ("DIR", dir.as_str())];
    shell("dump", &variables).await?;
    drop(expected.1.chat("simulator/chat", "after the dump").await?.expect(200)?);
    shell("restore", &variables).await?;
    serves(&cluster, &target, &expected).await
}

async fn postgresql_comes_back_to_a_second_as_its_page_says() -> anyhow::Result<()> {
    let mut server = Postgres::start().await?;
    let place = server.dir("kept").await?;
    let at = |name: &str| -> PathBuf { place.join(name) };
    let (wal, base) = (server.dir("kept/wal").await?.display().to_string(), at("base").display().to_string());
    let url = server.url();
    shell("archive", &[("SOURCE", url.as_str()), ("WAL", wal.as_str())]).await?;
    server.kill().await?;
    server.resume().await?;
    let options = Options { postgres: Some(url.clone()), ..Options::default() };
    let cluster = Cluster::start(Shape::Many, &options).await?;
    shell("base", &[("SOURCE", url.as_str()), ("BASE", base.as_str())]).await?;
    let expected = somebody(&cluster).await?;
    let until = server.ask("select clock_timestamp()::text").await?;
    // A mistake, which is undone: everything since then is lost.
    tokio::time::sleep(Duration::from_millis(50)).await;
    for _ in 0..3 {
        expected.1.chat("simulator/chat", "too much").await?.expect(200)?;
    }
    server.ask("select pg_switch_wal()::text").await?;
    let last = server.ask("select last_archived_wal from pg_stat_archiver").await?;
    eventually(async || {
        server.ask("select pg_switch_wal()::text").await?;
        let now = server.ask("select last_archived_wal from pg_stat_archiver").await?;
        ensure!(now > last, "{now}");
        Ok(())
    })
    .await?;
    shell("recover", &[("BASE", base.as_str()), ("WAL", wal.as_str()), ("UNTIL", until.as_str())]).await?;
    let database = cluster.database().context("no database")?;
    let (_, name) = database.rsplit_once('/').context("no name")?;
    let restored = Postgres::start_on(&at("base")).await?;
    let (address, _) = restored.url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).context("no URL")?;
    serves(&cluster, &format!("{address}/{name}"), &expected).await
}
