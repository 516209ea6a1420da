//! Replaces what is known of who pays.

use super::{Details, lock, validate::check};
use crate::{Billing, Error};
use proto::{billing::BillingDetails, id::WorkspaceId};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Errors: [`Error::Refused`].
pub(crate) async fn put(
    service: &Billing,
    workspace: WorkspaceId,
    details: BillingDetails,
) -> Result<BillingDetails, Error> {
    let details: Details = check(details)?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let values = [workspace.into(), json!(details).into(), service.clock.now().into()];
    tx.execute(sql!("customer/update"), &values).await?;
    tx.commit().await?;
    Ok(details.into())
}
