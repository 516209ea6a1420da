//! What do operators do with invoices?

use super::super::{billing::invoices::InvoiceBody, page::Page, repeat, time};
use crate::{
    app::Shared,
    auth::Operator,
    error::Result,
    json::Json,
    path::Target,
    query::{Query, page_size},
};
use axum::{extract::State, response::IntoResponse};
use proto::{
    Failure, Reason,
    billing::{CreditInvoiceRequest, ListAllInvoicesRequest, RecordPaymentRequest, VoidInvoiceRequest},
    id::InvoiceId,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which invoices.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `ws_…`: only those of this workspace.
    workspace_id: Option<String>,
    /// `draft`, `open`, `paid` or `void`. Default: all but drafts.
    status: Option<String>,
}

/// What was paid elsewhere.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 2900, "reference": "TED 004711", "paid_at": "2026-10-01"}))]
pub(crate) struct ReceivedPayment {
    /// In the smallest unit of the invoice's currency. Default: what is left to pay.
    amount: Option<i64>,
    /// What tells this payment from others, such as the number of the transfer; 1 to 100 characters.
    reference: String,
    /// Default: now.
    #[schema(value_type = Option<DateTime<Utc>>)]
    paid_at: Option<time::Instant>,
}

/// What is given back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 900, "reason": "Two days without service"}))]
pub(crate) struct NewCreditNote {
    /// In the smallest unit of the invoice's currency. Default: all that has not been credited yet.
    amount: Option<i64>,
    /// Of a paid invoice: `credits` (default), `provider`, which gives back what was paid through it, or `outside` for money that
    /// was sent back.
    refund_to: Option<String>,
    /// What for; 1 to 500 characters.
    reason: String,
}

/// List the invoices of all workspaces or of one, newest first. For operators.
#[utoipa::path(get, path = "/admin/invoices", tag = "Operators", params(Which),
    responses((status = 200, description = "A page of them", body = Page<InvoiceBody>),
        (status = 403, description = "The caller has no platform role"),
        (status = 404, description = "There is no such workspace"),
        (status = 422, description = "There is no such status")))]
pub(crate) async fn list_all_invoices(
    State(app): State<Shared>,
    Operator(call): Operator,
    Query(which): Query<Which>,
) -> Result<Json<Page<InvoiceBody>>> {
    let request = ListAllInvoicesRequest {
        workspace_id: which.workspace_id.unwrap_or_default(),
        status: which.status.unwrap_or_default(),
        page_size: page_size(which.limit)?,
        page_token: which.cursor.unwrap_or_default(),
    };
    let listed = app.services.billing.list_all_invoices(&call, request).await?;
    Page::new(listed.invoices, listed.next_page_token, InvoiceBody::try_from).map(Json)
}

/// Write down that an invoice was paid outside of Perpetuo. For operators.
///
/// What is more than was owed becomes credits. The same reference again changes nothing.
#[utoipa::path(post, path = "/admin/invoices/{invoice_id}/payments", tag = "Operators", request_body = ReceivedPayment,
    params(("invoice_id" = String, Path, description = "`inv_…`")),
    responses((status = 200, description = "The invoice as it is now", body = InvoiceBody),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "There is no such invoice"),
        (status = 409, description = "The invoice is a draft, nothing is left to pay of it, or another amount was written down \
            under the reference")))]
pub(crate) async fn record_payment(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<InvoiceId>,
    Json(body): Json<ReceivedPayment>,
) -> Result<Json<InvoiceBody>> {
    let request = RecordPaymentRequest {
        invoice_id: id.to_string(),
        amount: amount(body.amount)?,
        reference: body.reference,
        paid_at: body.paid_at.map(time::Instant::to_proto),
    };
    let recorded = app.services.billing.record_payment(&call, request).await?;
    InvoiceBody::new(recorded.invoice).map(Json)
}

/// Take an invoice back that nobody has paid. What credits have paid of it is there again. For operators.
#[utoipa::path(post, path = "/admin/invoices/{invoice_id}/void", tag = "Operators",
    params(("invoice_id" = String, Path, description = "`inv_…`")),
    responses((status = 200, description = "The invoice as it is now", body = InvoiceBody),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "There is no such invoice"),
        (status = 409, description = "Money was paid for it: credit it instead")))]
pub(crate) async fn void_invoice(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<InvoiceId>,
) -> Result<Json<InvoiceBody>> {
    let voided = app.services.billing.void_invoice(&call, VoidInvoiceRequest { invoice_id: id.to_string() }).await?;
    InvoiceBody::new(voided.invoice).map(Json)
}

/// Give back a part of an invoice or all of it. For operators.
///
/// An open one is lowered; for a paid one the customer gets credits, or money that was sent back already.
#[utoipa::path(post, path = "/admin/invoices/{invoice_id}/credit-notes", tag = "Operators", request_body = NewCreditNote,
    params(("invoice_id" = String, Path, description = "`inv_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEPT)),
    responses((status = 200, description = "The invoice as it is now", body = InvoiceBody,
        headers(("idempotent-replayed" = String, description = "`true` where it was credited before"))),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "There is no such invoice"),
        (status = 409, description = "Nothing of it can be credited, or the Idempotency-Key was used with another request")))]
pub(crate) async fn credit_invoice(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<InvoiceId>,
    Json(body): Json<NewCreditNote>,
) -> Result<impl IntoResponse> {
    let request = CreditInvoiceRequest {
        invoice_id: id.to_string(),
        amount: amount(body.amount)?,
        refund_to: body.refund_to.unwrap_or_default(),
        reason: body.reason,
    };
    let credited = app.services.billing.credit_invoice(&call, request).await?;
    Ok((repeat::header(credited.replayed), Json(InvoiceBody::new(credited.invoice)?)))
}

/// An amount as the service takes it, where 0 stands for all that is left: nobody means that who writes 0.
fn amount(given: Option<i64>) -> Result<i64, Failure> {
    match given {
        Some(amount) if amount < 1 => {
            Err(Reason::RefusedValue.with("amount must be above 0").field("amount", "must be above 0"))
        }
        given => Ok(given.unwrap_or_default()),
    }
}
