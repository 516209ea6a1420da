//! What was and will be sent to a webhook, newest first.

use super::row::{self, DeliveryRow};
use crate::{Workspace, error::Error, problems::Problems};
use proto::{
    Page,
    id::WorkspaceId,
    workspace::{ListWebhookDeliveriesRequest, ListWebhookDeliveriesResponse},
};
use store::{WorkspaceTx, sql};
use uuid::Uuid;

const STATUSES: [&str; 3] = ["pending", "delivered", "failed"];

/// One page of them. Errors: `NOT_FOUND`, `REFUSED_VALUE`.
pub(crate) async fn list(
    service: &Workspace,
    id: WorkspaceId,
    page: Page,
    request: ListWebhookDeliveriesRequest,
) -> Result<ListWebhookDeliveriesResponse, Error> {
    let webhook = row::id(&request.webhook_id)?;
    let status = Some(request.status).filter(|status| !status.is_empty());
    if status.as_ref().is_some_and(|status| !STATUSES.contains(&status.as_str())) {
        let mut problems = Problems::default();
        problems.refused("status", "must be pending, delivered or failed");
        problems.finish()?;
    }
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    row::find(&mut tx, webhook).await?;
    let before = page.after.unwrap_or(Uuid::max());
    let values = [id.into(), webhook.into(), before.into(), status.clone().into(), page.fetch().into()];
    let mut rows: Vec<DeliveryRow> = tx.fetch_all(sql!("delivery/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.delivery_id.uuid());
    let deliveries = row::with_attempts(&mut tx, webhook, &rows, status.as_deref()).await?;
    Ok(ListWebhookDeliveriesResponse { deliveries, next_page_token })
}
