//! Removes a webhook, its secret, and what was sent to it.

use super::row;
use crate::{
    Workspace,
    audit::{append, record::Record},
    error::Error,
};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{DeleteWebhookRequest, DeleteWebhookResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Errors: `NOT_FOUND`.
pub(crate) async fn delete(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: DeleteWebhookRequest,
) -> Result<DeleteWebhookResponse, Error> {
    let webhook = row::id(&request.webhook_id)?;
    let values = [id.into(), webhook.into()];
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    // From here on nothing is added for it.
    append::hold(service, &mut tx).await?;
    if tx.execute(sql!("webhook/delete"), &values).await? == 0 {
        return Err(row::absent());
    }
    // In this order: who writes down an attempt right now is waited for, and then seen.
    tx.execute(sql!("delivery/delete_all"), &values).await?;
    tx.execute(sql!("delivery/delete_attempts"), &values).await?;
    let event = Record { kind: "webhook.deleted", subject: webhook.to_string(), payload: json!({}) };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    tx.commit().await?;
    Ok(DeleteWebhookResponse {})
}
