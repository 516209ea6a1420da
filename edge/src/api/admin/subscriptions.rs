//! Subscriptions of customers who pay elsewhere.

use super::super::billing::{SubscriptionBody, discount::above_zero};
use crate::{app::Shared, auth::Operator, error::Result, json::Json, path::Target};
use axum::extract::State;
use proto::{
    billing::{GetWorkspaceSubscriptionRequest, RecordSubscriptionEventRequest, SetSubscriptionRequest},
    id::WorkspaceId,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What was agreed with a customer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"plan": "enterprise", "interval": "year", "currency": "USD"}))]
pub(crate) struct AgreedPlan {
    /// Its name; it may be a hidden one.
    plan: String,
    /// `month` (default) or `year`.
    interval: Option<String>,
    /// ISO 4217. Default: that of the workspace.
    currency: Option<String>,
    /// Instead of the plan's; 0: none.
    trial_days: Option<i32>,
    /// `external` (default): it is paid elsewhere. `send_invoice`: each period has an invoice.
    collection_method: Option<String>,
    /// How many of the plan. Default: 1.
    quantity: Option<i64>,
}

/// What became of a payment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"event": "paid"}))]
pub(crate) struct SubscriptionEvent {
    /// `paid`, `payment_failed`, `given_up`, `paused` or `unpaused`.
    event: String,
}

/// Get the subscription of any workspace. For operators.
#[utoipa::path(get, path = "/admin/workspaces/{workspace_id}/subscription", tag = "Operators",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The subscription", body = SubscriptionBody),
        (status = 403, description = "The caller has no platform role"),
        (status = 404, description = "There is no such workspace")))]
pub(crate) async fn get_workspace_subscription(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<WorkspaceId>,
) -> Result<Json<SubscriptionBody>> {
    let request = GetWorkspaceSubscriptionRequest { workspace_id: id.to_string() };
    let found = app.services.billing.get_workspace_subscription(&call, request).await?;
    SubscriptionBody::new(found.subscription).map(Json)
}

/// Put a workspace on a plan from now on, in a new period: what was agreed with a customer, who pays elsewhere or by
/// invoice. For operators.
#[utoipa::path(put, path = "/admin/workspaces/{workspace_id}/subscription", tag = "Operators", request_body = AgreedPlan,
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The subscription as it is now", body = SubscriptionBody),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "There is no such workspace")))]
pub(crate) async fn set_workspace_subscription(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<WorkspaceId>,
    Json(body): Json<AgreedPlan>,
) -> Result<Json<SubscriptionBody>> {
    let AgreedPlan { plan, interval, currency, trial_days, collection_method, quantity } = body;
    let request = SetSubscriptionRequest {
        workspace_id: id.to_string(),
        plan,
        interval: interval.unwrap_or_default(),
        currency: currency.unwrap_or_default(),
        trial_days,
        collection_method: collection_method.unwrap_or_default(),
        quantity: above_zero("quantity", quantity)?,
    };
    let set = app.services.billing.set_subscription(&call, request).await?;
    SubscriptionBody::new(set.subscription).map(Json)
}

/// Record what became of the payments of such a customer. For operators.
#[utoipa::path(post, path = "/admin/workspaces/{workspace_id}/subscription/events", tag = "Operators",
    request_body = SubscriptionEvent, params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The subscription as it is now", body = SubscriptionBody),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 409, description = "There is no subscription, or the event makes no sense in its state")))]
pub(crate) async fn record_subscription_event(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<WorkspaceId>,
    Json(body): Json<SubscriptionEvent>,
) -> Result<Json<SubscriptionBody>> {
    let request = RecordSubscriptionEventRequest { workspace_id: id.to_string(), event: body.event };
    let recorded = app.services.billing.record_subscription_event(&call, request).await?;
    SubscriptionBody::new(recorded.subscription).map(Json)
}
