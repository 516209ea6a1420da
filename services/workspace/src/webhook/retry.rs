//! Sends an event again, because somebody asks for it.

use super::row::{self, DeliveryRow};
use crate::{Workspace, error::Error};
use proto::{
    id::{DeliveryId, WorkspaceId},
    workspace::{RetryWebhookDeliveryRequest, RetryWebhookDeliveryResponse},
};
use store::{WorkspaceTx, sql};

/// It is due now. One that has had all its attempts gets one more; any other goes on as it would have. Errors: `NOT_FOUND`,
/// `CONFLICT` where the webhook is disabled.
pub(crate) async fn retry(
    service: &Workspace,
    id: WorkspaceId,
    request: RetryWebhookDeliveryRequest,
) -> Result<RetryWebhookDeliveryResponse, Error> {
    let (webhook, now) = (row::id(&request.webhook_id)?, service.clock.now());
    let absent = || Error::NotFound("delivery");
    let delivery: DeliveryId = request.delivery_id.parse().map_err(|_| absent())?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    if !row::lock(&mut tx, webhook).await?.enabled {
        return Err(Error::WebhookDisabled);
    }
    let values = [id.into(), webhook.into(), delivery.into(), now.into()];
    let found: Option<DeliveryRow> = tx.fetch_optional(sql!("delivery/retry"), &values).await?;
    let found = found.ok_or_else(absent)?;
    tx.execute(sql!("webhook/wake"), &[id.into(), webhook.into(), now.into()]).await?;
    let delivery = row::with_attempts(&mut tx, webhook, &[found], None).await?.pop();
    tx.commit().await?;
    Ok(RetryWebhookDeliveryResponse { delivery })
}
