//! Makes changes of one workspace's money and subscription happen one after the other.

use crate::{Billing, Error};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Until the transaction ends, nobody else changes what this workspace owes, has, or is on. Called before anything else that
/// is read in order to be changed.
pub(crate) async fn lock(service: &Billing, tx: &mut WorkspaceTx) -> Result<(), Error> {
    let workspace = tx.workspace();
    if tx.execute(sql!("customer/lock"), &[workspace.into()]).await? == 0 {
        // Of two that insert it, the second waits here for the first, and then has its row.
        let values = [workspace.into(), json!({}).into(), service.clock.now().into()];
        tx.execute(sql!("customer/insert"), &values).await?;
        tx.execute(sql!("customer/lock"), &[workspace.into()]).await?;
    }
    Ok(())
}
