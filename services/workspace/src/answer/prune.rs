//! Removes answers that are not given again any more.

use crate::Workspace;
use store::{SystemTx, sql};

/// Errors: the database failed.
pub(crate) async fn prune(service: &Workspace) -> Result<(), store::Error> {
    let mut tx = SystemTx::begin(&service.db, "forget answers").await?;
    tx.execute(sql!("answer/prune"), &[service.clock.now().into()]).await?;
    tx.commit().await
}
