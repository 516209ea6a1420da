//! Forgets what was sent long ago, secrets that sign no more, and the oldest of what waits where that is too much.

use crate::{Workspace, error::Error};
use chrono::TimeDelta;
use proto::id::{DeliveryId, WebhookId, WorkspaceId};
use store::{SystemTx, WorkspaceTx, sql};

/// How many deliveries go in one transaction: others want to write as well.
const BATCH: i64 = 500;

/// What was sent long ago, and secrets. Errors: of the database.
pub(crate) async fn prune(service: &Workspace) -> Result<(), Error> {
    let now = service.clock.now();
    let before = now - TimeDelta::days(i64::from(service.config.keep_deliveries_days));
    loop {
        let mut tx = SystemTx::begin(&service.db, "forget deliveries of webhooks").await?;
        // In this order: who writes down an attempt right now is waited for, and then seen.
        let gone: Vec<(DeliveryId,)> = tx.fetch_all(sql!("delivery/prune"), &[before.into(), BATCH.into()]).await?;
        for (delivery,) in &gone {
            tx.execute(sql!("delivery/prune_attempts"), &[(*delivery).into()]).await?;
        }
        tx.commit().await?;
        if gone.is_empty() {
            break;
        }
    }
    let mut tx = SystemTx::begin(&service.db, "forget deliveries of webhooks").await?;
    tx.execute(sql!("webhook/forget_secrets"), &[now.into()]).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives up the oldest of what waits for webhooks for which more waits than may. Errors: of the database.
pub(crate) async fn give_up(service: &Workspace) -> Result<(), Error> {
    let most = i64::from(service.config.max_waiting_deliveries);
    let mut tx = SystemTx::read(&service.db, "find webhooks for which too much waits").await?;
    let crowded: Vec<(WorkspaceId, WebhookId)> = tx.fetch_all(sql!("delivery/crowded"), &[most.into()]).await?;
    tx.commit().await?;
    for (workspace, webhook) in crowded {
        // A tenth more than has to: so it is said once in a while, and not for each that comes.
        let given_up = oldest(service, workspace, webhook, most - most / 10).await?;
        if given_up > 0 {
            tracing::warn!(
                %workspace,
                %webhook,
                given_up,
                most,
                "too many events wait for a webhook: the oldest have failed, and its owners may send them again"
            );
        }
    }
    Ok(())
}

/// How many beyond the newest that stay.
async fn oldest(service: &Workspace, workspace: WorkspaceId, webhook: WebhookId, stay: i64) -> Result<u64, Error> {
    let mut all = 0;
    loop {
        let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
        tx.execute(sql!("webhook/lock"), &[workspace.into(), webhook.into()]).await?;
        let values = [workspace.into(), webhook.into(), stay.into(), BATCH.into()];
        let given_up = tx.execute(sql!("delivery/give_up"), &values).await?;
        tx.commit().await?;
        all += given_up;
        if given_up == 0 {
            return Ok(all);
        }
    }
}
