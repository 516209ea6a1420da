//! A PostgreSQL of our own.

use crate::{eventually::within, free_port};
use anyhow::{Context as _, ensure};
use sqlx::{Connection as _, PgConnection};
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A PostgreSQL server in a directory of its own, on loopback. Stopped when dropped.
pub struct Postgres {
    /// Its socket and its log, and its data unless that is elsewhere.
    dir: TempDir,
    data: PathBuf,
    bin: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Postgres {
    /// Creates a cluster and starts it.
    pub async fn start() -> anyhow::Result<Self> {
        let bin = bin_dir()?;
        let dir = tempfile::Builder::new().prefix("perpetuo-pg-").tempdir()?;
        hand_over(dir.path()).await?;
        let data = dir.path().join("data");
        let made = as_postgres(&bin.join("initdb"))
            .args(["-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8", "-D"])
            .arg(&data)
            .output()
            .await?;
        ensure!(made.status.success(), "initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        let mut server = Self { dir, data, bin, port: free_port()?, child: None };
        server.resume().await?;
        Ok(server)
    }

    /// Starts a server on data that somebody has restored, and waits until it takes writes.
    pub async fn start_on(data: &Path) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("perpetuo-pg-").tempdir()?;
        for owned in [dir.path(), data] {
            hand_over(owned).await?;
        }
        let mut server = Self { dir, data: data.to_owned(), bin: bin_dir()?, port: free_port()?, child: None };
        server.resume().await?;
        within(Duration::from_secs(30), async || {
            ensure!(
                server.ask("select pg_is_in_recovery()::text").await? == "false",
                "it is still going through the log"
            );
            Ok(())
        })
        .await?;
        Ok(server)
    }

    /// A directory that the server may write to; it vanishes with the server.
    pub async fn dir(&self, name: &str) -> anyhow::Result<PathBuf> {
        let dir = self.dir.path().join(name);
        std::fs::create_dir_all(&dir)?;
        hand_over(&dir).await?;
        Ok(dir)
    }

    /// The one text that a statement answers, of its superuser.
    pub async fn ask(&self, sql: &'static str) -> anyhow::Result<String> {
        let mut connection = PgConnection::connect(&self.url()).await?;
        let answer: Option<String> = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(answer.unwrap_or_default())
    }

    /// Starts it again after [`Postgres::kill`], on the same port.
    pub async fn resume(&mut self) -> anyhow::Result<()> {
        let socket = self.dir.path().to_owned();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.dir.path().join("log"))?;
        let child = as_postgres(&self.bin.join("postgres"))
            .arg("-D")
            .arg(&self.data)
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .args(["-c", "max_connections=300", "-c"])
            .arg(format!("unix_socket_directories={}", socket.display()))
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        self.child = Some(child);
        let url = self.url();
        within(Duration::from_secs(30), async || Ok(PgConnection::connect(&url).await?.close().await?)).await
    }

    /// The superuser's URL.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it at once (SIGQUIT, PostgreSQL's immediate shutdown), as a power cut would.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("not running")?;
        signal(&self.pid()?, "QUIT")?;
        child.wait().await?;
        Ok(())
    }

    fn pid(&self) -> anyhow::Result<String> {
        let file = std::fs::read_to_string(self.data.join("postmaster.pid"))?;
        Ok(file.lines().next().context("no pid")?.to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The child may be the wrapper that changed the user: the server itself is told, by its own pid.
        if self.child.is_some()
            && let Ok(pid) = self.pid()
        {
            let _ = signal(&pid, "QUIT");
        }
    }
}

/// A new database on the server of `url` (a superuser's), and its URL.
pub async fn fresh_database(url: &str) -> anyhow::Result<String> {
    let name = format!("t_{}", uuid::Uuid::from_u128(rand::random()).simple());
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await?;
    connection.close().await?;
    let (server, _) = url.rsplit_once('/').context("a URL with a database name")?;
    Ok(format!("{server}/{name}"))
}

/// A login on the server of `url` that owns nothing and may only connect, and the URL with which it does: what a
/// service should be given. `perpetuo migrate` grants it what it needs.
pub async fn login_without_rights(url: &str) -> anyhow::Result<String> {
    let name = format!("login_{}", uuid::Uuid::from_u128(rand::random()).simple());
    let mut connection = PgConnection::connect(url).await?;
    let sql = format!("create role {name} login nosuperuser nobypassrls nocreatedb nocreaterole");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(url.replacen("postgres@", &format!("{name}@"), 1))
}

/// PostgreSQL refuses to run as root.
pub(super) async fn hand_over(dir: &Path) -> anyhow::Result<()> {
    if is_root() {
        let owned = Command::new("chown").args(["-R", "postgres"]).arg(dir).status().await?;
        ensure!(owned.success(), "cannot hand {} to the user postgres", dir.display());
    }
    Ok(())
}

/// Where its programs are.
pub fn bin_dir() -> anyhow::Result<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").is_file())
        .collect();
    found.sort();
    if let Some(bin) = found.pop() {
        return Ok(bin);
    }
    let asked =
        std::process::Command::new("pg_config").arg("--bindir").output().context("no PostgreSQL: run `make tools`")?;
    Ok(PathBuf::from(String::from_utf8(asked.stdout)?.trim()))
}

pub(super) fn as_postgres(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/").stdin(Stdio::null());
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

pub(super) fn signal(pid: &str, name: &str) -> anyhow::Result<()> {
    let done = std::process::Command::new("kill").arg(format!("-{name}")).arg(pid).status()?;
    ensure!(done.success(), "kill -{name} {pid} failed");
    Ok(())
}
