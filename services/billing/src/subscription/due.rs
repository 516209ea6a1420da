//! Writes down what time made of subscriptions, so that others hear of it.

use super::{advance, current};
use crate::{Billing, Error};
use chrono::{DateTime, Utc};
use proto::id::WorkspaceId;
use store::{SystemTx, WorkspaceTx, sql};
use uuid::Uuid;

/// All that is due, page by page. It may run in several processes at once. One that fails is tried again in the next round, and is in
/// nobody's way. Errors: those that are due could not be found.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    let now = service.clock.now();
    let mut after = (DateTime::UNIX_EPOCH, WorkspaceId::from_uuid(Uuid::nil()));
    loop {
        let mut tx = SystemTx::read(&service.db, "find subscriptions that are due").await?;
        let values = [now.into(), after.0.into(), after.1.into()];
        let due: Vec<(WorkspaceId, DateTime<Utc>)> = tx.fetch_all(sql!("subscription/due"), &values).await?;
        tx.commit().await?;
        let Some((workspace, at)) = due.last() else { return Ok(()) };
        after = (*at, *workspace);
        for (workspace, _) in due {
            if let Err(error) = one(service, workspace).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, %workspace, "what time made of a subscription was not written down");
            }
        }
    }
}

async fn one(service: &Billing, workspace: WorkspaceId) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let subscription = current::lock(service, &mut tx).await?;
    // Where settings have changed since it was written, it may be due at another time.
    let due = subscription.and_then(|subscription| advance::due(&subscription, &service.terms()));
    tx.execute(sql!("subscription/reschedule"), &[workspace.into(), due.into()]).await?;
    Ok(tx.commit().await?)
}
