//! A workspace's account at a provider of payments.

use super::Payer;
use crate::{Billing, Error, customer::lock};
use proto::id::WorkspaceId;
use store::{WorkspaceTx, sql};

/// Whose account is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Ours: there is one account for each.
    pub workspace: WorkspaceId,
    /// The provider's name for the account that was made before.
    pub known: Option<String>,
    /// Who pays.
    pub payer: Payer,
    /// BCP 47.
    pub locale: String,
}

/// The provider's name for a workspace's account there, if it has one.
pub(crate) async fn account(tx: &mut WorkspaceTx, provider: &str) -> Result<Option<String>, Error> {
    let values = [tx.workspace().into(), provider.into()];
    let found: Option<(String,)> = tx.fetch_optional(sql!("provider/customer"), &values).await?;
    Ok(found.map(|(customer,)| customer))
}

/// Writes it down.
pub(super) async fn keep(
    service: &Billing,
    workspace: WorkspaceId,
    provider: &str,
    customer: &str,
) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let values = [workspace.into(), provider.into(), customer.into(), service.clock.now().into()];
    tx.execute(sql!("provider/keep_customer"), &values).await?;
    Ok(tx.commit().await?)
}
