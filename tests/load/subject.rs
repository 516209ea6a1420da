//! What is measured: the provider itself, nginx in front of it, Perpetuo in front of it.

use crate::{
    cpu,
    loader::{Figures, Load, Shape},
    nginx::Nginx,
};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::{process::Stdio, time::Duration};
use tempfile::TempDir;
use tests::{Person, client::Client};
use tokio::process::{Child, Command};

/// A server under test.
pub struct Subject {
    /// How the report calls it.
    pub name: &'static str,
    /// Where it listens.
    pub port: u16,
    pid: Option<u32>,
    key: String,
    person: Option<Person>,
    child: Option<Child>,
    _nginx: Option<Nginx>,
    _dir: Option<TempDir>,
}

impl Subject {
    /// The provider without anything in front.
    pub fn direct(port: u16) -> Self {
        let key = "none".to_owned();
        Self { name: "direct", port, pid: None, key, person: None, child: None, _nginx: None, _dir: None }
    }

    /// nginx, by its worker's process id.
    pub fn nginx(port: u16, worker: u32, nginx: Nginx, dir: TempDir) -> Self {
        Self { name: "nginx", pid: Some(worker), _nginx: Some(nginx), _dir: Some(dir), ..Self::direct(port) }
    }

    /// Perpetuo with everything on: an account, a provider, a key with limits (too high to be reached, but counted).
    pub async fn perpetuo(core: &str, provider: u16) -> anyhow::Result<Self> {
        let perpetuo = Self::perpetuo_with(core, &[]).await?;
        let person = perpetuo.person.as_ref().context("nobody")?;
        person.provider(&format!("http://127.0.0.1:{provider}/v1"), &json!({"models": ["bench"]})).await?;
        Ok(perpetuo)
    }

    /// The same without a provider and with these settings, on these cores.
    pub async fn perpetuo_with(cores: &str, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("perpetuo-bench-").tempdir()?;
        let port = tests::free_port()?;
        let log = std::fs::File::create(dir.path().join("log"))?;
        let child = Command::new("taskset")
            .args(["-c", cores])
            .arg(tests::binary()?)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir", "data"])
            .env("PERPETUO__GRPC__LISTEN", format!("127.0.0.1:{}", tests::free_port()?))
            .env("PERPETUO__OPS__LISTEN", format!("127.0.0.1:{}", tests::free_port()?))
            .env("PERPETUO__TELEMETRY__LOG_FORMAT", "json")
            .envs(settings.iter().copied())
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("perpetuo")?;
        let base = format!("http://127.0.0.1:{port}");
        let anybody = Client::new(base.clone());
        tests::within(Duration::from_secs(20), async || anybody.get("/readyz").await?.expect(200).map(drop)).await?;
        let person = Person::sign_up(&base).await?;
        let limits = json!({"limits": {"rpm": 1_000_000_000, "tpm": 1_000_000_000_000_i64, "concurrency": 100_000}});
        let (_, made) = person.key_with(&limits).await?;
        let key = made["key"].as_str().context("no key")?.to_owned();
        let pid = child.id();
        Ok(Self {
            name: "perpetuo",
            pid,
            key,
            person: Some(person),
            child: Some(child),
            _dir: Some(dir),
            ..Self::direct(port)
        })
    }

    /// The prepared request, head and body.
    pub fn request(&self, shape: Shape) -> Vec<u8> {
        let mut body = json!({
            "model": "bench",
            "messages": [
                {"role": "system", "content": "You are a helpful assistant. ".repeat(12)},
                {"role": "user", "content": "Tell me about foxes and dogs, please."},
            ],
            "temperature": 0.7, "max_tokens": 256,
        });
        if shape == Shape::Held {
            body["user"] = json!("hold");
        }
        if shape != Shape::Whole {
            body["stream"] = json!(true);
            body["stream_options"] = json!({"include_usage": true});
        }
        let body = body.to_string();
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        )
        .into()
    }

    /// Runs a load and gives its figures with the CPU time that each request took.
    pub async fn timed(&self, load: Load) -> anyhow::Result<(Figures, Duration)> {
        let pid = self.pid.context("no process of its own")?;
        let before = cpu::used(pid)?;
        let figures = load.run(self).await?;
        let used = cpu::used(pid)?.saturating_sub(before);
        let each = used / u32::try_from(figures.requests.max(1))?;
        Ok((figures, each))
    }

    /// Resident memory in bytes.
    pub fn memory(&self) -> anyhow::Result<u64> {
        cpu::memory(self.pid.context("no process of its own")?)
    }

    /// What the ledger counted, and after how long all of it was visible: proof that it was on.
    pub async fn ledger(&self) -> anyhow::Result<Value> {
        let person = self.person.as_ref().context("not Perpetuo")?;
        let mut last = person.usage().await?;
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(400)).await;
            let now = person.usage().await?;
            let settled = now["total_requests"] == last["total_requests"];
            last = now;
            if settled {
                break;
            }
        }
        ensure!(self.child.is_some(), "not running");
        Ok(last)
    }
}
