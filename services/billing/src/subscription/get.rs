//! The subscription of a workspace.

use super::{current, show};
use crate::{
    Billing, Error,
    peers::{self, Workspace},
};
use proto::{billing::Subscription, id::WorkspaceId};
use store::WorkspaceTx;

/// Errors: [`Error::NoWorkspace`].
pub(crate) async fn get(service: &Billing, workspace: WorkspaceId) -> Result<Subscription, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    if let Some(subscription) = current::read(service, &mut tx, workspace).await? {
        return show::show(service, &mut tx, Some(&subscription), None).await;
    }
    drop(tx);
    // Nobody waits for another service while holding a connection.
    let found = peers::workspace(service, workspace).await?;
    known(service, workspace, &found).await
}

/// The same for who has asked already what the workspace is.
pub(super) async fn known(service: &Billing, workspace: WorkspaceId, found: &Workspace) -> Result<Subscription, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let subscription = current::read(service, &mut tx, workspace).await?;
    show::show(service, &mut tx, subscription.as_ref(), Some(found)).await
}
