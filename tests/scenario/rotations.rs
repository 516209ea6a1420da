//! The master key is replaced while people work.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use proto::Role;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tests::{
    Cluster, Person, Process, Upstream, authenticator,
    client::{Client, PASSWORD},
    cluster::{Options, Shape},
    server::{POSTGRES, fresh_database, login_without_rights, url},
    upstream::Script,
    within,
};

scenarios! {
    once: the_master_key_of_one_process_is_replaced_step_by_step,
        processes_that_seal_with_different_keys_read_each_other,
        another_login_for_the_database_is_taken_without_a_restart;
}

/// Somebody with everything that a master key stands behind: a session, a second factor, a provider's key, an answer that
/// is given again.
struct Somebody {
    person: Person,
    key: Client,
    secret: String,
    refresh: String,
    made: String,
    upstream: Upstream,
}

impl Somebody {
    async fn new(cluster: &Cluster) -> anyhow::Result<Self> {
        let (person, upstream) = (cluster.person().await?, Upstream::start().await?);
        upstream.on("m", Script::text("one two three"));
        person.provider(&upstream.url, &json!({})).await?;
        let (key, secret) = (person.key().await?, person.second_factor().await?.secret);
        let once = json!({"name": "once"});
        let made = person.client.post_once("k-1", &person.path("/api-keys"), &once).await?.expect(201)?.json()?;
        let made = made["key"].as_str().context("no key")?.to_owned();
        let refresh = person.account["refresh_token"].as_str().context("no token")?.to_owned();
        Ok(Self { person, key, secret, refresh, made, upstream })
    }

    /// All of it still opens.
    async fn works(&mut self, cluster: &Cluster, with_factor: bool) -> anyhow::Result<()> {
        let refresh = json!({"refresh_token": self.refresh});
        let session = cluster.anybody().post("/auth/refresh", &refresh).await?.expect(200)?.json()?;
        self.refresh = session["refresh_token"].as_str().context("no token")?.to_owned();
        let me = cluster.anybody().with(session["access_token"].as_str().context("no token")?);
        let (once, keys) = (json!({"name": "once"}), self.person.path("/api-keys"));
        let again = me.post_once("k-1", &keys, &once).await?.expect(201)?.json()?;
        ensure!(again["key"] == self.made.as_str(), "another answer than the first");
        self.key.chat("m", "hi").await?.expect(200)?;
        let sent = self.upstream.received();
        let sent = sent.last().context("nothing arrived")?.headers.get("authorization").context("no credential")?;
        ensure!(sent == "Bearer sk-test-canary-4242", "the provider's key is another one");
        if with_factor {
            // A code works once.
            let login = json!({"email": self.person.email, "password": PASSWORD, "totp": authenticator::code(&self.secret, 1)?});
            cluster.anybody().post("/auth/login", &login).await?.expect(200)?;
        }
        Ok(())
    }
}

fn swap(one: &Path, other: &Path) -> anyhow::Result<()> {
    let (a, b) = (std::fs::read(one)?, std::fs::read(other)?);
    std::fs::write(one, b)?;
    Ok(std::fs::write(other, a)?)
}

async fn restart(cluster: &mut Cluster) -> anyhow::Result<()> {
    cluster.process(Role::Edge).terminate()?;
    cluster.process(Role::Edge).ended(Duration::from_secs(40)).await?;
    cluster.restart(Role::Edge, &Options::default()).await
}

async fn the_master_key_of_one_process_is_replaced_step_by_step() -> anyhow::Result<()> {
    let mut cluster = Cluster::one().await?;
    let mut ada = Somebody::new(&cluster).await?;
    let keys = cluster.dir().join("data/keys");
    let (first, other) = (keys.join("master.key"), keys.join("master.key.1"));
    let (status, said) = Process::run(cluster.dir(), &["keys", "rotate-master", "--data-dir", "data"], &[]).await?;
    ensure!(!status.success() && said.contains("only one master key"), "{said}");
    let old_key = cluster.operate(&["audit", "key"]).await?;

    cluster.operate(&["keys", "new-master", "--file", "data/keys/master.key.1"]).await?;
    restart(&mut cluster).await?;
    ada.works(&cluster, false).await?;
    swap(&first, &other)?;
    restart(&mut cluster).await?;
    ada.works(&cluster, false).await?;
    let said = cluster.operate(&["doctor"]).await?;
    ensure!(said.contains("run `perpetuo keys rotate-master`") && !said.contains("FAIL"), "{said}");
    let said = cluster.operate(&["keys", "rotate-master", "--dry-run"]).await?;
    ensure!(said.contains("sessions.secret") && !said.contains("Nothing is left"), "{said}");
    let said = cluster.operate(&["keys", "rotate-master"]).await?;
    ensure!(said.contains("Nothing is left"), "{said}");
    ada.works(&cluster, false).await?;
    let said = cluster.operate(&["doctor"]).await?;
    ensure!(said.contains("opens nothing any more") && !said.contains("FAIL"), "{said}");

    std::fs::remove_file(&other)?;
    restart(&mut cluster).await?;
    ada.works(&cluster, true).await?;
    let said = cluster.operate(&["doctor"]).await?;
    ensure!(!said.contains("opens nothing") && !said.contains("FAIL"), "{said}");
    // The ends of trails are signed with the key that comes with the new one.
    let new_key = cluster.operate(&["audit", "key"]).await?;
    ensure!(new_key != old_key, "the key of audit trails comes with the master key");
    let trail = ada.person.client.get(&ada.person.path("/audit/export?format=jsonl")).await?.expect(200)?.text;
    std::fs::write(cluster.dir().join("trail.jsonl"), trail)?;
    cluster.command(&["audit", "verify", "trail.jsonl", "--public-key", new_key.trim()]).await?;
    Ok(())
}

/// Of two identity processes one has been told that the new key seals, and one has not: people come to either.
async fn processes_that_seal_with_different_keys_read_each_other() -> anyhow::Result<()> {
    let place = tempfile::tempdir()?;
    let next: PathBuf = place.path().join("next.key");
    let file = next.display().to_string();
    Process::run(place.path(), &["keys", "new-master", "--file", &file], &[]).await?;
    let env = vec![("PERPETUO__KEYS__PREVIOUS_MASTER_FILES".to_owned(), format!("[{file}]"))];
    let options = Options { env: env.clone(), more_identities: 1, ..Options::default() };
    let mut cluster = Cluster::start(Shape::Many, &options).await?;
    let mut all = vec![Somebody::new(&cluster).await?];
    swap(&cluster.dir().join("keys/master.key"), &next)?;
    for role in [Role::Identity, Role::Workspace] {
        cluster.process(role).kill().await?;
        cluster.restart(role, &Options { env: env.clone(), ..Options::default() }).await?;
    }
    for _ in 0..3 {
        all.push(Somebody::new(&cluster).await?);
    }
    for somebody in &mut all {
        // Each call comes to one or the other.
        for _ in 0..4 {
            somebody.works(&cluster, false).await?;
        }
    }
    let mut with = vec![("PERPETUO__KEYS__PREVIOUS_MASTER_FILES", format!("[{file}]"))];
    with.extend(cluster.stores());
    let args = ["keys", "rotate-master", "--config", "cluster.yaml"];
    let (status, said) = Process::run(cluster.dir(), &args, &with).await?;
    ensure!(status.success() && said.contains("Nothing is left"), "{said}");
    for somebody in &mut all {
        for _ in 0..4 {
            somebody.works(&cluster, false).await?;
        }
        somebody.works(&cluster, true).await?;
    }
    Ok(())
}

/// One process with every role, whose login for the database is exchanged and then locked out.
async fn another_login_for_the_database_is_taken_without_a_restart() -> anyhow::Result<()> {
    let admin = fresh_database(&url(POSTGRES)?).await?;
    let (old, new) = (login_without_rights(&admin).await?, login_without_rights(&admin).await?);
    let mut cluster = Cluster::one().await?;
    cluster.process(Role::Edge).kill().await?;
    let file = cluster.dir().join("database.url");
    let text = file.display().to_string();
    for login in [&new, &old] {
        // What makes a login one of the services'.
        std::fs::write(&file, format!("{login}\n"))?;
        let env = [("PERPETUO__DATABASE__URL_FILE", text.clone()), ("PERPETUO__DATABASE__ADMIN_URL", admin.clone())];
        let (status, said) = Process::run(cluster.dir(), &["migrate"], &env).await?;
        ensure!(status.success(), "{said}");
    }
    let env = vec![
        ("PERPETUO__DATABASE__URL_FILE".to_owned(), text),
        ("PERPETUO__IDENTITY__SIGNUP".to_owned(), "open".to_owned()),
    ];
    cluster.restart(Role::Edge, &Options { env, ..Options::default() }).await?;
    let person = cluster.person().await?;
    std::fs::write(&file, format!("{new}\n"))?;
    let name = |login: &str| login.split("//").nth(1).and_then(|l| l.split('@').next()).map(str::to_owned);
    let (old, new) = (name(&old).context("no login")?, name(&new).context("no login")?);
    within(Duration::from_secs(30), async || {
        ensure!(cluster.output().contains("database.url_file has changed"), "it was not seen");
        Ok(())
    })
    .await?;
    let mut owner = PgConnection::connect(&admin).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("alter role {old} nologin"))).execute(&mut owner).await?;
    let end = "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1";
    sqlx::query(end).bind(&old).execute(&mut owner).await?;
    within(Duration::from_secs(30), async || {
        person.client.get("/auth/me").await?.expect(200)?;
        person.key().await?.chat("simulator/chat", "hi").await?.expect(200).map(drop)
    })
    .await?;
    let mut users = vec![];
    for user in [&old, &new] {
        let count = "select count(*) from pg_stat_activity where usename = $1";
        users.push(sqlx::query_scalar::<_, i64>(count).bind(user).fetch_one(&mut owner).await?);
    }
    ensure!(users[0] == 0 && users[1] > 0, "{users:?}");
    Ok(())
}
