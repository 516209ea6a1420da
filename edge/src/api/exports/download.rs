//! The file of an export, passed on as it is read.

use super::super::file::{self, Disposition};
use crate::{
    app::Shared,
    auth::{Anyone, Caller},
    error::{Error, Result},
    path::Target,
    query::Query,
};
use axum::{body::Body, extract::State, response::Response};
use futures::{StreamExt as _, future};
use http::header::CONTENT_LENGTH;
use proto::{
    id::ExportId,
    usage::{
        DownloadExportRequest, DownloadExportResponse, DownloadLinkedExportRequest, ExportFile,
        download_export_response::Part,
    },
};
use serde::Deserialize;
use tonic::codegen::BoxStream;
use utoipa::IntoParams;

/// Download the file of an export.
///
/// A connection that breaks leaves fewer bytes than `Content-Length` says, and JSON without its last bracket.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/exports/{export_id}/download", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("export_id" = String, Path, description = "`exp_…`")),
    responses((status = 200, description = "The file", content((String = "text/csv"), (Vec<serde_json::Value> = "application/json")),
        headers(("Content-Disposition" = String, description = "`attachment`, and the name of the file"))),
        (status = 409, description = "It is still being written (see `Retry-After`), or it failed"),
        (status = 410, description = "Its file was removed")))]
pub(crate) async fn download_export(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExportId>,
) -> Result<Response> {
    answer(app.services.usage.download_export(&call, DownloadExportRequest { export_id: id.to_string() }).await?).await
}

/// What the link of a letter holds.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    /// As the letter has it.
    token: String,
}

/// Download the file that a letter links to.
///
/// The link is the credential: it needs no other. It works until the export expires, and for as long as the recipient of the
/// letter is a member of the workspace who may read what was exported.
#[utoipa::path(get, path = "/exports/download", tag = "Logs and usage", security(()), params(Link),
    responses((status = 200, description = "The file", content((String = "text/csv"), (Vec<serde_json::Value> = "application/json")),
        headers(("Content-Disposition" = String, description = "`attachment`, and the name of the file"))),
        (status = 404, description = "The link is not good, or not any more"),
        (status = 410, description = "Its time is over, or its file was removed")))]
pub(crate) async fn download_linked_export(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Query(link): Query<Link>,
) -> Result<Response> {
    let request = DownloadLinkedExportRequest { token: link.token };
    answer(app.services.usage.download_linked_export(&call, request).await?).await
}

async fn answer(mut parts: BoxStream<DownloadExportResponse>) -> Result<Response> {
    let Some(Part::File(file)) = parts.next().await.transpose()?.and_then(|first| first.part) else {
        return Err(Error::incomplete("its head"));
    };
    response(file, parts)
}

fn response(file: ExportFile, parts: BoxStream<DownloadExportResponse>) -> Result<Response> {
    let data = parts.filter_map(|part| {
        future::ready(match part.map(|part| part.part) {
            Ok(Some(Part::Data(data))) => Some(Ok(data)),
            Ok(_) => None,
            // The head has left with a 200: what remains is to break off, which the client sees by the length.
            Err(status) => {
                tracing::warn!(source = status.message(), "a download ended with an error");
                Some(Err(status))
            }
        })
    });
    let body = Body::from_stream(data);
    let mut response = file::response(body, &file.content_type, Disposition::Attachment, &file.name)?;
    response.headers_mut().insert(CONTENT_LENGTH, file.bytes.into());
    Ok(response)
}
