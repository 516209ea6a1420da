//! What can an operator set?

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// `usage` in the configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Embedded mode: whether an answer waits until the disk has the journal. `never`: it waits for the operating
    /// system only, which outlives a killed process but not a power cut. `batch`: for one fdatasync shared by all who
    /// wait.
    pub fsync: Fsync,
    /// Embedded mode: bytes that the journal may hold while the database is away. Beyond them nothing is admitted.
    pub journal_max_bytes: u64,
    /// How long Redis may take to answer, in milliseconds.
    pub redis_timeout_ms: u64,
    /// How long a caller waits for PostgreSQL to make its grant durable, in milliseconds.
    pub commit_timeout_ms: u64,
    /// Seconds without a heartbeat after which the open grants of a gateway process are swept.
    pub lease_seconds: u64,
    /// Refused requests that may wait for their log entry. Beyond them the oldest is dropped and counted.
    pub refusals_max: usize,
}

/// When the journal reaches the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fsync {
    /// When the operating system likes.
    #[default]
    Never,
    /// Before the answer, together with others.
    Batch,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            fsync: Fsync::Never,
            journal_max_bytes: 256 * 1024 * 1024,
            redis_timeout_ms: 50,
            commit_timeout_ms: 3_000,
            lease_seconds: 15,
            refusals_max: 10_000,
        }
    }
}

impl Config {
    pub(crate) const fn redis_timeout(&self) -> Duration {
        Duration::from_millis(self.redis_timeout_ms)
    }

    pub(crate) const fn commit_timeout(&self) -> Duration {
        Duration::from_millis(self.commit_timeout_ms)
    }
}
