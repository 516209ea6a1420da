//! A Redis that helps and is not needed: whoever asks goes on without an answer while it is away.

use crate::{config::Secret, telemetry};
use ::redis::{
    Client, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::OnceCell,
    time::{Instant, timeout},
};
use tracing::{Instrument as _, Span};

/// For so long after a failure it is not asked again: of many who ask at once nobody waits for it in turn.
const PAUSE: Duration = Duration::from_secs(1);

/// The span of a command, or of a script by its name: never what it is about. Only where traces are made.
pub fn span(command: &'static str) -> Span {
    if !telemetry::exporting() {
        return Span::none();
    }
    let operation = command.split(' ').next().unwrap_or(command);
    tracing::trace_span!(
        target: "otel",
        "redis",
        otel.name = command,
        otel.kind = "client",
        db.system.name = "redis",
        db.operation.name = operation,
        db.query.summary = command,
    )
}

/// Cheap to ask, also while it is away.
pub struct Redis {
    client: Client,
    connection: OnceCell<ConnectionManager>,
    patience: Duration,
    without: &'static str,
    /// When it failed last; None: it answers.
    failed: Mutex<Option<Instant>>,
}

impl Redis {
    /// Connects when it is asked first. `patience` is how long one answer may take, and `without` what happens in its
    /// place, for the log. Errors: the address is none; the error may show its password.
    pub fn new(url: &Secret, patience: Duration, without: &'static str) -> RedisResult<Self> {
        let client = Client::open(url.expose())?;
        Ok(Self { client, connection: OnceCell::new(), patience, without, failed: Mutex::default() })
    }

    /// What it answers to a `command`, which traces name. None: it does not, or is taken not to because it just did not.
    pub async fn ask<T, F>(&self, command: &'static str, work: impl FnOnce(ConnectionManager) -> F) -> Option<T>
    where
        F: Future<Output = Result<T, RedisError>>,
    {
        if self.failed().is_some_and(|at| at.elapsed() < PAUSE) {
            return None;
        }
        let answer =
            timeout(self.patience, async { work(self.connect().await?).await }).instrument(span(command)).await;
        let cause = match answer {
            Ok(Ok(answer)) => {
                if self.failed().take().is_some() {
                    tracing::info!("redis is back");
                }
                return Some(answer);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        if self.failed().replace(Instant::now()).is_none() {
            tracing::warn!(cause, "redis is away: {}", self.without);
        }
        None
    }

    /// For work that may take its time. Errors: it is away.
    pub async fn connect(&self) -> RedisResult<ConnectionManager> {
        let config = ConnectionManagerConfig::new().set_number_of_retries(1);
        let connect = || ConnectionManager::new_with_config(self.client.clone(), config);
        self.connection.get_or_try_init(connect).await.cloned()
    }

    /// Whether it answers now. For probes: nothing is told in the log.
    pub async fn answers(&self) -> bool {
        let ping = async { ::redis::cmd("PING").query_async::<()>(&mut self.connect().await?).await };
        matches!(timeout(self.patience, ping).await, Ok(Ok(())))
    }

    fn failed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
