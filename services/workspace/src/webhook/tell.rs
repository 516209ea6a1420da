//! Which webhooks hear of what happened? Decided and written down in the transaction that it is part of.

use super::{catalogue, row::types};
use crate::{Workspace, error::Error};
use chrono::{DateTime, SecondsFormat, Utc};
use proto::id::{DeliveryId, EventId, WebhookId, WorkspaceId};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Tx, sql};

/// Something that happened.
pub(crate) struct News<'a> {
    /// The same however often it is told.
    pub(crate) id: EventId,
    /// As the trail, or the service that reports it, calls it.
    pub(crate) action: &'a str,
    pub(crate) at: DateTime<Utc>,
    pub(crate) actor: &'a str,
    pub(crate) subject: &'a str,
    /// The text of a JSON object. Never a secret.
    pub(crate) details: &'a str,
}

/// What receivers get.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    id: String,
    workspace_id: String,
    /// What it happened to.
    subject: &'a str,
    /// Who did it.
    actor: &'a str,
    details: &'a RawValue,
}

/// Writes it down for every webhook of the workspace that wants it and is enabled; once, however often it is told. Errors: of the
/// database.
pub(crate) async fn tell(
    service: &Workspace,
    tx: &mut Tx,
    workspace: WorkspaceId,
    news: &News<'_>,
) -> Result<(), Error> {
    let Some(event) = catalogue::of(news.action) else { return Ok(()) };
    let all: Vec<(WebhookId, String)> = tx.fetch_all(sql!("webhook/wanted"), &[workspace.into()]).await?;
    let wanted = |json: &str| types(json).iter().any(|name| name == catalogue::ALL || name == event.name);
    let receivers: Vec<WebhookId> = all.into_iter().filter(|(_, json)| wanted(json)).map(|(id, _)| id).collect();
    if receivers.is_empty() {
        return Ok(());
    }
    let text = body(event.name, workspace, news);
    for webhook in receivers {
        deliver(service, tx, (workspace, webhook), (news.id, event.name), &text).await?;
    }
    Ok(())
}

/// Puts one event on its way to one webhook, unless it is there. Errors: of the database.
pub(super) async fn deliver(
    service: &Workspace,
    tx: &mut Tx,
    (workspace, webhook): (WorkspaceId, WebhookId),
    (event, kind): (EventId, &str),
    body: &str,
) -> Result<DeliveryId, Error> {
    let (id, now) = (DeliveryId::from_uuid(service.ids.uuid()), service.clock.now());
    let values = [id.into(), workspace.into(), webhook.into(), event.into(), kind.into(), body.into(), now.into()];
    if tx.execute(sql!("delivery/insert"), &values).await? > 0 {
        tx.execute(sql!("webhook/wake"), &[workspace.into(), webhook.into(), now.into()]).await?;
    }
    Ok(id)
}

/// The text that is signed and sent.
pub(super) fn body(kind: &str, workspace: WorkspaceId, news: &News<'_>) -> String {
    let details = serde_json::from_str::<&RawValue>(news.details).unwrap_or(RawValue::NULL);
    let body = Body {
        r#type: kind,
        timestamp: news.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        data: Data {
            id: news.id.to_string(),
            workspace_id: workspace.to_string(),
            subject: news.subject,
            actor: news.actor,
            details,
        },
    };
    serde_json::to_string(&body).expect("texts and JSON are JSON")
}
