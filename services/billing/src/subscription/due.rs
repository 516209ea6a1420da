//! Writes down what time made of subscriptions, so that others hear of it.

use super::{advance, current};
use crate::{Billing, Error};
use proto::id::WorkspaceId;
use store::{SystemTx, WorkspaceTx, sql};

/// All that is due, at most a hundred at a time. It may run in several processes at once. One that fails is tried again in
/// the next round, after the others. Errors: those that are due could not be found.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "find subscriptions that are due").await?;
    let due: Vec<(WorkspaceId,)> = tx.fetch_all(sql!("subscription/due"), &[service.clock.now().into()]).await?;
    tx.commit().await?;
    for (workspace,) in due {
        if let Err(error) = one(service, workspace).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, %workspace, "what time made of a subscription was not written down");
        }
    }
    Ok(())
}

async fn one(service: &Billing, workspace: WorkspaceId) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let subscription = current::lock(service, &mut tx).await?;
    // Where settings have changed since it was written, it may be due at another time.
    let due = subscription.and_then(|subscription| advance::due(&subscription, &service.terms()));
    tx.execute(sql!("subscription/reschedule"), &[workspace.into(), due.into()]).await?;
    Ok(tx.commit().await?)
}
