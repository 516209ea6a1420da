//! What the workspace service says of webhooks, and of the workspaces of everybody.

use crate::fake::{ANA, DELIVERY, WEBHOOK, WORKSPACE, again, at, more};
use proto::{Call, Reason, workspace::*};
use tonic::Status;

const SECRET: &str = "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29r";

fn webhook() -> Option<Webhook> {
    Some(Webhook {
        id: WEBHOOK.into(),
        url: "https://example.com/hooks".into(),
        description: "to the CRM".into(),
        event_types: vec!["member.added".into()],
        enabled: false,
        disabled_because: "gone".into(),
        failing_since: at(1_790_000_000),
        previous_secret_until: None,
        created_at: at(1_790_000_000),
        updated_at: at(1_790_000_000),
    })
}

/// Errors: `NOT_FOUND` for any other.
fn found(id: &str) -> Result<Option<Webhook>, Status> {
    if id == WEBHOOK { Ok(webhook()) } else { Err(Reason::NotFound.with("there is no such webhook").into()) }
}

fn delivery() -> Option<WebhookDelivery> {
    let attempt = WebhookAttempt {
        at: at(1_790_000_000),
        status_code: Some(503),
        error: "the receiver answered 503".into(),
        duration_ms: 12,
        answer: "later".into(),
    };
    Some(WebhookDelivery {
        id: DELIVERY.into(),
        webhook_id: WEBHOOK.into(),
        event_id: "evt_01k9tq6j3se5mb1pt2xdv6q3kz".into(),
        event_type: "member.added".into(),
        status: "pending".into(),
        next_attempt_at: at(1_790_000_005),
        created_at: at(1_790_000_000),
        body: r#"{"type":"member.added"}"#.into(),
        attempts: vec![attempt],
    })
}

pub fn all_workspaces() -> ListAllWorkspacesResponse {
    let one = WorkspaceSummary {
        id: WORKSPACE.into(),
        name: "Acme".into(),
        plan: "free".into(),
        currency: "USD".into(),
        owner_user_id: ANA.into(),
        owner_email: "ana@example.com".into(),
        members: 3,
        created_at: at(1_790_000_000),
    };
    let left = WorkspaceSummary { owner_user_id: String::new(), members: 0, ..one.clone() };
    ListAllWorkspacesResponse { workspaces: vec![one, left], next_page_token: String::new() }
}

pub fn create(call: &Call, _: CreateWebhookRequest) -> Result<CreateWebhookResponse, Status> {
    Ok(CreateWebhookResponse { webhook: webhook(), secret: SECRET.into(), replayed: again(call) })
}

pub fn list(_: &Call, request: ListWebhooksRequest) -> Result<ListWebhooksResponse, Status> {
    let next_page_token = more(&request.page_token);
    Ok(ListWebhooksResponse { webhooks: webhook().into_iter().collect(), next_page_token })
}

pub fn get(_: &Call, request: GetWebhookRequest) -> Result<GetWebhookResponse, Status> {
    Ok(GetWebhookResponse { webhook: found(&request.webhook_id)? })
}

pub fn update(_: &Call, request: UpdateWebhookRequest) -> Result<UpdateWebhookResponse, Status> {
    Ok(UpdateWebhookResponse { webhook: found(&request.webhook_id)? })
}

pub fn delete(_: &Call, request: DeleteWebhookRequest) -> Result<DeleteWebhookResponse, Status> {
    found(&request.webhook_id).map(|_| DeleteWebhookResponse {})
}

pub fn rotate(call: &Call, request: RotateWebhookSecretRequest) -> Result<RotateWebhookSecretResponse, Status> {
    let webhook = found(&request.webhook_id)?;
    Ok(RotateWebhookSecretResponse { webhook, secret: SECRET.into(), replayed: again(call) })
}

pub fn test(_: &Call, request: TestWebhookRequest) -> Result<TestWebhookResponse, Status> {
    found(&request.webhook_id).map(|_| TestWebhookResponse { delivery: delivery() })
}

pub fn deliveries(_: &Call, request: ListWebhookDeliveriesRequest) -> Result<ListWebhookDeliveriesResponse, Status> {
    found(&request.webhook_id)?;
    let deliveries = delivery().into_iter().collect();
    Ok(ListWebhookDeliveriesResponse { deliveries, next_page_token: String::new() })
}

pub fn retry(_: &Call, request: RetryWebhookDeliveryRequest) -> Result<RetryWebhookDeliveryResponse, Status> {
    found(&request.webhook_id).map(|_| RetryWebhookDeliveryResponse { delivery: delivery() })
}
