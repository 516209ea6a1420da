//! The kit on both databases; on PostgreSQL when `PERPETUO_TEST_DATABASE_URL` names a server.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests have no clock, and fail by a panic")]

mod away;
mod copy;
mod erase;
mod feed;
mod many;
mod migrations;
mod replay;
mod rotation;
mod snapshot;
mod things;
mod transactions;
mod trouble;
mod values;

/// Waits until `check` answers yes; at most ten seconds.
async fn eventually<F: Future<Output = bool>>(mut check: impl FnMut() -> F) -> bool {
    for _ in 0..200 {
        if check().await {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    false
}
