//! A PgBouncer of our own, before a PostgreSQL that runs.

use super::postgres::{as_postgres, hand_over, signal};
use crate::{eventually::within, free_port};
use anyhow::Context as _;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use std::{path::PathBuf, time::Duration};
use tempfile::TempDir;
use tokio::process::Child;

/// A pooler on loopback that gives one of a few connections of PostgreSQL for each transaction. Stopped when dropped.
pub struct PgBouncer {
    dir: TempDir,
    port: u16,
    child: Option<Child>,
}

impl PgBouncer {
    /// Starts one before the server of `url`, a superuser's who needs no password. It has `connections` connections to each
    /// database for each user.
    pub async fn start(url: &str, connections: u32) -> anyhow::Result<Self> {
        let server: PgConnectOptions = url.parse()?;
        let dir = tempfile::Builder::new().prefix("perpetuo-bouncer-").tempdir()?;
        let port = free_port()?;
        let folder = dir.path().display();
        // Everybody may in whom the server knows: it is asked as its superuser.
        std::fs::write(dir.path().join("users"), format!("\"{}\" \"\"\n", server.get_username()))?;
        let settings = format!(
            "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = trust\nauth_file = {folder}/users\nauth_user = {}\npool_mode = transaction\n\
             default_pool_size = {connections}\nmax_client_conn = 1000\nlogfile = {folder}/log\npidfile = {folder}/pid\n",
            server.get_host(),
            server.get_port(),
            server.get_username(),
        );
        std::fs::write(dir.path().join("settings"), settings)?;
        hand_over(dir.path()).await?;
        let child = as_postgres(&program()?)
            .args(["-q".as_ref(), dir.path().join("settings").as_os_str()])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let bouncer = Self { dir, port, child: Some(child) };
        let through = bouncer.before(url)?.parse::<PgConnectOptions>()?.extra_float_digits(None);
        within(Duration::from_secs(10), async || Ok(PgConnection::connect_with(&through).await?.close().await?))
            .await
            .with_context(|| bouncer.log())?;
        Ok(bouncer)
    }

    /// The URL of a database on its server, through it.
    pub fn before(&self, url: &str) -> anyhow::Result<String> {
        let (scheme, rest) = url.split_once("://").context("a URL")?;
        let (place, database) = rest.split_once('/').context("a URL with a database")?;
        let user = place.rsplit_once('@').map(|(user, _)| format!("{user}@")).unwrap_or_default();
        Ok(format!("{scheme}://{user}127.0.0.1:{}/{database}", self.port))
    }

    /// What it has said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// Ends it at once, and everybody's connections with it.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("not running")?;
        self.signal()?;
        child.wait().await?;
        Ok(())
    }

    /// The child may be the wrapper that changed the user: the pooler itself is told, by its own pid.
    fn signal(&self) -> anyhow::Result<()> {
        signal(std::fs::read_to_string(self.dir.path().join("pid"))?.trim(), "TERM")
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        if self.child.is_some() {
            let _ = self.signal();
        }
    }
}

/// Debian keeps it from the path of those who are not root.
fn program() -> anyhow::Result<PathBuf> {
    ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.is_file())
        .context("no PgBouncer: run `make tools`")
}
