//! Which webhooks hear of what happened? Decided and written down in the transaction that it is part of.

use super::{catalogue, row::types};
use crate::{Workspace, audit::append, error::Error};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use proto::id::{DeliveryId, EventId, WebhookId, WorkspaceId};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Sql, Tx, Value, sql};

/// How long ago something may have happened of which webhooks are told belatedly: much longer than a feed is behind, and much shorter
/// than deliveries are kept.
const BELATED: TimeDelta = TimeDelta::hours(1);

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
    let receivers = wanting(tx, sql!("webhook/wanted"), &[workspace.into()], news).await?;
    if !receivers.is_empty() {
        // Its webhooks are locked one after the other: who does so and writes an entry as well waits here, and not for one of them.
        append::hold_of(service, tx, workspace).await?;
    }
    deliver_all(service, tx, workspace, &receivers, news).await
}

/// The same for who has just written an entry of the trail, and so holds the end of its chain. Errors: of the database.
pub(crate) async fn beside_the_trail(
    service: &Workspace,
    tx: &mut Tx,
    workspace: WorkspaceId,
    news: &News<'_>,
) -> Result<(), Error> {
    let receivers = wanting(tx, sql!("webhook/wanted"), &[workspace.into()], news).await?;
    deliver_all(service, tx, workspace, &receivers, news).await
}

/// A feed tells what is in the trail already: mostly by us, with its deliveries, or else by a process of the release before webhooks,
/// without them. Those that were as they are when it happened hear of it now. Errors: of the database.
pub(crate) async fn missed(
    service: &Workspace,
    tx: &mut Tx,
    workspace: WorkspaceId,
    news: &News<'_>,
) -> Result<(), Error> {
    if news.at < service.clock.now() - BELATED {
        return Ok(());
    }
    let values = [workspace.into(), news.id.into(), news.at.into()];
    let receivers = wanting(tx, sql!("webhook/missed"), &values, news).await?;
    if !receivers.is_empty() {
        append::hold_of(service, tx, workspace).await?;
    }
    deliver_all(service, tx, workspace, &receivers, news).await
}

/// Those among the webhooks that `sql` finds which want it, in the order in which everybody locks them.
async fn wanting(tx: &mut Tx, sql: Sql, values: &[Value], news: &News<'_>) -> Result<Vec<WebhookId>, Error> {
    let Some(event) = catalogue::of(news.action) else { return Ok(vec![]) };
    let found: Vec<(WebhookId, String)> = tx.fetch_all(sql, values).await?;
    let wanted = |json: &str| types(json).iter().any(|name| name == catalogue::ALL || name == event.name);
    Ok(found.into_iter().filter(|(_, json)| wanted(json)).map(|(id, _)| id).collect())
}

async fn deliver_all(
    service: &Workspace,
    tx: &mut Tx,
    workspace: WorkspaceId,
    receivers: &[WebhookId],
    news: &News<'_>,
) -> Result<(), Error> {
    let Some(event) = catalogue::of(news.action).filter(|_| !receivers.is_empty()) else { return Ok(()) };
    let text = body(event.name, workspace, news);
    for webhook in receivers {
        deliver(service, tx, (workspace, *webhook), (news.id, event.name), &text).await?;
    }
    Ok(())
}

/// Puts one event on its way to one webhook, unless it is there or the webhook is not. Errors: of the database.
pub(super) async fn deliver(
    service: &Workspace,
    tx: &mut Tx,
    (workspace, webhook): (WorkspaceId, WebhookId),
    (event, kind): (EventId, &str),
    body: &str,
) -> Result<DeliveryId, Error> {
    let (id, now) = (DeliveryId::from_uuid(service.ids.uuid()), service.clock.now());
    // First: a webhook is locked before its deliveries, and nothing is left for one that was removed meanwhile.
    if tx.execute(sql!("webhook/wake"), &[workspace.into(), webhook.into(), now.into()]).await? > 0 {
        let values = [id.into(), workspace.into(), webhook.into(), event.into(), kind.into(), body.into(), now.into()];
        tx.execute(sql!("delivery/insert"), &values).await?;
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
