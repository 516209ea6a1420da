//! Which plan a workspace is on, changing that, and paying for it. The workspace is that of the credential.

mod body;
pub(crate) mod checkout;
pub(crate) mod credits;
pub(crate) mod details;
pub(crate) mod discount;
mod entitlement;
pub(crate) mod invoices;
pub(crate) mod mandate;
pub(crate) mod plan;
pub(crate) mod portal;
mod terms;
pub(crate) mod usage;

use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
pub(crate) use body::SubscriptionBody;
use body::{Cancellation, PlanChange, PreviewBody};
use discount::above_zero;
use proto::billing::{
    CancelSubscriptionRequest, ChangePlanRequest, GetSubscriptionRequest, PreviewChangeRequest,
    ResumeSubscriptionRequest,
};

/// Get the subscription of the workspace, and what its plan allows.
#[utoipa::path(get, path = "/billing/status", tag = "Billing",
    responses((status = 200, description = "The subscription; without an id for who never had one, which is on the default \
        plan", body = SubscriptionBody)))]
pub(crate) async fn get_subscription(
    State(app): State<Shared>,
    Caller(call): Caller,
) -> Result<Json<SubscriptionBody>> {
    let found = app.services.billing.get_subscription(&call, GetSubscriptionRequest {}).await?;
    SubscriptionBody::new(found.subscription).map(Json)
}

/// See what another plan, or another quantity of the present one, would cost now, line by line, and when it would be in force. Changes nothing.
#[utoipa::path(post, path = "/billing/preview", tag = "Billing", request_body = PlanChange,
    responses((status = 200, description = "What it would cost", body = PreviewBody),
        (status = 409, description = "It is in force already"),
        (status = 422, description = "There is no such plan or quantity, or the promotion code cannot be redeemed: `why` says why \
            (PROMOTION_CODE_INVALID)")))]
pub(crate) async fn preview_change(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<PlanChange>,
) -> Result<Json<PreviewBody>> {
    let PlanChange { plan, interval, quantity, promotion_code } = body;
    let request = PreviewChangeRequest {
        plan,
        interval: interval.unwrap_or_default(),
        quantity: above_zero("quantity", quantity)?,
        promotion_code: promotion_code.unwrap_or_default(),
    };
    PreviewBody::try_from(app.services.billing.preview_change(&call, request).await?).map(Json)
}

/// Move to another plan, or another quantity: to what costs less with the next period, at once where neither costs anything.
///
/// What costs more waits for its invoice: `pending_update` names it, `POST …/billing/invoices/{invoice_id}/checkout` opens a
/// way to pay it, and the plan is in force as soon as it is paid. `POST …/billing/checkout` does both at once. The same again
/// is the same invoice.
///
/// It stands under `/v1` for its callers' sake and is no model: its failures are problem documents.
#[utoipa::path(post, path = "/v1/subscription/upgrade", tag = "Billing", request_body = PlanChange,
    responses((status = 200, description = "The subscription as it is now", body = SubscriptionBody),
        (status = 409, description = "It is in force already"),
        (status = 422, description = "There is no such plan or quantity, or the promotion code cannot be redeemed: `why` says why \
            (PROMOTION_CODE_INVALID); nothing was changed"),
        (status = 503, description = "The plan costs more and this installation takes no payments; or a part of Perpetuo is \
            unavailable")))]
pub(crate) async fn upgrade_subscription(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<PlanChange>,
) -> Result<Json<SubscriptionBody>> {
    let PlanChange { plan, interval, quantity, promotion_code } = body;
    let request = ChangePlanRequest {
        plan,
        interval: interval.unwrap_or_default(),
        payment: None,
        quantity: above_zero("quantity", quantity)?,
        promotion_code: promotion_code.unwrap_or_default(),
    };
    let changed = app.services.billing.change_plan(&call, request).await?;
    SubscriptionBody::new(changed.subscription).map(Json)
}

/// End the subscription with its period, or at once; then the default plan is in force. The body may be left out.
#[utoipa::path(post, path = "/billing/cancel", tag = "Billing", request_body = Option<Cancellation>,
    responses((status = 200, description = "The subscription as it is now", body = SubscriptionBody),
        (status = 409, description = "There is none to end")))]
pub(crate) async fn cancel_subscription(
    State(app): State<Shared>,
    Caller(call): Caller,
    body: Option<Json<Cancellation>>,
) -> Result<Json<SubscriptionBody>> {
    let Cancellation { at_once } = body.map(|Json(body)| body).unwrap_or_default();
    let cancelled = app.services.billing.cancel_subscription(&call, CancelSubscriptionRequest { at_once }).await?;
    SubscriptionBody::new(cancelled.subscription).map(Json)
}

/// Take back a cancellation, or a change that is not in force yet.
#[utoipa::path(post, path = "/billing/resume", tag = "Billing",
    responses((status = 200, description = "The subscription as it is now", body = SubscriptionBody),
        (status = 409, description = "There is no subscription")))]
pub(crate) async fn resume_subscription(
    State(app): State<Shared>,
    Caller(call): Caller,
) -> Result<Json<SubscriptionBody>> {
    let resumed = app.services.billing.resume_subscription(&call, ResumeSubscriptionRequest {}).await?;
    SubscriptionBody::new(resumed.subscription).map(Json)
}
