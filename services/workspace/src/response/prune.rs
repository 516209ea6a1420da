//! Removes responses whose days are over, and the oldest of those that are too many.

use crate::Workspace;
use proto::id::WorkspaceId;
use store::{SystemTx, WorkspaceTx, sql};

/// Errors: the database failed.
pub(crate) async fn prune(service: &Workspace) -> Result<(), store::Error> {
    let mut tx = SystemTx::begin(&service.db, "forget responses").await?;
    tx.execute(sql!("response/prune"), &[service.clock.now().into()]).await?;
    let (most, bytes) = (service.config.max_responses, service.config.max_responses_bytes);
    let values = [i64::try_from(most).unwrap_or(i64::MAX).into(), i64::try_from(bytes).unwrap_or(i64::MAX).into()];
    tx.execute(sql!("response/trim"), &values).await?;
    tx.commit().await
}

/// From now on the workspace of `tx` keeps responses for so many days at most, and those that it has are no exception.
pub(crate) async fn shorten(tx: &mut WorkspaceTx, id: WorkspaceId, days: i32) -> Result<(), store::Error> {
    tx.execute(sql!(pair "response/shorten"), &[id.into(), i64::from(days).into()]).await?;
    Ok(())
}
