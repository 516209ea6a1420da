//! An Envoy in front of a running Perpetuo.

use crate::pki::Authority;
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tests::{
    Cluster,
    cluster::{Options, Shape},
    free_port, within,
};
use tokio::process::{Child, Command};

/// The binary that `make tools` installs.
pub fn binary() -> anyhow::Result<PathBuf> {
    tool("lib").and_then(|lib| {
        let versions = std::fs::read_dir(&lib)?.flatten();
        let found = versions.map(|v| v.path().join("site-packages/envoy/_bin/envoy")).find(|path| path.is_file());
        found.context("Envoy is not installed: run `make tools`")
    })
}

/// Something below the folder of Envoy's packages.
pub fn tool(name: &str) -> anyhow::Result<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.tools/envoy").join(name);
    ensure!(path.exists(), "Envoy is not installed: run `make tools`");
    Ok(path)
}

/// A running Envoy. Killed when dropped.
pub struct Front {
    child: Child,
    dir: TempDir,
    /// HTTPS and HTTP/3.
    pub https: u16,
    /// HTTP without TLS.
    pub plain: u16,
    /// gRPC.
    pub grpc: u16,
    /// Envoy's own.
    pub admin: u16,
    /// Who signed its certificate.
    pub authority: Authority,
    /// Who signed Efí's.
    pub efi: Authority,
    sets: Vec<String>,
}

/// The name by which Efí calls.
pub const EFI_HOST: &str = "efi.localhost";

impl Front {
    /// Ports, certificates and options, and no Envoy yet.
    pub fn prepare(options: &[&str]) -> anyhow::Result<Prepared> {
        let dir = tempfile::Builder::new().prefix("perpetuo-envoy-").tempdir()?;
        let (authority, efi) = (Authority::new(dir.path(), "authority")?, Authority::new(dir.path(), "efi")?);
        let tls = dir.path().join("tls");
        authority.install(&tls, &["localhost", EFI_HOST])?;
        let ports = [free_port()?, free_port()?, free_port()?, free_port()?];
        let [https, plain, grpc, admin] = ports;
        let mut sets = vec![
            format!("listen=127.0.0.1:{https}"),
            format!("plain=127.0.0.1:{plain}"),
            format!("grpc=127.0.0.1:{grpc}"),
            format!("admin=127.0.0.1:{admin}"),
            format!("tls.certificate={}", tls.join("tls.crt").display()),
            format!("tls.key={}", tls.join("tls.key").display()),
            format!("access_log={}", dir.path().join("access.log").display()),
            "health_ms=200".to_owned(),
        ];
        sets.extend(options.iter().map(|option| option.replace("{efi}", &efi.file.display().to_string())));
        Ok(Prepared { dir, ports, authority, efi, sets })
    }

    /// In front of `cluster`, with these options beside those of the harness.
    pub async fn start(cluster: &Cluster, options: &[&str]) -> anyhow::Result<Self> {
        Self::prepare(options)?.start(cluster).await
    }

    /// What it was told with `--set`, as arguments.
    pub fn arguments(&self) -> Vec<String> {
        arguments(&self.sets)
    }

    /// Where its files are.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The access log so far, line by line.
    pub fn access_log(&self) -> anyhow::Result<Vec<Value>> {
        let text = std::fs::read_to_string(self.dir.path().join("access.log"))?;
        text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))).collect()
    }

    /// What Envoy and its access log have written.
    pub fn written(&self) -> String {
        let read = |name| std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default();
        read("access.log") + &read("envoy.log")
    }

    /// Where HTTP is answered without TLS.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.plain)
    }

    /// A page of the admin listener.
    pub async fn admin(&self, path: &str) -> anyhow::Result<String> {
        let url = format!("http://127.0.0.1:{}{path}", self.admin);
        Ok(reqwest::get(url).await?.error_for_status()?.text().await?)
    }

    /// A statistic.
    pub async fn stat(&self, name: &str) -> anyhow::Result<u64> {
        let page = self.admin(&format!("/stats?filter=^{}$", name.replace('.', r"\."))).await?;
        let value = page.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        Ok(value.with_context(|| format!("no statistic {name}"))?.trim().parse()?)
    }
}

/// Everything that an Envoy needs to start.
pub struct Prepared {
    dir: TempDir,
    ports: [u16; 4],
    authority: Authority,
    efi: Authority,
    sets: Vec<String>,
}

fn arguments(sets: &[String]) -> Vec<String> {
    sets.iter().flat_map(|set| ["--set".to_owned(), set.clone()]).collect()
}

impl Prepared {
    /// Writes the configuration with the cluster's own settings, and runs Envoy on it until it is ready.
    pub async fn start(self, cluster: &Cluster) -> anyhow::Result<Front> {
        let file = self.dir.path().join("envoy.yaml").display().to_string();
        let sets = arguments(&self.sets);
        let mut args = vec!["envoy-config", "--out", &file];
        args.extend(sets.iter().map(String::as_str));
        cluster.operate(&args).await?;
        let child = run(self.dir.path(), &file)?;
        let [https, plain, grpc, admin] = self.ports;
        let Self { dir, authority, efi, sets, .. } = self;
        let mut front = Front { child, dir, https, plain, grpc, admin, authority, efi, sets };
        front.ready().await?;
        Ok(front)
    }
}

impl Front {
    async fn ready(&mut self) -> anyhow::Result<()> {
        let answered = within(Duration::from_secs(30), async || {
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("Envoy ended with {status}:\n{}", self.written());
            }
            self.admin("/ready").await?;
            let healthy = self.stat("cluster.edge.membership_healthy").await?;
            ensure!(healthy > 0, "no edge is healthy");
            Ok(())
        });
        answered.await.with_context(|| self.written())
    }
}

fn run(dir: &Path, file: &str) -> anyhow::Result<Child> {
    let log = std::fs::File::create(dir.join("envoy.log"))?;
    let mut command = Command::new(binary()?);
    // Without hot restart, which shares memory by a number that two Envoys must not have.
    command.args(["-c", file, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"]);
    command.current_dir(dir).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    command.kill_on_drop(true).spawn().context("starting Envoy")
}

/// A Perpetuo and an Envoy with everything that does not get into the way of others.
pub struct World {
    /// One process.
    pub cluster: Cluster,
    /// In front of it.
    pub front: Front,
}

/// Started when it is first needed.
#[derive(Clone, Default)]
pub struct Shared(Arc<tokio::sync::OnceCell<Arc<World>>>);

impl Shared {
    pub async fn get(&self) -> anyhow::Result<Arc<World>> {
        let start = async || {
            let cluster = Cluster::start(Shape::One, &trusting()).await?;
            let efi_host = format!("efi.host={EFI_HOST}");
            let front = Front::start(&cluster, &["grpc.json=true", "jwt=true", "efi.ca={efi}", &efi_host]).await?;
            Ok(Arc::new(World { cluster, front }))
        };
        self.0.get_or_try_init(start).await.cloned()
    }
}

/// A Perpetuo that believes the proxy on the same machine.
pub fn trusting() -> Options {
    let env =
        [("PERPETUO__EDGE__TRUSTED_PROXIES", "[127.0.0.0/8]"), ("PERPETUO__EDGE__EFI_CLIENT_CERTIFICATE", "required")];
    Options { env: env.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec(), ..Options::default() }
}
