//! What was and will be sent to a webhook.

use super::body::DeliveryBody;
use crate::{
    api::page::Page,
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
    path::{Target, Targets},
    query::{Query, page_size},
};
use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use proto::{
    id::{DeliveryId, WebhookId},
    workspace::{ListWebhookDeliveriesRequest, RetryWebhookDeliveryRequest},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which deliveries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only those that are `pending`, `delivered` or `failed`.
    status: Option<String>,
}

/// List what was and will be sent to a webhook, with every attempt. It is kept for 30 days unless the installation says otherwise.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/webhooks/{webhook_id}/deliveries", tag = "Events",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("webhook_id" = String, Path, description = "`hook_…`"), Which),
    responses((status = 200, description = "A page of them", body = Page<DeliveryBody>)))]
pub(crate) async fn list_webhook_deliveries(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<WebhookId>,
    Query(which): Query<Which>,
) -> Result<Json<Page<DeliveryBody>>> {
    let request = ListWebhookDeliveriesRequest {
        webhook_id: id.to_string(),
        page_size: page_size(which.limit)?,
        page_token: which.cursor.unwrap_or_default(),
        status: which.status.unwrap_or_default(),
    };
    let listed = app.services.workspaces.list_webhook_deliveries(&call, request).await?;
    Page::new(listed.deliveries, listed.next_page_token, DeliveryBody::try_from).map(Json)
}

/// Send an event again, now. One that has had all its attempts gets one more; one that waits goes on from there.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/webhooks/{webhook_id}/deliveries/{delivery_id}/retry", tag = "Events",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("webhook_id" = String, Path, description = "`hook_…`"),
        ("delivery_id" = String, Path, description = "`dlv_…`")),
    responses((status = 202, description = "The event is on its way", body = DeliveryBody),
        (status = 409, description = "The webhook is disabled")))]
pub(crate) async fn retry_webhook_delivery(
    State(app): State<Shared>,
    Caller(call): Caller,
    Targets(webhook, delivery): Targets<WebhookId, DeliveryId>,
) -> Result<impl IntoResponse> {
    let request = RetryWebhookDeliveryRequest { webhook_id: webhook.to_string(), delivery_id: delivery.to_string() };
    let again = app.services.workspaces.retry_webhook_delivery(&call, request).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryBody::new(again.delivery)?)))
}
