//! Waiting for something to become true, with a bound and without sleeping longer than needed.

use std::time::{Duration, Instant};

/// How long scenarios wait for something that should happen within a second: generous, because machines are busy.
const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(20);

/// Repeats `check` until it succeeds, at most 15 s; then gives the last error.
pub async fn eventually<T>(check: impl AsyncFnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    within(PATIENCE, check).await
}

/// Repeats `check` until it succeeds, at most `patience`; then gives the last error.
pub async fn within<T>(patience: Duration, mut check: impl AsyncFnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        match check().await {
            Ok(value) => return Ok(value),
            Err(e) if start.elapsed() > patience => return Err(e.context(format!("not within {patience:?}"))),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
