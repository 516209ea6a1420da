//! Is there a connection to Redis?

use crate::Error;
use ::redis::{
    Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use host::metrics;
use std::time::Duration;
use tokio::time::Instant;

/// After so long without an answer the connection is taken for dead, even if TCP has not noticed.
const DEAD: Duration = Duration::from_secs(2);

pub(super) struct Link {
    manager: ConnectionManager,
    failing_since: Option<Instant>,
}

impl Link {
    /// Errors: [`Error::RedisUrl`].
    pub fn new(client: &Client, timeout: Duration) -> Result<Self, Error> {
        Ok(Self { manager: connect(client, timeout)?, failing_since: None })
    }

    pub fn manager(&self) -> ConnectionManager {
        self.manager.clone()
    }

    pub const fn is_failing(&self) -> bool {
        self.failing_since.is_some()
    }

    pub fn works(&mut self) {
        if self.failing_since.take().is_some() {
            tracing::info!("redis is back: limits are counted again");
        }
    }

    /// Errors: [`Error::RedisUrl`].
    pub fn fails(&mut self, cause: &str, client: &Client, timeout: Duration) -> Result<(), Error> {
        metrics::counter("perpetuo_usage_redis_failures_total", "Calls of Redis that failed or took too long.").inc();
        match self.failing_since {
            None => {
                tracing::warn!(cause, "redis is away: requests with hard limits are refused until it is back");
                self.failing_since = Some(Instant::now());
            }
            Some(since) if since.elapsed() > DEAD => {
                self.manager = connect(client, timeout)?;
                self.failing_since = Some(Instant::now());
            }
            Some(_) => {}
        }
        Ok(())
    }
}

fn connect(client: &Client, timeout: Duration) -> Result<ConnectionManager, Error> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(DEAD))
        .set_response_timeout(Some(timeout))
        .set_max_delay(Duration::from_millis(500));
    ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(|_| Error::RedisUrl)
}
