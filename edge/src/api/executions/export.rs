//! The report of an execution as a file.

use super::{
    find, for_engine, is_terminal,
    language::{KNOWN, Language},
    look_up,
    new::refused,
};
use crate::{
    api::file::{self, Disposition},
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
    path::Target,
    query::Query,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::LOCATION};
use proto::{
    Call, Failure, Permission, Reason,
    engine::{Execution, Phase, RenderReportRequest},
    id::{ExecutionId, ExportId},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

const FORMATS: [&str; 5] = ["pdf", "docx", "md", "json", "csv"];
/// When it makes sense to ask again for what is not completed.
const SOME_TIME: Duration = Duration::from_secs(5);

/// What the report is written as.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
#[schema(as = NewExecutionExport, example = json!({"format": "pdf"}))]
pub(crate) struct Wish {
    /// `pdf`, `docx`, `md`, `json` or `csv`.
    format: String,
    /// `pt-BR` or `en`, of headings and numbers. Default: that of the execution.
    locale: Option<String>,
}

/// A file of a report. The same report, format and locale are the same file.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExecutionExport {
    /// `exp_…`. Another one once it is `done`: then it stands for what is in the file.
    export_id: String,
    /// `done`, or `pending` until the execution is completed.
    status: &'static str,
    format: String,
    locale: String,
    /// Where the file is.
    url: String,
}

/// Export the report of an execution. Nothing has to be waited for once it is completed: the file is made when it is downloaded.
#[utoipa::path(post, path = "/executions/{execution_id}/export", tag = "Executions", request_body = Wish,
    params(("execution_id" = String, Path, description = "`exec_…`")),
    responses((status = 202, description = "The export", body = ExecutionExport,
            headers(("Location" = String, description = "The file"))),
        (status = 409, description = "The execution failed or was cancelled: there is no report")))]
pub(crate) async fn export_execution(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
    Json(wish): Json<Wish>,
) -> Result<impl IntoResponse> {
    find(&app, &call, id, Permission::ExecutionsRead).await?;
    let mut request = wish.read(id)?;
    let (status, export_id, locale) = match completed(&app, &call, id).await {
        Ok(execution) => {
            request.check_only = true;
            let rendered = app.services.engine.render_report(&for_engine(&call), request.clone()).await?;
            ("done", export_id(&hex::decode(&rendered.export_hash).unwrap_or_default()), execution.locale)
        }
        Err(error) if error.failure().reason == Reason::ExportNotReady => {
            let name = format!("{id}\0{}\0{}", request.format, request.locale);
            let execution = look_up(&app, &call, id).await?.unwrap_or_default();
            ("pending", export_id(&Sha256::digest(name)), execution.locale)
        }
        Err(error) => return Err(error),
    };
    let locale = if request.locale.is_empty() { locale } else { request.locale };
    let url = format!("/api/v1/executions/{id}/export?format={}&locale={locale}", request.format);
    let export = ExecutionExport { export_id, status, format: request.format, locale, url: url.clone() };
    Ok((StatusCode::ACCEPTED, [(LOCATION, url)], Json(export)))
}

/// Download the report of an execution. The same report in the same format and language is the same bytes.
#[utoipa::path(get, path = "/executions/{execution_id}/export", tag = "Executions",
    params(("execution_id" = String, Path, description = "`exec_…`"), Wish),
    responses((status = 200, description = "The file", content((String = "application/pdf"),
            (String = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"), (String = "text/markdown"),
            (Object = "application/json"), (String = "text/csv")),
            headers(("Content-Disposition" = String, description = "`attachment`, and the name of the file"))),
        (status = 409, description = "It is not completed (`EXPORT_NOT_READY`, see `Retry-After`), or never will be (`CONFLICT`)"),
        (status = 422, description = "There is no such format or language")))]
pub(crate) async fn download_execution(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
    Query(wish): Query<Wish>,
) -> Result<Response> {
    find(&app, &call, id, Permission::ExecutionsRead).await?;
    let request = wish.read(id)?;
    completed(&app, &call, id).await?;
    let file = app.services.engine.render_report(&for_engine(&call), request).await?;
    file::response(file.content.into(), &file.content_type, Disposition::Attachment, &file.file_name)
}

/// The execution, if it has a report. Errors: `EXPORT_NOT_READY` while it runs, `CONFLICT` where it will never have one.
pub(super) async fn completed(app: &Shared, call: &Call, id: ExecutionId) -> Result<Execution> {
    match look_up(app, call, id).await? {
        Some(execution) if execution.phase() == Phase::Completed => Ok(execution),
        Some(execution) if is_terminal(execution.phase()) => Err(Reason::Conflict
            .with("the execution was not completed: nothing came out of it that could be read")
            .into()),
        _ => {
            let early = Reason::ExportNotReady.with("the execution is not completed yet");
            Err(early.retry_after(SOME_TIME).into())
        }
    }
}

/// The id that the beginning of a hash stands for.
fn export_id(hash: &[u8]) -> String {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash).for_each(|(byte, from)| *byte = *from);
    ExportId::from_uuid(uuid::Uuid::from_bytes(bytes)).to_string()
}

impl Wish {
    /// Errors: `REFUSED_VALUE`.
    fn read(self, id: ExecutionId) -> Result<RenderReportRequest, Failure> {
        let mut problems = vec![];
        if !FORMATS.contains(&self.format.as_str()) {
            problems.push(("format".to_owned(), format!("must be one of {}", FORMATS.join(", "))));
        }
        let locale = self.locale.as_deref().map(Language::parse);
        if locale == Some(None) {
            problems.push(("locale".to_owned(), KNOWN.to_owned()));
        }
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        let locale = locale.flatten().map_or("", Language::as_str).to_owned();
        Ok(RenderReportRequest { execution_id: id.to_string(), format: self.format, locale, check_only: false })
    }
}
