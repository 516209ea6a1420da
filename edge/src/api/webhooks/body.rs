//! What webhooks and their deliveries look like, and how they come from and become the contract's.

use crate::{
    api::{page::some, time},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use proto::{
    id::WebhookId,
    workspace::{CreateWebhookRequest, EventTypes, UpdateWebhookRequest, Webhook, WebhookAttempt, WebhookDelivery},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// An address to which what happens is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookBody {
    /// `hook_…`
    id: String,
    url: String,
    description: String,
    /// Types of events, or `*` alone for all.
    event_types: Vec<String>,
    enabled: bool,
    /// `gone` (it answered 410) or `failing` (nothing arrived for days). Null where it is enabled, or its owners disabled it.
    disabled_because: Option<String>,
    /// Since when nothing has arrived; null if the last attempt succeeded.
    failing_since: Option<DateTime<Utc>>,
    /// Until when events are signed with the secret from before its last rotation as well.
    previous_secret_expires_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A webhook, and its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedWebhook {
    #[serde(flatten)]
    webhook: WebhookBody,
    /// `whsec_…`, shown this once. Libraries for Standard Webhooks take it as it is.
    secret: String,
}

/// Where to send what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://example.com/hooks", "event_types": ["member.added", "invoice.paid"]}))]
pub(crate) struct NewWebhook {
    /// Begins with `https://`, or stays on the machine or in its network.
    url: String,
    description: Option<String>,
    /// Types of events; a wrong one is answered with all there are. Default: `["*"]`, all.
    event_types: Option<Vec<String>>,
}

/// What to change. Fields that are left out, or null, stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"event_types": ["*"], "enabled": true}))]
pub(crate) struct WebhookChange {
    url: Option<String>,
    description: Option<String>,
    /// Replaces the list.
    event_types: Option<Vec<String>>,
    enabled: Option<bool>,
}

/// How the secret is replaced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"grace_seconds": 86400}))]
pub(crate) struct SecretRotation {
    /// For how long events are signed with the secret before as well, 0 to 604,800. Default: 86,400.
    pub(super) grace_seconds: Option<i64>,
}

/// An event on its way to a webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(crate) struct DeliveryBody {
    /// `dlv_…`
    id: String,
    /// `hook_…`
    webhook_id: String,
    /// `evt_…`, the `webhook-id` of all its attempts.
    event_id: String,
    event_type: String,
    /// `pending`, `delivered` or `failed`.
    status: String,
    /// Null: there is none to come.
    next_attempt_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    /// What is sent.
    #[schema(value_type = Object)]
    body: Value,
    /// The oldest first.
    attempts: Vec<AttemptBody>,
}

/// One try to deliver.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookAttempt)]
pub(crate) struct AttemptBody {
    at: DateTime<Utc>,
    /// Of the answer; null where there was none.
    status_code: Option<i32>,
    /// What went wrong; null for one that succeeded.
    error: Option<String>,
    duration_ms: i64,
    /// How the answer begins, at most 1 KiB.
    answer: String,
}

impl WebhookBody {
    pub(super) fn new(webhook: Option<Webhook>) -> Result<Self> {
        webhook.ok_or_else(|| Error::incomplete("the webhook"))?.try_into()
    }
}

impl TryFrom<Webhook> for WebhookBody {
    type Error = Error;

    fn try_from(webhook: Webhook) -> Result<Self> {
        Ok(Self {
            id: webhook.id,
            url: webhook.url,
            description: webhook.description,
            event_types: webhook.event_types,
            enabled: webhook.enabled,
            disabled_because: some(webhook.disabled_because),
            failing_since: time::maybe(webhook.failing_since),
            previous_secret_expires_at: time::maybe(webhook.previous_secret_until),
            created_at: time::always(webhook.created_at)?,
            updated_at: time::always(webhook.updated_at)?,
        })
    }
}

impl CreatedWebhook {
    pub(super) fn of(webhook: Option<Webhook>, secret: String) -> Result<Self> {
        Ok(Self { webhook: WebhookBody::new(webhook)?, secret })
    }

    pub(super) fn id(&self) -> &str {
        &self.webhook.id
    }
}

impl From<NewWebhook> for CreateWebhookRequest {
    fn from(new: NewWebhook) -> Self {
        Self {
            url: new.url,
            description: new.description.unwrap_or_default(),
            event_types: new.event_types.unwrap_or_default(),
        }
    }
}

impl WebhookChange {
    pub(super) fn of(self, id: WebhookId) -> UpdateWebhookRequest {
        UpdateWebhookRequest {
            webhook_id: id.to_string(),
            url: self.url,
            description: self.description,
            event_types: self.event_types.map(|names| EventTypes { names }),
            enabled: self.enabled,
        }
    }
}

impl DeliveryBody {
    pub(super) fn new(delivery: Option<WebhookDelivery>) -> Result<Self> {
        delivery.ok_or_else(|| Error::incomplete("the delivery"))?.try_into()
    }
}

impl TryFrom<WebhookDelivery> for DeliveryBody {
    type Error = Error;

    fn try_from(delivery: WebhookDelivery) -> Result<Self> {
        Ok(Self {
            id: delivery.id,
            webhook_id: delivery.webhook_id,
            event_id: delivery.event_id,
            event_type: delivery.event_type,
            status: delivery.status,
            next_attempt_at: time::maybe(delivery.next_attempt_at),
            created_at: time::always(delivery.created_at)?,
            body: serde_json::from_str(&delivery.body).map_err(|_| Error::incomplete("a readable event"))?,
            attempts: delivery.attempts.into_iter().map(AttemptBody::try_from).collect::<Result<_>>()?,
        })
    }
}

impl TryFrom<WebhookAttempt> for AttemptBody {
    type Error = Error;

    fn try_from(attempt: WebhookAttempt) -> Result<Self> {
        Ok(Self {
            at: time::always(attempt.at)?,
            status_code: attempt.status_code,
            error: some(attempt.error),
            duration_ms: attempt.duration_ms,
            answer: attempt.answer,
        })
    }
}
