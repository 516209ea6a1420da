//! What an operator can set.

use serde::{Deserialize, Serialize};
use std::{path::PathBuf, time::Duration};

/// Settings of the gateway: section `gateway` of the configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How long a connection to a provider may take to open, in milliseconds.
    pub connect_ms: u64,
    /// How long a provider may take to begin its answer, in milliseconds.
    pub first_byte_ms: u64,
    /// How long a stream may take from the call until its first content, in milliseconds.
    pub first_content_ms: u64,
    /// How long a provider may pause within its answer, in milliseconds.
    pub idle_ms: u64,
    /// How long a request may take as a whole, with retries, other providers and the answer, in milliseconds.
    pub total_ms: u64,
    /// After how much silence a stream gets a comment that keeps proxies from closing it, in milliseconds.
    pub heartbeat_ms: u64,
    /// The largest answer that is read as a whole, in bytes.
    pub max_answer_bytes: usize,
    /// Output tokens reserved for a request that does not say how many it wants.
    pub default_max_tokens: i64,
    /// How many providers are tried for one request at most.
    pub max_attempts: u32,
    /// After how many failures in a row a provider and model are left alone for a while, where others can answer. 0: never.
    pub breaker_failures: u32,
    /// For how long they are, at first, in milliseconds.
    pub breaker_open_ms: u64,
    /// Bytes of answers that are kept to be given again, of all workspaces together, where there is no Redis.
    pub answer_cache_bytes: u64,
    /// How many copies of requests for another model are under way at once; beyond them there are none.
    pub shadows_at_once: usize,
    /// How many workspaces, and how many API keys, are remembered at once.
    pub cache_entries: u64,
    /// How long a provider's own list of models is believed, in seconds.
    pub models_cache_seconds: u64,
    /// How long a provider may take to list its models, in milliseconds.
    pub models_timeout_ms: u64,
    /// Where settlements are kept until the ledger has them, for processes that do not keep the ledger themselves.
    pub spool_dir: Option<PathBuf>,
    /// How many bytes of them are kept at most. Beyond them they are kept in memory only.
    pub spool_max_bytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect_ms: 5_000,
            first_byte_ms: 60_000,
            first_content_ms: 600_000,
            idle_ms: 60_000,
            total_ms: 600_000,
            heartbeat_ms: 15_000,
            max_answer_bytes: 32 * 1024 * 1024,
            default_max_tokens: 1_024,
            max_attempts: 8,
            breaker_failures: 5,
            breaker_open_ms: 30_000,
            answer_cache_bytes: 64 * 1024 * 1024,
            shadows_at_once: 32,
            cache_entries: 10_000,
            models_cache_seconds: 60,
            models_timeout_ms: 3_000,
            spool_dir: None,
            spool_max_bytes: 64 * 1024 * 1024,
        }
    }
}

/// The deadlines of one attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timers {
    pub connect: Duration,
    pub first_byte: Duration,
    pub first_content: Duration,
    pub idle: Duration,
    pub total: Duration,
    pub heartbeat: Duration,
}

impl Config {
    pub(crate) const fn timers(&self) -> Timers {
        Timers {
            connect: Duration::from_millis(self.connect_ms),
            first_byte: Duration::from_millis(self.first_byte_ms),
            first_content: Duration::from_millis(self.first_content_ms),
            idle: Duration::from_millis(self.idle_ms),
            total: Duration::from_millis(self.total_ms),
            heartbeat: Duration::from_millis(self.heartbeat_ms),
        }
    }

    /// The deadlines of a call that only asks for metadata.
    pub(crate) fn metadata_timers(&self) -> Timers {
        let limit = Duration::from_millis(self.models_timeout_ms);
        let own = self.timers();
        Timers {
            connect: own.connect.min(limit),
            first_byte: own.first_byte.min(limit),
            idle: own.idle.min(limit),
            total: own.total.min(limit),
            ..own
        }
    }
}
