//! Webhooks of a workspace, newest first.

use super::row::WebhookRow;
use crate::{Workspace, error::Error};
use proto::{Page, id::WorkspaceId, workspace::ListWebhooksResponse};
use store::{WorkspaceTx, sql};
use uuid::Uuid;

/// One page of them.
pub(crate) async fn list(service: &Workspace, id: WorkspaceId, page: Page) -> Result<ListWebhooksResponse, Error> {
    let before = page.after.unwrap_or(Uuid::max());
    let values = [id.into(), before.into(), page.fetch().into()];
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let mut rows: Vec<WebhookRow> = tx.fetch_all(sql!("webhook/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.webhook_id.uuid());
    let now = service.clock.now();
    Ok(ListWebhooksResponse { webhooks: rows.iter().map(|row| row.to_proto(now)).collect(), next_page_token })
}
