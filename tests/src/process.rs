//! One process of ours, started from the built binary.

use anyhow::{Context as _, bail};
use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::process::{Child, Command};

/// The `perpetuo` binary that was built beside this test.
pub fn binary() -> anyhow::Result<PathBuf> {
    let mut dir = std::env::current_exe()?;
    while dir.pop() {
        let candidate = dir.join("perpetuo");
        if candidate.is_file() {
            return Ok(candidate);
        }
    }
    bail!("the perpetuo binary is not built: run `cargo build` first")
}

/// A running `perpetuo`. Killed when dropped.
pub struct Process {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Process {
    /// Starts `perpetuo <args>` with exactly this environment; what it prints goes to `<dir>/<name>.log`.
    pub fn start(name: &str, dir: &Path, args: &[&str], env: &[(&str, String)]) -> anyhow::Result<Self> {
        let log = dir.join(format!("{name}.log"));
        let out = std::fs::OpenOptions::new().create(true).append(true).open(&log)?;
        let child = Command::new(binary()?)
            .args(args)
            .env_clear()
            .envs(env.iter().map(|(k, v)| (k, v)))
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self { child, name: name.to_owned(), log })
    }

    /// Runs `perpetuo <args>` to its end and gives its exit status and what it printed, errors included.
    pub async fn run(dir: &Path, args: &[&str], env: &[(&str, String)]) -> anyhow::Result<(ExitStatus, String)> {
        let mut command = Command::new(binary()?);
        command.args(args).env_clear().envs(env.iter().map(|(k, v)| (k, v))).current_dir(dir).stdin(Stdio::null());
        let output = tokio::time::timeout(Duration::from_secs(60), command.kill_on_drop(true).output()).await??;
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        Ok((output.status, text))
    }

    /// Everything that it has printed so far.
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) -> anyhow::Result<()> {
        self.signal("TERM")
    }

    /// Sends SIGKILL and waits until it is gone.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self.child.id().context("the process has ended")?;
        let done = std::process::Command::new("kill").args([format!("-{name}"), pid.to_string()]).status()?;
        anyhow::ensure!(done.success(), "kill -{name} {pid} failed");
        Ok(())
    }

    /// Waits for its end, at most `patience`.
    pub async fn ended(&mut self, patience: Duration) -> anyhow::Result<ExitStatus> {
        let waited = tokio::time::timeout(patience, self.child.wait()).await;
        Ok(waited.with_context(|| format!("{} did not end within {patience:?}", self.name))??)
    }

    /// Fails if it has ended already, with what it printed last.
    pub fn alive(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}:\n{}", self.name, tail(&self.output())),
        }
    }

    /// Resident memory in bytes.
    pub fn memory(&self) -> anyhow::Result<u64> {
        self.bytes("VmRSS:")
    }

    /// The most of it that there ever was.
    pub fn peak(&self) -> anyhow::Result<u64> {
        self.bytes("VmHWM:")
    }

    fn bytes(&self, field: &str) -> anyhow::Result<u64> {
        let pid = self.child.id().context("the process has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find(|l| l.starts_with(field)).with_context(|| format!("no {field}"))?;
        let kib: u64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
        Ok(kib * 1024)
    }

    /// Its process id.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
