//! A running Perpetuo: one process on SQLite and memory, or a process per role on PostgreSQL and Redis.

use crate::{
    Authority, Process,
    client::{Client, Person},
    eventually::within,
    free_port,
    server::{self, PgBouncer, fresh_database},
};
use anyhow::{Context as _, ensure};
use proto::Role;
use std::{fmt::Write as _, path::Path, process::ExitStatus, sync::Arc, time::Duration};
use tempfile::TempDir;

/// Which of the two shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One process, SQLite, memory.
    One,
    /// A process per role, PostgreSQL, Redis, authenticated gRPC between them.
    Many,
}

/// Settings that a scenario wants to differ.
#[derive(Clone, Default)]
pub struct Options {
    /// Extra environment, for instance `PERPETUO__GATEWAY__…`.
    pub env: Vec<(String, String)>,
    /// Use this PostgreSQL (a superuser's URL) instead of the shared one.
    pub postgres: Option<String>,
    /// Use this Redis instead of the shared one.
    pub redis: Option<String>,
    /// Puts a pooler before PostgreSQL that has so many connections for all processes, one for each transaction.
    pub pooled: Option<u32>,
    /// Gateway processes beyond the first, where there is a process per role.
    pub more_gateways: usize,
    /// Processes of usage-metering beyond the first, where there is a process per role.
    pub more_counters: usize,
    /// Processes of identity beyond the first, where there is a process per role.
    pub more_identities: usize,
    /// Processes of every role beyond the first and those above, where there is a process per role. Each edge has a port
    /// of its own.
    pub more_of_each: usize,
    /// Signs the certificates with which processes talk to each other; without it they do in plain text.
    pub tls: Option<Arc<Authority>>,
}

/// A running Perpetuo. Its processes are killed when it is dropped.
pub struct Cluster {
    /// Its shape.
    pub shape: Shape,
    dir: TempDir,
    env: Vec<(&'static str, String)>,
    parts: Vec<Part>,
    http: u16,
    database: Option<String>,
    pooler: Option<PgBouncer>,
}

/// Where a process listens.
#[derive(Clone, Copy)]
struct Ports {
    http: u16,
    grpc: u16,
    ops: u16,
}

impl Ports {
    /// With this HTTP port, and two others that are free.
    fn free(http: u16) -> anyhow::Result<Self> {
        Ok(Self { http, grpc: free_port()?, ops: free_port()? })
    }
}

struct Part {
    name: &'static str,
    role: Option<Role>,
    ports: Ports,
    process: Process,
}

impl Cluster {
    /// One process with everything.
    pub async fn one() -> anyhow::Result<Self> {
        Self::start(Shape::One, &Options::default()).await
    }

    /// A process per role.
    pub async fn many() -> anyhow::Result<Self> {
        Self::start(Shape::Many, &Options::default()).await
    }

    /// A cluster of the given shape with settings of its own.
    pub async fn start(shape: Shape, options: &Options) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("perpetuo-cluster-").tempdir()?;
        let mut env = vec![("HOME", dir.path().display().to_string()), ("RUST_BACKTRACE", "1".to_owned())];
        env.push(("PERPETUO__TELEMETRY__LOG_FORMAT", "json".to_owned()));
        env.push(("PERPETUO__SIMULATOR__ENABLED", "true".to_owned()));
        let mut cluster = Self { shape, dir, env, parts: vec![], http: free_port()?, database: None, pooler: None };
        match shape {
            Shape::One => cluster.start_one(options)?,
            Shape::Many => cluster.start_many(options).await?,
        }
        cluster.ready(Duration::from_secs(60)).await?;
        Ok(cluster)
    }

    fn start_one(&mut self, options: &Options) -> anyhow::Result<()> {
        self.parts.push(self.spawn("perpetuo", None, Ports::free(self.http)?, options)?);
        Ok(())
    }

    async fn start_many(&mut self, options: &Options) -> anyhow::Result<()> {
        let admin = match &options.postgres {
            Some(url) => url.clone(),
            None => server::url(server::POSTGRES)?,
        };
        let admin = fresh_database(&admin).await?;
        let mut url = server::login_without_rights(&admin).await?;
        if let Some(connections) = options.pooled {
            let pooler = PgBouncer::start(&admin, connections).await?;
            url = pooler.before(&url)?;
            self.env.push(("PERPETUO__DATABASE__POOLER", "transaction".to_owned()));
            self.pooler = Some(pooler);
        }
        let redis = match &options.redis {
            Some(url) => url.clone(),
            None => server::url(server::REDIS)?,
        };
        let gateways = std::iter::repeat_n(Role::Gateway, options.more_gateways);
        let counters = std::iter::repeat_n(Role::UsageMetering, options.more_counters);
        let identities = std::iter::repeat_n(Role::Identity, options.more_identities);
        // After the first of its role, which is the one that tests name.
        let each = std::iter::repeat_n(Role::ALL, options.more_of_each).flatten().copied();
        let others = gateways.chain(counters).chain(identities).chain(each);
        let others = others.map(|role| Ok((role, Ports::free(free_port()?)?)));
        let first = Role::ALL.iter().map(|role| Ok((*role, Ports::free(self.http)?)));
        let ports: Vec<(Role, Ports)> = first.chain(others).collect::<anyhow::Result<_>>()?;
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        let keys = self.dir.path().join("keys");
        let mut yaml = format!("keys:\n  dir: {0}\npeers:\n  keys_dir: {0}/peers\n", keys.display());
        for role in Role::ALL.iter().filter(|role| **role != Role::Edge) {
            let addresses: Vec<_> = ports
                .iter()
                .filter(|(r, _)| r == role)
                .map(|(_, ports)| format!("{scheme}://127.0.0.1:{}", ports.grpc))
                .collect();
            writeln!(yaml, "  {}: [{}]", role.as_str().replace('-', "_"), addresses.join(", "))?;
        }
        if let Some(authority) = &options.tls {
            authority.issue(&self.dir.path().join("tls"), 2200)?;
            let pair = "    cert_file: tls/tls.crt\n    key_file: tls/tls.key\n";
            write!(yaml, "  tls:\n    ca_file: tls/ca.crt\n{pair}")?;
            write!(
                yaml,
                "grpc:\n  tls:\n{pair}    client_ca_file: tls/ca.crt\n    require_client_certificate: true\n"
            )?;
        }
        write!(yaml, "gateway:\n  spool_dir: {}\n", self.dir.path().join("spool").display())?;
        std::fs::write(self.dir.path().join("cluster.yaml"), yaml)?;
        self.command(&["keys", "generate", "--dir", &keys.display().to_string()]).await?;
        self.env.push(("DATABASE_URL", url));
        self.database = Some(admin.clone());
        self.env.push(("REDIS_URL", redis));
        // Without a server for letters only those who are invited could come.
        self.env.push(("PERPETUO__IDENTITY__SIGNUP", "open".to_owned()));
        let mut migrate = self.environment(options);
        migrate.push(("PERPETUO__DATABASE__ADMIN_URL", admin));
        let (status, output) =
            Process::run(self.dir.path(), &["migrate", "--config", "cluster.yaml"], &migrate).await?;
        ensure!(status.success(), "migrate failed:\n{output}");
        for (role, ports) in ports {
            self.parts.push(self.spawn(role.as_str(), Some(role), ports, options)?);
        }
        Ok(())
    }

    fn spawn(&self, name: &'static str, role: Option<Role>, ports: Ports, options: &Options) -> anyhow::Result<Part> {
        let listen = format!("127.0.0.1:{}", ports.http);
        let mut args = vec!["serve", "--listen", &listen];
        match role {
            Some(role) => args.extend(["--role", role.as_str(), "--config", "cluster.yaml"]),
            None => args.extend(["--data-dir", "data"]),
        }
        let mut env = self.environment(options);
        env.push(("PERPETUO__GRPC__LISTEN", format!("127.0.0.1:{}", ports.grpc)));
        env.push(("PERPETUO__OPS__LISTEN", format!("127.0.0.1:{}", ports.ops)));
        let process = Process::start(name, self.dir.path(), &args, &env)?;
        Ok(Part { name, role, ports, process })
    }

    fn environment<'a>(&self, options: &'a Options) -> Vec<(&'a str, String)> {
        let extra = options.env.iter().map(|(k, v)| (k.as_str(), v.clone()));
        // Clients, servers and providers of several tests share the processors: waiting for one says nothing of a process here.
        let calm = std::iter::once(("PERPETUO__OVERLOAD__MAX_WAIT_MS", "0".to_owned()));
        calm.chain(self.env.iter().map(|(k, v)| (*k, v.clone()))).chain(extra).collect()
    }

    /// Runs `perpetuo <args>` in the cluster's directory and environment; fails if it does. Its listeners are those of
    /// the one process, or free ports where there are many.
    pub async fn command(&self, args: &[&str]) -> anyhow::Result<String> {
        let (status, output) = self.run(args).await?;
        ensure!(status.success(), "perpetuo {} failed:\n{output}", args.join(" "));
        Ok(output)
    }

    async fn run(&self, args: &[&str]) -> anyhow::Result<(ExitStatus, String)> {
        let (http, grpc, ops) = match (self.shape, self.parts.first()) {
            (Shape::One, Some(part)) => (self.http, part.ports.grpc, part.ports.ops),
            _ => (free_port()?, free_port()?, free_port()?),
        };
        let mut env = self.env.clone();
        let listeners =
            [("PERPETUO__EDGE__LISTEN", http), ("PERPETUO__GRPC__LISTEN", grpc), ("PERPETUO__OPS__LISTEN", ops)];
        env.extend(listeners.map(|(variable, port)| (variable, format!("127.0.0.1:{port}"))));
        Process::run(self.dir.path(), args, &env).await
    }

    /// Runs `perpetuo <args>` as whoever keeps the host would, on the cluster's own stores and keys.
    pub async fn operate(&self, args: &[&str]) -> anyhow::Result<String> {
        self.command(&self.placed(args)).await
    }

    /// The same, and how it ended: what fails is an answer as well.
    pub async fn try_to_operate(&self, args: &[&str]) -> anyhow::Result<(ExitStatus, String)> {
        self.run(&self.placed(args)).await
    }

    fn placed<'a>(&self, args: &[&'a str]) -> Vec<&'a str> {
        let place = match self.shape {
            Shape::One => ["--data-dir", "data"],
            Shape::Many => ["--config", "cluster.yaml"],
        };
        [args, &place].concat()
    }

    /// The environment that says where its stores are.
    pub fn stores(&self) -> Vec<(&'static str, String)> {
        self.env.iter().filter(|(name, _)| name.ends_with("_URL")).cloned().collect()
    }

    /// Waits until every process says that it is ready.
    pub async fn ready(&mut self, patience: Duration) -> anyhow::Result<()> {
        let http = reqwest::Client::new();
        for part in &mut self.parts {
            answers_ready(part, patience).await?;
        }
        let health = format!("{}/health", self.url());
        within(patience, async || Ok(http.get(&health).send().await?.error_for_status().map(drop)?)).await
    }

    /// A superuser's URL of its PostgreSQL database; None on SQLite.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// The pooler before its PostgreSQL, if it has one.
    pub const fn pooler(&self) -> Option<&PgBouncer> {
        self.pooler.as_ref()
    }

    /// Where HTTP is answered.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    /// Where a role's gRPC is answered.
    pub fn grpc(&self, role: Role) -> String {
        format!("http://127.0.0.1:{}", self.part(role).ports.grpc)
    }

    /// What the processes of a role say of themselves.
    pub async fn metrics(&self, role: Role) -> anyhow::Result<Vec<String>> {
        let of_role = self.parts.iter().filter(|p| p.role.is_none_or(|r| r == role));
        let mut all = vec![];
        for part in of_role {
            let answer =
                reqwest::get(format!("http://127.0.0.1:{}/metrics", part.ports.ops)).await?.error_for_status()?;
            all.push(answer.text().await?);
        }
        Ok(all)
    }

    /// Where a role's metrics and probes are.
    pub fn ops(&self, role: Role) -> String {
        format!("http://127.0.0.1:{}", self.part(role).ports.ops)
    }

    /// The process that runs a role.
    pub fn process(&mut self, role: Role) -> &mut Process {
        let index = self.parts.iter().position(|p| p.role.is_none_or(|r| r == role)).unwrap_or(0);
        &mut self.parts[index].process
    }

    /// Starts the process of a role again after its end, with the same ports, and waits until all are ready.
    pub async fn restart(&mut self, role: Role, options: &Options) -> anyhow::Result<()> {
        self.respawn(role, options)?;
        self.ready(Duration::from_secs(60)).await
    }

    /// Starts the process of a role again after its end, with the same ports, and waits for nothing.
    pub fn respawn(&mut self, role: Role, options: &Options) -> anyhow::Result<()> {
        let index = self.parts.iter().position(|p| p.role.is_none_or(|r| r == role)).context("no such role")?;
        let old = &self.parts[index];
        self.parts[index] = self.spawn(old.name, old.role, old.ports, options)?;
        Ok(())
    }

    /// Where each edge answers HTTP, the first one first.
    pub fn edges(&self) -> Vec<String> {
        let edges = self.parts.iter().filter(|p| p.role.is_none_or(|r| r == Role::Edge));
        edges.map(|part| format!("http://127.0.0.1:{}", part.ports.http)).collect()
    }

    /// How many processes there are.
    pub fn size(&self) -> usize {
        self.parts.len()
    }

    /// Ends one process as a platform would, by its place among all of them: SIGTERM, then patience. Starts it again with
    /// the same ports, and waits until it is ready. What it is called.
    pub async fn roll(&mut self, place: usize, options: &Options) -> anyhow::Result<&'static str> {
        let part = self.parts.get_mut(place).context("there are not so many")?;
        part.process.terminate()?;
        let (name, status) = (part.name, part.process.ended(Duration::from_secs(60)).await?);
        ensure!(status.code() == Some(0), "{name}: {status}");
        let (role, ports) = (part.role, part.ports);
        self.parts[place] = self.spawn(name, role, ports, options)?;
        answers_ready(&mut self.parts[place], Duration::from_secs(60)).await?;
        Ok(name)
    }

    /// Its files: `data/`, `keys/`, logs.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Everything that its processes have printed.
    pub fn output(&self) -> String {
        self.parts.iter().map(|p| p.process.output()).collect()
    }

    /// Somebody without a credential.
    pub fn anybody(&self) -> Client {
        Client::new(self.url())
    }

    /// A new person with an account and a workspace of their own.
    pub async fn person(&self) -> anyhow::Result<Person> {
        Person::sign_up(&self.url()).await
    }

    fn part(&self, role: Role) -> &Part {
        self.parts.iter().find(|p| p.role.is_none_or(|r| r == role)).unwrap_or(&self.parts[0])
    }
}

/// Waits until a process says that it is ready.
async fn answers_ready(part: &mut Part, patience: Duration) -> anyhow::Result<()> {
    let http = reqwest::Client::new();
    let url = format!("http://127.0.0.1:{}/readyz", part.ports.ops);
    let answered = within(patience, async || {
        part.process.alive()?;
        let answer = http.get(&url).timeout(Duration::from_secs(5)).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{}: {text}", part.name);
        Ok(())
    });
    answered.await.with_context(|| format!("{} is not ready", part.name))
}
