//! Webhooks of a workspace: addresses to which what happens is sent.

mod body;
pub(crate) mod deliveries;

use super::{page::Page, repeat};
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
    path::Target,
    query::{Paging, Query},
};
use axum::{extract::State, response::IntoResponse};
use body::{CreatedWebhook, DeliveryBody, NewWebhook, SecretRotation, WebhookBody, WebhookChange};
use http::{StatusCode, header};
use proto::{
    id::WebhookId,
    workspace::{
        DeleteWebhookRequest, GetWebhookRequest, ListWebhooksRequest, RotateWebhookSecretRequest, TestWebhookRequest,
    },
};

/// List the webhooks of a workspace. Their secrets are never shown.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/webhooks", tag = "Events",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Paging),
    responses((status = 200, description = "A page of them", body = Page<WebhookBody>)))]
pub(crate) async fn list_webhooks(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<WebhookBody>>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = ListWebhooksRequest { page_size, page_token };
    let listed = app.services.workspaces.list_webhooks(&call, request).await?;
    Page::new(listed.webhooks, listed.next_page_token, WebhookBody::try_from).map(Json)
}

/// Have what happens in the workspace sent to an address, signed as Standard Webhooks 1.0.0 says. `secret` is in this answer only.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/webhooks", tag = "Events", request_body = NewWebhook,
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 201, description = "The webhook, and its secret", body = CreatedWebhook,
        headers(("Location" = String, description = "The webhook"),
            ("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 409, description = repeat::MISMATCH)))]
pub(crate) async fn create_webhook(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewWebhook>,
) -> Result<impl IntoResponse> {
    let answer = app.services.workspaces.create_webhook(&call, body.into()).await?;
    let made = CreatedWebhook::of(answer.webhook, answer.secret)?;
    let workspace = call.workspace.map(|id| id.to_string()).unwrap_or_default();
    let location = format!("/api/v1/workspaces/{workspace}/webhooks/{}", made.id());
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], repeat::header(answer.replayed), Json(made)))
}

/// Get a webhook.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/webhooks/{webhook_id}", tag = "Events",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("webhook_id" = String, Path, description = "`hook_…`")),
    responses((status = 200, description = "The webhook", body = WebhookBody)))]
pub(crate) async fn get_webhook(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<WebhookId>,
) -> Result<Json<WebhookBody>> {
    let request = GetWebhookRequest { webhook_id: id.to_string() };
    let found = app.services.workspaces.get_webhook(&call, request).await?;
    WebhookBody::new(found.webhook).map(Json)
}

/// Change a webhook. Fields that are left out stay. One that is enabled again is sent what waits.
#[utoipa::path(patch, path = "/workspaces/{workspace_id}/webhooks/{webhook_id}", tag = "Events", request_body = WebhookChange,
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("webhook_id" = String, Path, description = "`hook_…`")),
    responses((status = 200, description = "The webhook as it is now", body = WebhookBody)))]
pub(crate) async fn update_webhook(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<WebhookId>,
    Json(body): Json<WebhookChange>,
) -> Result<Json<WebhookBody>> {
    let changed = app.services.workspaces.update_webhook(&call, body.of(id)).await?;
    WebhookBody::new(changed.webhook).map(Json)
}

/// Remove a webhook, its secret, and the list of what was sent to it.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/webhooks/{webhook_id}", tag = "Events",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("webhook_id" = String, Path, description = "`hook_…`")),
    responses((status = 204, description = "It is gone")))]
pub(crate) async fn delete_webhook(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<WebhookId>,
) -> Result<StatusCode> {
    let request = DeleteWebhookRequest { webhook_id: id.to_string() };
    app.services.workspaces.delete_webhook(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a webhook another secret. For a while events carry two signatures, so that the receiver can change over. `secret` is in this
/// answer only.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/webhooks/{webhook_id}/rotate", tag = "Events",
    request_body = SecretRotation,
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("webhook_id" = String, Path, description = "`hook_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 200, description = "The webhook as it is now, and its secret", body = CreatedWebhook,
        headers(("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 409, description = repeat::MISMATCH)))]
pub(crate) async fn rotate_webhook_secret(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<WebhookId>,
    body: Option<Json<SecretRotation>>,
) -> Result<impl IntoResponse> {
    let grace_seconds = body.and_then(|Json(SecretRotation { grace_seconds })| grace_seconds);
    let request = RotateWebhookSecretRequest { webhook_id: id.to_string(), grace_seconds };
    let answer = app.services.workspaces.rotate_webhook_secret(&call, request).await?;
    let replayed = repeat::header(answer.replayed);
    Ok((replayed, Json(CreatedWebhook::of(answer.webhook, answer.secret)?)))
}

/// Send a webhook an event of the type `webhook.test`, whatever types it wants. What came of it is among its deliveries.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/webhooks/{webhook_id}/test", tag = "Events",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("webhook_id" = String, Path, description = "`hook_…`")),
    responses((status = 202, description = "The event is on its way", body = DeliveryBody),
        (status = 409, description = "The webhook is disabled")))]
pub(crate) async fn test_webhook(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<WebhookId>,
) -> Result<impl IntoResponse> {
    let request = TestWebhookRequest { webhook_id: id.to_string() };
    let tried = app.services.workspaces.test_webhook(&call, request).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryBody::new(tried.delivery)?)))
}
