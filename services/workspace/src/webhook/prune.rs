//! Forgets what was sent long ago, and secrets that sign no more.

use crate::{Workspace, error::Error};
use chrono::TimeDelta;
use store::{SystemTx, sql};

/// Errors: of the database.
pub(crate) async fn prune(service: &Workspace) -> Result<(), Error> {
    let now = service.clock.now();
    let before = now - TimeDelta::days(i64::from(service.config.keep_deliveries_days));
    let mut tx = SystemTx::begin(&service.db, "forget deliveries of webhooks").await?;
    tx.execute(sql!("delivery/prune_attempts"), &[before.into()]).await?;
    tx.execute(sql!("delivery/prune"), &[before.into()]).await?;
    tx.execute(sql!("webhook/forget_secrets"), &[now.into()]).await?;
    tx.commit().await?;
    Ok(())
}
