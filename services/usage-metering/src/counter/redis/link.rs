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
    /// When it began to fail, or was connected anew since.
    renewed: Instant,
}

impl Link {
    /// Errors: [`Error::RedisUrl`].
    pub fn new(client: &Client, timeout: Duration) -> Result<Self, Error> {
        Ok(Self { manager: connect(client, timeout)?, failing_since: None, renewed: Instant::now() })
    }

    pub fn manager(&self) -> ConnectionManager {
        self.manager.clone()
    }

    /// Whether nothing was answered for so long.
    pub fn is_failing_for(&self, time: Duration) -> bool {
        self.failing_since.is_some_and(|since| since.elapsed() >= time)
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
                tracing::warn!(
                    cause,
                    "redis is away: requests with hard limits are admitted from what is held until it is back"
                );
                (self.failing_since, self.renewed) = (Some(Instant::now()), Instant::now());
            }
            Some(_) if self.renewed.elapsed() > DEAD => {
                self.manager = connect(client, timeout)?;
                self.renewed = Instant::now();
            }
            Some(_) => {}
        }
        Ok(())
    }
}

fn connect(client: &Client, timeout: Duration) -> Result<ConnectionManager, Error> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(DEAD))
        .set_response_timeout(Some(timeout * super::PATIENT))
        .set_max_delay(Duration::from_millis(500));
    ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(|_| Error::RedisUrl)
}
