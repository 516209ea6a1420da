//! Sends an event to try a webhook.

use super::{
    catalogue, row,
    row::DeliveryRow,
    tell::{self, News},
};
use crate::{Workspace, error::Error};
use proto::{
    Call,
    id::{EventId, WorkspaceId},
    workspace::{TestWebhookRequest, TestWebhookResponse},
};
use store::{WorkspaceTx, sql};

/// Errors: `NOT_FOUND`, `CONFLICT` where it is disabled.
pub(crate) async fn test(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: TestWebhookRequest,
) -> Result<TestWebhookResponse, Error> {
    let webhook = row::id(&request.webhook_id)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    if !row::lock(&mut tx, webhook).await?.enabled {
        return Err(Error::WebhookDisabled);
    }
    let event = EventId::from_uuid(service.ids.uuid());
    let (subject, actor) = (webhook.to_string(), call.actor());
    let news = News {
        id: event,
        action: catalogue::TEST,
        at: service.clock.now(),
        actor: &actor,
        subject: &subject,
        details: "{}",
    };
    let body = tell::body(catalogue::TEST, id, &news);
    let delivery = tell::deliver(service, &mut tx, (id, webhook), (event, catalogue::TEST), &body).await?;
    let values = [id.into(), webhook.into(), delivery.into()];
    let made: DeliveryRow = tx.fetch_one(sql!("delivery/get"), &values).await?;
    let delivery = row::with_attempts(&mut tx, webhook, &[made], None).await?.pop();
    tx.commit().await?;
    Ok(TestWebhookResponse { delivery })
}
