//! One invoice.

use super::{render::Language, row, show};
use crate::{Billing, Error, error::refused};
use proto::{
    billing::{Invoice, RenderInvoiceRequest, RenderInvoiceResponse},
    id::{InvoiceId, WorkspaceId},
};
use store::{SystemTx, WorkspaceTx, sql};

/// Errors: [`Error::NoInvoice`].
pub(crate) async fn get(service: &Billing, workspace: WorkspaceId, id: &str) -> Result<Invoice, Error> {
    let id: InvoiceId = id.parse().map_err(|_| Error::NoInvoice)?;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    // What has no number was never sent to anybody.
    match invoice.number {
        None => Err(Error::NoInvoice),
        Some(_) => show::of(service, &mut tx, workspace, &invoice).await,
    }
}

/// Whose invoice is it? For operators, who name it alone. Errors: [`Error::NoInvoice`].
pub(super) async fn find(service: &Billing, id: &str) -> Result<(WorkspaceId, InvoiceId), Error> {
    let id: InvoiceId = id.parse().map_err(|_| Error::NoInvoice)?;
    let mut tx = SystemTx::read(&service.db, "find the workspace of an invoice").await?;
    let found: Option<(WorkspaceId,)> = tx.fetch_optional(sql!("invoice/find"), &[id.into()]).await?;
    found.map(|(workspace,)| (workspace, id)).ok_or(Error::NoInvoice)
}

/// To be printed, or to be read by a program. Errors: [`Error::NoInvoice`], [`Error::Refused`].
pub(crate) async fn render(
    service: &Billing,
    workspace: WorkspaceId,
    request: RenderInvoiceRequest,
) -> Result<RenderInvoiceResponse, Error> {
    let id: InvoiceId = request.invoice_id.parse().map_err(|_| Error::NoInvoice)?;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    tx.commit().await?;
    let document = invoice.document()?;
    let language = Language::parse(&request.language);
    let (content, content_type) = match request.format.as_str() {
        "pdf" => (super::render::pdf(&document, language), "application/pdf"),
        "html" => (text(super::render::html(&document, language))?, "text/html; charset=utf-8"),
        "csv" => (text(super::render::csv(&document, language))?, "text/csv; charset=utf-8"),
        "json" => (invoice.document.map(|(bytes, _)| bytes).unwrap_or_default().into_bytes(), "application/json"),
        _ => return Err(refused("format", "must be pdf, html, csv or json")),
    };
    let file_name = format!("{}.{}", document.number, request.format);
    Ok(RenderInvoiceResponse { content: content.into(), content_type: content_type.to_owned(), file_name })
}

fn text(written: Result<String, String>) -> Result<Vec<u8>, Error> {
    written.map(String::into_bytes).map_err(|error| {
        tracing::error!(error, "an invoice cannot be written");
        Error::Kept("what an invoice says")
    })
}
