//! Every setting of the process, and its default.

mod check;
mod database_url;
mod derive;
mod load;
mod peers;

pub use database_url::follow as follow_database_url;
pub use peers::Peers;

use host::config::Secret;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The whole configuration. `deploy/config/one.yaml` and `cluster.yaml` explain each key.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where data and keys are kept. Default: `data`, in the current directory.
    pub data_dir: PathBuf,
    /// Where the record is kept.
    pub database: Database,
    /// Where limits are counted.
    pub redis: Redis,
    /// What seals secrets at rest.
    pub keys: Keys,
    /// Where the roles are that this process does not run.
    pub peers: Peers,
    /// The gRPC listener.
    pub grpc: host::grpc::Config,
    /// The operations listener.
    pub ops: host::ops::Config,
    /// The built-in provider.
    pub simulator: Simulator,
    /// HTTP.
    pub edge: edge::Config,
    /// People and credentials.
    pub identity: identity::Config,
    /// Letters to people.
    pub mail: mail::Config,
    /// Tenants and their providers.
    pub workspace: workspace::Config,
    /// The request path.
    pub gateway: gateway::Config,
    /// Limits and the ledger.
    pub usage: usage_metering::Config,
    /// Plans, and who is on which.
    pub billing: billing::Config,
    /// Executions.
    pub agent_engine: agent_engine::Config,
    /// Outbound calls.
    pub egress: egress::Config,
    /// Logs and traces.
    pub telemetry: host::telemetry::Config,
    /// More work than the process can do.
    pub overload: host::overload::Config,
    /// How the process stops.
    pub shutdown: Shutdown,
}

/// Where the record is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://user:password@host/database`, also read from DATABASE_URL. Default: none, which means SQLite files
    /// under `data_dir`.
    pub url: Option<Secret>,
    /// A file that holds `url`, instead of `url`. It is read again while the process runs, so that a password that was
    /// changed, or another login, counts for new connections within seconds.
    pub url_file: Option<PathBuf>,
    /// The same database as a user who may create schemas and roles, for `migrate`. Default: `url`.
    pub admin_url: Option<Secret>,
    /// Connections of each service in this process, at most. Default: 16.
    pub max_connections: u32,
    /// What stands between `url` and PostgreSQL: `none`, or `transaction` for a pooler that gives a connection for each
    /// transaction, such as PgBouncer with `pool_mode = transaction`. Default: none.
    pub pooler: store::Pooler,
}

/// Where limits are counted.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    /// `redis://…`, also read from REDIS_URL. Default: none, which means the memory of the usage-metering process; there
    /// may be only one of it then.
    pub url: Option<Secret>,
}

/// What seals secrets at rest. The first of `master`, `master_file` and `<dir>/master.key` that is there counts.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// Default: `<data_dir>/keys`.
    pub dir: Option<PathBuf>,
    /// A file with the master key: 64 hexadecimal digits, readable by its owner only.
    pub master_file: Option<PathBuf>,
    /// Files with further master keys, which open what they have sealed and seal nothing: the one before while the key is
    /// being replaced, or the one to come. Those beside the master key whose names go on with a number, such as
    /// `master.key.1`, need not be listed.
    pub previous_master_files: Vec<PathBuf>,
    /// The master key itself. A file is better: environments are easily seen.
    pub master: Option<Secret>,
}

/// The built-in provider that answers by itself, for first steps and tests.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Simulator {
    /// Default: only when everything runs in one process without PostgreSQL.
    pub enabled: Option<bool>,
}

/// How the process stops.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shutdown {
    /// How long running requests and streams may take to finish, in seconds. Default: 30.
    pub grace_seconds: u64,
    /// How long the process goes on accepting requests after its readiness probe has begun to fail, in seconds, so
    /// that load balancers notice first. Default: 0 with everything in one process on SQLite, otherwise 3.
    pub drain_seconds: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            database: Database::default(),
            redis: Redis::default(),
            keys: Keys::default(),
            peers: Peers::default(),
            grpc: host::grpc::Config::default(),
            ops: host::ops::Config::default(),
            simulator: Simulator::default(),
            edge: edge::Config::default(),
            identity: identity::Config::default(),
            mail: mail::Config::default(),
            workspace: workspace::Config::default(),
            gateway: gateway::Config::default(),
            usage: usage_metering::Config::default(),
            billing: billing::Config::default(),
            agent_engine: agent_engine::Config::default(),
            egress: egress::Config::default(),
            telemetry: host::telemetry::Config::default(),
            overload: host::overload::Config::default(),
            shutdown: Shutdown::default(),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: None, url_file: None, admin_url: None, max_connections: 16, pooler: store::Pooler::None }
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self { grace_seconds: 30, drain_seconds: None }
    }
}
