//! Removes sessions that nobody can use any more.

use super::idle;
use crate::{Error, Parts};
use chrono::TimeDelta;
use store::GlobalTx;

/// For so long after its last possible use a session still says why a token of it is refused.
const MEMORY: TimeDelta = TimeDelta::days(30);

/// Deletes sessions whose refresh token has been dead for a month.
pub(crate) async fn prune(parts: &Parts) -> Result<(), Error> {
    let before = parts.clock.now() - idle(parts) - MEMORY;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let deleted = tx.execute(store::sql!("session/prune"), &[before.into()]).await?;
    tx.commit().await?;
    if deleted > 0 {
        tracing::info!(deleted, "removed dead sessions");
    }
    Ok(())
}
