//! Exports of a workspace's usage, logs, audit trail and invoices.

mod body;
pub(crate) mod destination;
pub(crate) mod download;

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
use body::{ExportBody, NewExport};
use http::{StatusCode, header};
use proto::{
    id::ExportId,
    usage::{DeleteExportRequest, GetExportRequest, ListExportsRequest},
};

/// List the exports of a workspace, newest first.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/exports", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Paging),
    responses((status = 200, description = "A page of them", body = Page<ExportBody>)))]
pub(crate) async fn list_exports(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ExportBody>>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = ListExportsRequest { page_size, page_token };
    let listed = app.services.usage.list_exports(&call, request).await?;
    Page::new(listed.exports, listed.next_page_token, ExportBody::try_from).map(Json)
}

/// Export usage, logs, the audit trail or invoices.
///
/// The file is written in the background: ask for the export until its `status` is `done`, then download it. `usage` is
/// the ledger row by row, corrections included, so that its sums are those of `GET …/usage`; `logs` is one row per
/// request; `audit` is what happened in the workspace, as `GET …/audit` lists it; `invoices` are those that were issued in the period, amounts in the smallest unit of their currency. CSV is RFC 4180 with a header, in UTF-8, and text that a spreadsheet would take for a formula has an
/// apostrophe in front; JSON is one array of objects. Costs are exact decimal text.
///
/// With a `destination` the file is sent there when it is written: `delivery` says how that stands. A try that fails is
/// repeated after pauses that grow from a minute to an hour, ten times at most; the file can be downloaded meanwhile.
/// `email` goes to members of the workspace with a confirmed address who may read what is exported, each with a letter in their
/// language: the file is attached, or where it is too large for that (5 MiB, unless the operator says otherwise) linked. The link
/// works without logging in, as long as the file is kept and its reader is such a member. A workspace sends at most 100 letters a
/// day, unless the operator says otherwise; what is beyond that waits for the next day.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/exports", tag = "Logs and usage", request_body = NewExport,
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 202, description = "The export, which is being written", body = ExportBody,
        headers(("Location" = String, description = "The export"),
            ("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 503, description = "This installation sends no mail (`MAIL_NOT_CONFIGURED`)"),
        (status = 409, description = "Three exports are being written already, or the Idempotency-Key was used with another request")))]
pub(crate) async fn create_export(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewExport>,
) -> Result<impl IntoResponse> {
    let answer = app.services.usage.create_export(&call, body.into()).await?;
    let made = ExportBody::new(answer.export)?;
    let workspace = call.workspace.map(|id| id.to_string()).unwrap_or_default();
    let location = format!("/api/v1/workspaces/{workspace}/exports/{}", made.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], repeat::header(answer.replayed), Json(made)))
}

/// Get an export: how far it is, or why it failed.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/exports/{export_id}", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("export_id" = String, Path, description = "`exp_…`")),
    responses((status = 200, description = "The export", body = ExportBody)))]
pub(crate) async fn get_export(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExportId>,
) -> Result<Json<ExportBody>> {
    let found = app.services.usage.get_export(&call, GetExportRequest { export_id: id.to_string() }).await?;
    ExportBody::new(found.export).map(Json)
}

/// Remove an export and its file. One that is being written is given up.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/exports/{export_id}", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("export_id" = String, Path, description = "`exp_…`")),
    responses((status = 204, description = "It is gone")))]
pub(crate) async fn delete_export(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExportId>,
) -> Result<StatusCode> {
    app.services.usage.delete_export(&call, DeleteExportRequest { export_id: id.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
