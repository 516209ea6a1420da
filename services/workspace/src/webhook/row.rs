//! `webhooks` and `webhook_deliveries`, as their owners see them.

use crate::error::Error;
use chrono::{DateTime, Utc};
use proto::{
    id::{DeliveryId, EventId, WebhookId},
    time,
    workspace::{Webhook, WebhookAttempt, WebhookDelivery},
};
use store::{WorkspaceTx, sql};

store::row! {
    /// One webhook, without its secrets.
    pub(super) struct WebhookRow {
        pub(super) webhook_id: WebhookId,
        pub(super) url: String,
        pub(super) description: String,
        /// A JSON array.
        pub(super) event_types: String,
        pub(super) enabled: bool,
        pub(super) disabled_because: String,
        pub(super) failing_since: Option<DateTime<Utc>>,
        pub(super) before_until: Option<DateTime<Utc>>,
        pub(super) created_at: DateTime<Utc>,
        pub(super) updated_at: DateTime<Utc>,
    }
}

store::row! {
    /// One delivery, without its attempts.
    pub(super) struct DeliveryRow {
        pub(super) delivery_id: DeliveryId,
        webhook_id: WebhookId,
        event_id: EventId,
        event_type: String,
        body: String,
        status: String,
        next_at: Option<DateTime<Utc>>,
        created_at: DateTime<Utc>,
    }
}

store::row! {
    struct AttemptRow {
        delivery_id: DeliveryId,
        at: DateTime<Utc>,
        status_code: Option<i64>,
        error: String,
        duration_ms: i64,
        answer: String,
    }
}

impl WebhookRow {
    pub(super) fn to_proto(&self, now: DateTime<Utc>) -> Webhook {
        Webhook {
            id: self.webhook_id.to_string(),
            url: self.url.clone(),
            description: self.description.clone(),
            event_types: types(&self.event_types),
            enabled: self.enabled,
            disabled_because: self.disabled_because.clone(),
            failing_since: self.failing_since.map(time::to_proto),
            previous_secret_until: self.before_until.filter(|until| *until > now).map(time::to_proto),
            created_at: Some(time::to_proto(self.created_at)),
            updated_at: Some(time::to_proto(self.updated_at)),
        }
    }
}

impl DeliveryRow {
    fn to_proto(&self, attempts: &[AttemptRow]) -> WebhookDelivery {
        let own = attempts.iter().filter(|attempt| attempt.delivery_id == self.delivery_id);
        WebhookDelivery {
            id: self.delivery_id.to_string(),
            webhook_id: self.webhook_id.to_string(),
            event_id: self.event_id.to_string(),
            event_type: self.event_type.clone(),
            status: self.status.clone(),
            next_attempt_at: self.next_at.map(time::to_proto),
            created_at: Some(time::to_proto(self.created_at)),
            body: self.body.clone(),
            attempts: own.map(AttemptRow::to_proto).collect(),
        }
    }
}

impl AttemptRow {
    fn to_proto(&self) -> WebhookAttempt {
        WebhookAttempt {
            at: Some(time::to_proto(self.at)),
            status_code: self.status_code.and_then(|code| i32::try_from(code).ok()),
            error: self.error.clone(),
            duration_ms: self.duration_ms,
            answer: self.answer.clone(),
        }
    }
}

/// The types in the database. Written by us as such an array; one that nobody can read gets nothing.
pub(super) fn types(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

/// The id in a path. Errors: `NOT_FOUND`, also for what is no id: a path leads somewhere or nowhere.
pub(super) fn id(text: &str) -> Result<WebhookId, Error> {
    text.parse().map_err(|_| absent())
}

pub(super) fn absent() -> Error {
    Error::NotFound("webhook")
}

/// A webhook of the transaction's workspace. Errors: `NOT_FOUND`.
pub(super) async fn find(tx: &mut WorkspaceTx, id: WebhookId) -> Result<WebhookRow, Error> {
    let values = [tx.workspace().into(), id.into()];
    tx.fetch_optional(sql!("webhook/get"), &values).await?.ok_or_else(absent)
}

/// The same, which nobody else changes until the transaction ends. Errors: `NOT_FOUND`.
pub(super) async fn lock(tx: &mut WorkspaceTx, id: WebhookId) -> Result<WebhookRow, Error> {
    let values = [tx.workspace().into(), id.into()];
    tx.fetch_optional(sql!("webhook/lock"), &values).await?.ok_or_else(absent)
}

/// Deliveries of one webhook, newest first, with their attempts. `status`: of which alone these are all, where there is one.
pub(super) async fn with_attempts(
    tx: &mut WorkspaceTx,
    webhook: WebhookId,
    rows: &[DeliveryRow],
    status: Option<&str>,
) -> Result<Vec<WebhookDelivery>, Error> {
    let (Some(newest), Some(oldest)) = (rows.first(), rows.last()) else { return Ok(vec![]) };
    let values = [
        tx.workspace().into(),
        webhook.into(),
        oldest.delivery_id.into(),
        newest.delivery_id.into(),
        status.map(str::to_owned).into(),
    ];
    let attempts: Vec<AttemptRow> = tx.fetch_all(sql!("delivery/attempts"), &values).await?;
    Ok(rows.iter().map(|row| row.to_proto(&attempts)).collect())
}
