//! How is an invoice printed, or read by a program?

use crate::{
    api::file::{self, Disposition},
    app::{App, Shared},
    error::Result,
};
use axum::response::Response;
use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS},
};
use proto::{Call, billing::RenderInvoiceRequest, id::InvoiceId};
use serde::Deserialize;
use std::str::FromStr;
use utoipa::{IntoParams, OpenApi};
use utoipa_axum::router::OpenApiRouter;

/// Invoices hold what customers wrote. Beside their own style they need nothing, and nothing in them runs.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// What an invoice is written as.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Pdf,
    Html,
    Csv,
    Json,
}

/// What the last part of a path names: an invoice, or one of its files.
pub(crate) struct Named {
    pub(super) id: InvoiceId,
    pub(super) format: Option<Format>,
}

/// In which language.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// `en` or `pt-BR`. Default: what `Accept-Language` asks for.
    #[param(example = "pt-BR")]
    language: Option<String>,
}

#[derive(OpenApi)]
#[openapi(paths(download_invoice))]
struct Described;

/// Describes the files. `get_invoice` answers them: for the router they are at the same path.
pub(crate) fn described() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Described::openapi())
}

/// Read or download an invoice: `.pdf` and `.html` are for people, `.csv` has a row for each line, and `.json` is what was closed.
///
/// The same invoice in the same language is the same bytes for ever. The SHA-256 of `.json` is the `digest` of the invoice.
#[utoipa::path(get, path = "/billing/invoices/{invoice_id}.{format}", tag = "Billing",
    params(("invoice_id" = String, Path, description = "`inv_…`"),
        ("format" = String, Path, description = "`pdf`, `html`, `csv` or `json`"), Wish),
    responses((status = 200, description = "The file",
        content((String = "application/pdf"), (String = "text/html"), (String = "text/csv"), (Object = "application/json")),
        headers(("Content-Disposition" = String,
            description = "`inline` for `pdf` and `html`, otherwise `attachment`, and the name of the file")))))]
pub(super) async fn download_invoice(
    app: &App,
    call: &Call,
    (id, format): (InvoiceId, Format),
    (wish, headers): (Wish, &HeaderMap),
) -> Result<Response> {
    let accepted = || headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let request = RenderInvoiceRequest {
        invoice_id: id.to_string(),
        format: format.as_str().to_owned(),
        language: wish.language.or_else(accepted).unwrap_or_default(),
    };
    let file = app.services.billing.render_invoice(call, request).await?;
    let disposition = match format {
        Format::Pdf | Format::Html => Disposition::Inline,
        Format::Csv | Format::Json => Disposition::Attachment,
    };
    let mut response = file::response(file.content.into(), &file.content_type, disposition, &file.file_name)?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Pages are not kept from caches by themselves: most are the same for everybody.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

impl Format {
    const ALL: [Self; 4] = [Self::Pdf, Self::Html, Self::Csv, Self::Json];

    /// As paths and services name it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, extension) = text.split_once('.').map_or((text, None), |(id, extension)| (id, Some(extension)));
        let known = |extension| Format::ALL.into_iter().find(|format| format.as_str() == extension);
        let unknown = || "an invoice is there as .pdf, .html, .csv and .json".to_owned();
        let format = extension.map(|extension| known(extension).ok_or_else(unknown)).transpose()?;
        Ok(Self { id: id.parse().map_err(|error: <InvoiceId as FromStr>::Err| error.to_string())?, format })
    }
}
