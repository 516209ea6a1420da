//! Waiting for something to become true, with a bound and without sleeping longer than needed.

use std::time::{Duration, Instant};

/// How long scenarios wait for something that should happen within a second: generous, because machines are busy.
const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(20);

/// Repeats `check` until it succeeds, at most 15 s; then gives the last error.
pub async fn eventually<T>(check: impl AsyncFnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    within(PATIENCE, check).await
}

/// Tries up to three times what has to hold within a bound of time, and gives the last error. A busy machine may stall
/// one try; what is broken fails each of them.
pub async fn in_one_of_three<T>(mut check: impl AsyncFnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    for _ in 0..2 {
        if let Ok(value) = check().await {
            return Ok(value);
        }
    }
    check().await
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
