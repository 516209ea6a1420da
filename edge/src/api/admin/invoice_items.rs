//! What do operators charge beside plans and usage?

use super::super::{
    billing::discount::above_zero,
    page::{Page, some},
    repeat, time,
};
use crate::{
    app::Shared,
    auth::Operator,
    error::{Error, Result},
    json::Json,
    path::Target,
    query::{Query, page_size},
};
use axum::{extract::State, response::IntoResponse};
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::{
    billing::{AddInvoiceItemRequest, InvoiceItem, ListInvoiceItemsRequest},
    id::WorkspaceId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What is charged once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"description": "Onboarding workshop", "unit_amount": 50000, "quantity": 2, "currency": "BRL"}))]
pub(crate) struct NewInvoiceItem {
    /// As it stands on the invoice; 1 to 200 characters.
    description: String,
    /// What one costs, in the smallest unit of the currency. Below 0: to the customer, on the next invoice only.
    unit_amount: i64,
    /// How many. Default: 1.
    quantity: Option<i64>,
    /// ISO 4217. Default: that of the workspace.
    currency: Option<String>,
    /// An invoice of its own, now. Default: a line of the next invoice for a period in this currency.
    #[serde(default)]
    own_invoice: bool,
}

/// What was written down to be charged.
#[derive(Serialize, ToSchema)]
#[schema(as = InvoiceItem)]
pub(crate) struct InvoiceItemBody {
    /// `ii_…`
    id: String,
    description: String,
    currency: String,
    quantity: i64,
    unit_amount: i64,
    /// Of all of them. Below 0: to the customer.
    amount: i64,
    /// The invoice that it is on; null while it waits for the next one.
    invoice_id: Option<String>,
    /// Who wrote it down.
    created_by: String,
    created_at: DateTime<Utc>,
}

/// Write something down that a workspace is charged once. For operators.
#[utoipa::path(post, path = "/admin/workspaces/{workspace_id}/invoice-items", tag = "Operators", request_body = NewInvoiceItem,
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEPT)),
    responses((status = 201, description = "What was written down", body = InvoiceItemBody,
        headers(("idempotent-replayed" = String, description = "`true` where it was written down before"))),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "There is no such workspace"),
        (status = 409, description = "Nobody issues invoices here, too much waits for the next one, or the Idempotency-Key was used \
            with another request")))]
pub(crate) async fn add_invoice_item(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<WorkspaceId>,
    Json(body): Json<NewInvoiceItem>,
) -> Result<impl IntoResponse> {
    let request = AddInvoiceItemRequest {
        workspace_id: id.to_string(),
        description: body.description,
        currency: body.currency.unwrap_or_default(),
        quantity: above_zero("quantity", body.quantity)?,
        unit_amount: body.unit_amount,
        own_invoice: body.own_invoice,
    };
    let added = app.services.billing.add_invoice_item(&call, request).await?;
    let item = added.item.ok_or_else(|| Error::incomplete("the invoice item"))?;
    Ok((StatusCode::CREATED, repeat::header(added.replayed), Json(InvoiceItemBody::try_from(item)?)))
}

/// List what was written down to be charged to a workspace, newest first. For operators.
#[utoipa::path(get, path = "/admin/workspaces/{workspace_id}/invoice-items", tag = "Operators",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Which),
    responses((status = 200, description = "A page of it", body = Page<InvoiceItemBody>),
        (status = 403, description = "The caller has no platform role"),
        (status = 404, description = "There is no such workspace")))]
pub(crate) async fn list_invoice_items(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<WorkspaceId>,
    Query(which): Query<Which>,
) -> Result<Json<Page<InvoiceItemBody>>> {
    let request = ListInvoiceItemsRequest {
        workspace_id: id.to_string(),
        page_size: page_size(which.limit)?,
        page_token: which.cursor.unwrap_or_default(),
    };
    let listed = app.services.billing.list_invoice_items(&call, request).await?;
    Page::new(listed.items, listed.next_page_token, InvoiceItemBody::try_from).map(Json)
}

impl TryFrom<InvoiceItem> for InvoiceItemBody {
    type Error = Error;

    fn try_from(item: InvoiceItem) -> Result<Self> {
        Ok(Self {
            id: item.id,
            description: item.description,
            currency: item.currency,
            quantity: item.quantity,
            unit_amount: item.unit_amount,
            amount: item.amount,
            invoice_id: some(item.invoice_id),
            created_by: item.created_by,
            created_at: time::always(item.created_at)?,
        })
    }
}
