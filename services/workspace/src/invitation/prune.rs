//! Forgets invitations long after their time.

use crate::{Workspace, error::Error};
use chrono::TimeDelta;
use store::{SystemTx, sql};

/// Whoever asks why somebody did not come still finds it for so long.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Errors: of the database.
pub(crate) async fn prune(service: &Workspace) -> Result<(), Error> {
    let mut tx = SystemTx::begin(&service.db, "forget invitations").await?;
    tx.execute(sql!("invitation/prune"), &[(service.clock.now() - KEPT).into()]).await?;
    tx.commit().await?;
    Ok(())
}
