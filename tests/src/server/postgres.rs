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
    dir: TempDir,
    bin: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Postgres {
    /// Creates a cluster and starts it.
    pub async fn start() -> anyhow::Result<Self> {
        let bin = bin_dir()?;
        let dir = tempfile::Builder::new().prefix("perpetuo-pg-").tempdir()?;
        if is_root() {
            // PostgreSQL refuses to run as root.
            let owned = Command::new("chown").arg("postgres").arg(dir.path()).status().await?;
            ensure!(owned.success(), "cannot hand the data directory to the user postgres");
        }
        let data = dir.path().join("data");
        let made = as_postgres(&bin.join("initdb"))
            .args(["-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8", "-D"])
            .arg(&data)
            .output()
            .await?;
        ensure!(made.status.success(), "initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        let mut server = Self { dir, bin, port: free_port()?, child: None };
        server.resume().await?;
        Ok(server)
    }

    /// Starts it again after [`Postgres::kill`], on the same port.
    pub async fn resume(&mut self) -> anyhow::Result<()> {
        let socket = self.dir.path().to_owned();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.dir.path().join("log"))?;
        let child = as_postgres(&self.bin.join("postgres"))
            .arg("-D")
            .arg(self.dir.path().join("data"))
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
        let file = std::fs::read_to_string(self.dir.path().join("data/postmaster.pid"))?;
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

fn bin_dir() -> anyhow::Result<PathBuf> {
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

fn as_postgres(program: &Path) -> Command {
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

fn signal(pid: &str, name: &str) -> anyhow::Result<()> {
    let done = std::process::Command::new("kill").arg(format!("-{name}")).arg(pid).status()?;
    ensure!(done.success(), "kill -{name} {pid} failed");
    Ok(())
}
