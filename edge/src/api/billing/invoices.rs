//! Which invoices has a workspace?

mod body;
pub(crate) mod file;

use super::super::page::Page;
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
    path::Target,
    query::{Paging, Query},
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
pub(crate) use body::InvoiceBody;
use file::{Named, Wish};
use http::HeaderMap;
use proto::billing::{GetInvoiceRequest, ListInvoicesRequest};

/// List the invoices of the workspace, newest first.
#[utoipa::path(get, path = "/billing/invoices", tag = "Billing", params(Paging),
    responses((status = 200, description = "A page of them", body = Page<InvoiceBody>)))]
pub(crate) async fn list_invoices(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<InvoiceBody>>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = ListInvoicesRequest { page_size, page_token, ..ListInvoicesRequest::default() };
    let listed = app.services.billing.list_invoices(&call, request).await?;
    Page::new(listed.invoices, listed.next_page_token, InvoiceBody::try_from).map(Json)
}

/// Get an invoice: what it is for, and how much of it is paid.
#[utoipa::path(get, path = "/billing/invoices/{invoice_id}", tag = "Billing",
    params(("invoice_id" = String, Path, description = "`inv_…`")),
    responses((status = 200, description = "The invoice", body = InvoiceBody)))]
pub(crate) async fn get_invoice(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(named): Target<Named>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Result<Response> {
    // The router cannot tell an id from one with an extension behind it.
    if let Some(format) = named.format {
        return file::download_invoice(&app, &call, (named.id, format), (wish, &headers)).await;
    }
    let found = app.services.billing.get_invoice(&call, GetInvoiceRequest { invoice_id: named.id.to_string() }).await?;
    InvoiceBody::new(found.invoice).map(|invoice| Json(invoice).into_response())
}
