//! How does a workspace begin to pay?

mod body;

use super::discount::above_zero;
use crate::{
    app::{App, Shared},
    auth::Caller,
    error::{Error, Result},
    json::Json,
    path::Target,
};
use axum::extract::State;
pub(super) use body::{CheckoutBody, CreditsCheckout};
use body::{InvoiceCheckout, PlanCheckout};
use proto::{
    Call,
    billing::{ChangePlanRequest, PayInvoiceRequest, PendingUpdate},
    id::InvoiceId,
};

/// Move to another plan or quantity, and open a way to pay for it where it costs more.
///
/// `open`: the plan is in force as soon as its invoice is paid. `complete`: nothing is to be paid now, as credits have paid it, it
/// may be tried or costs nothing, or it costs less and comes with the next period; `subscription` says which. The same again is
/// the same invoice, and the same way to pay it while that can be used.
#[utoipa::path(post, path = "/billing/checkout", tag = "Billing", request_body = PlanCheckout,
    responses((status = 200, description = "How to pay, or that nothing is to be paid", body = CheckoutBody),
        (status = 409, description = "The plan is in force already"),
        (status = 422, description = "There is no such plan or quantity, or the promotion code cannot be redeemed: `why` says why \
            (PROMOTION_CODE_INVALID); nothing was changed"),
        (status = 503, description = "The plan costs more and this installation takes no payments; or the provider of payments, \
            or a part of Perpetuo, is unavailable")))]
pub(crate) async fn check_out_plan(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<PlanCheckout>,
) -> Result<Json<CheckoutBody>> {
    let PlanCheckout { plan, interval, quantity, promotion_code, method, success_url, cancel_url } = body;
    let how = InvoiceCheckout { method, success_url, cancel_url };
    let payment = Some(how.clone().choice());
    let request = ChangePlanRequest {
        plan: plan.clone(),
        interval: interval.clone().unwrap_or_default(),
        payment,
        quantity: above_zero("quantity", quantity)?,
        promotion_code: promotion_code.unwrap_or_default(),
    };
    let changed = app.services.billing.change_plan(&call, request).await?;
    let subscription = changed.subscription.ok_or_else(|| Error::incomplete("the subscription"))?;
    // Another change may wait for its payment while this one is only scheduled.
    let is_this = |pending: &&PendingUpdate| {
        pending.plan == plan
            && interval.as_ref().is_none_or(|interval| *interval == pending.interval)
            && quantity.is_none_or(|quantity| quantity == pending.quantity)
    };
    match subscription.pending_update.as_ref().filter(is_this) {
        Some(pending) => open(&app, &call, how.of(pending.invoice_id.clone())).await,
        None => Ok(Json(CheckoutBody::changed(subscription))),
    }
}

/// Open a way to pay an invoice that is open. The body may be left out.
///
/// The same method again is the same way, while it can be used.
#[utoipa::path(post, path = "/billing/invoices/{invoice_id}/checkout", tag = "Billing",
    request_body = Option<InvoiceCheckout>, params(("invoice_id" = String, Path, description = "`inv_…`")),
    responses((status = 200, description = "How to pay", body = CheckoutBody),
        (status = 409, description = "The invoice is not open: nothing is to be paid"),
        (status = 503, description = "This installation takes no payments; or the provider of payments, or a part of Perpetuo, is \
            unavailable")))]
pub(crate) async fn check_out_invoice(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<InvoiceId>,
    body: Option<Json<InvoiceCheckout>>,
) -> Result<Json<CheckoutBody>> {
    let how = body.map(|Json(body)| body).unwrap_or_default();
    open(&app, &call, how.of(id.to_string())).await
}

/// How an invoice can be paid.
pub(super) async fn open(app: &App, call: &Call, request: PayInvoiceRequest) -> Result<Json<CheckoutBody>> {
    let opened = app.services.billing.pay_invoice(call, request).await?;
    let checkout = opened.checkout.ok_or_else(|| Error::incomplete("the checkout"))?;
    Ok(Json(checkout.into()))
}
