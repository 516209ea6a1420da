//! Changes a webhook.

use super::{
    create::{may_be_called, shown},
    row::{self, WebhookRow},
    validate,
};
use crate::{
    Workspace,
    audit::{append, record::Record},
    error::Error,
    problems::Problems,
};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{UpdateWebhookRequest, UpdateWebhookResponse},
};
use serde_json::{Map, Value, json};
use store::{WorkspaceTx, sql};

/// Changes the fields that are given. Errors: `NOT_FOUND`, `REFUSED_VALUE`, `EGRESS_REFUSED`.
pub(crate) async fn update(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: UpdateWebhookRequest,
) -> Result<UpdateWebhookResponse, Error> {
    let (webhook, now) = (row::id(&request.webhook_id)?, service.clock.now());
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    append::hold(service, &mut tx).await?;
    let mut row = row::lock(&mut tx, webhook).await?;
    let facts = apply(service, &mut row, request)?;
    if !facts.is_empty() {
        (row.updated_at, row.failing_since) = (now, None);
        row.disabled_because.clear();
        let values = [
            id.into(),
            webhook.into(),
            row.url.as_str().into(),
            row.description.as_str().into(),
            row.event_types.as_str().into(),
            row.enabled.into(),
            now.into(),
        ];
        tx.execute(sql!("webhook/update"), &values).await?;
        let changed: Vec<&String> = facts.keys().collect();
        let mut payload = json!({ "changed": changed });
        if let Some(object) = payload.as_object_mut() {
            object.extend(facts);
        }
        let event = Record { kind: "webhook.updated", subject: webhook.to_string(), payload };
        event.emit(service, &mut tx, call, &call.actor()).await?;
    }
    tx.commit().await?;
    Ok(UpdateWebhookResponse { webhook: Some(row.to_proto(now)) })
}

/// Applies what is given, and says what it changed to what.
fn apply(
    service: &Workspace,
    row: &mut WebhookRow,
    request: UpdateWebhookRequest,
) -> Result<Map<String, Value>, Error> {
    let (mut problems, mut facts) = (Problems::default(), Map::new());
    let url = problems.check("url", request.url.as_deref().map_or(Ok(None), validate::url));
    let description =
        problems.check("description", request.description.as_deref().map(validate::description).transpose());
    let types = problems.check("event_types", request.event_types.map(|t| validate::event_types(t.names)).transpose());
    problems.finish()?;
    if let Some(url) = url.filter(|url| url.as_str() != row.url) {
        may_be_called(service, &url)?;
        facts.insert("url".to_owned(), shown(&url).into());
        row.url = url.into();
    }
    if let Some(description) = description.filter(|new| *new != row.description) {
        facts.insert("description".to_owned(), description.as_str().into());
        row.description = description;
    }
    if let Some(types) = types.filter(|new| *new != row::types(&row.event_types)) {
        row.event_types = json!(types).to_string();
        facts.insert("event_types".to_owned(), json!(types));
    }
    if let Some(enabled) = request.enabled.filter(|new| *new != row.enabled) {
        facts.insert("enabled".to_owned(), enabled.into());
        row.enabled = enabled;
    }
    Ok(facts)
}
