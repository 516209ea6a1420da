//! A Redis of our own, without persistence.

use crate::{eventually::within, free_port};
use anyhow::Context as _;
use std::{process::Stdio, time::Duration};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A Redis server on loopback. Stopped when dropped.
pub struct Redis {
    dir: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Redis {
    /// Starts one.
    pub async fn start() -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("perpetuo-redis-").tempdir()?;
        let mut server = Self { dir, port: free_port()?, child: None };
        server.resume().await?;
        Ok(server)
    }

    /// Starts it again, empty, after [`Redis::kill`], on the same port.
    pub async fn resume(&mut self) -> anyhow::Result<()> {
        let child = Command::new("redis-server")
            .args([
                "--port",
                &self.port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
            ])
            .arg(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("no Redis: run `make tools`")?;
        self.child = Some(child);
        let url = self.url();
        within(Duration::from_secs(10), async || {
            let mut connection = redis::Client::open(url.as_str())?.get_multiplexed_async_connection().await?;
            Ok(redis::cmd("PING").query_async::<()>(&mut connection).await?)
        })
        .await
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Empties it.
    pub async fn flush(&self) -> anyhow::Result<()> {
        let mut connection = redis::Client::open(self.url())?.get_multiplexed_async_connection().await?;
        Ok(redis::cmd("FLUSHALL").query_async::<()>(&mut connection).await?)
    }

    /// Stops it in the middle of whatever it does: it keeps its connections and answers nothing.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.signal("STOP")
    }

    /// Lets it go on after [`Redis::freeze`].
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self.child.as_ref().and_then(Child::id).context("not running")?;
        let done = std::process::Command::new("kill").args([format!("-{name}"), pid.to_string()]).status()?;
        anyhow::ensure!(done.success(), "kill -{name} {pid} failed");
        Ok(())
    }

    /// Kills it; what it held is gone.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.take().context("not running")?.kill().await?)
    }
}
