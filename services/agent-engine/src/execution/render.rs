//! The report as a file.

use super::{document::report, get::row};
use crate::{
    Error,
    domain::locale::Locale,
    render::{self, Format},
    service::Inner,
};
use proto::{
    Reason,
    engine::{RenderReportRequest, RenderReportResponse},
};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use store::GlobalTx;

/// Errors: `NOT_FOUND`, `EXPORT_NOT_READY`, `REFUSED_VALUE`, the database failed.
pub(crate) async fn render(inner: &Arc<Inner>, request: RenderReportRequest) -> Result<RenderReportResponse, Error> {
    let id = super::id(&request.execution_id)?;
    let mut tx = GlobalTx::read(&inner.db).await?;
    row(&mut tx, id).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let format =
        Format::parse(&request.format).ok_or_else(|| refused("format", "must be pdf, docx, md, json or csv"))?;
    let asked = Some(request.locale.as_str()).filter(|locale| !locale.is_empty());
    let asked =
        asked.map(|tag| Locale::parse(tag).ok_or_else(|| refused("locale", "must be pt-BR or en"))).transpose()?;
    let (report, body) = report(inner, id).await?;
    let locale = asked.unwrap_or(report.brief.locale);
    let name = format!("{}/{}/{}", hex::encode(Sha256::digest(&body)), format.as_str(), locale.as_str());
    let export_hash = hex::encode(Sha256::digest(name));
    let content_type = format.content_type().to_owned();
    if request.check_only {
        return Ok(RenderReportResponse { content_type, export_hash, ..RenderReportResponse::default() });
    }
    if format == Format::Json {
        // As it was hashed, byte for byte.
        let file_name = render::file_name(&report, format, locale);
        return Ok(RenderReportResponse { content: body.into(), content_type, file_name, export_hash });
    }
    // Pages are set by the processor alone: others wait for nothing meanwhile.
    let rendered = tokio::task::spawn_blocking(move || render::render(&report, format, locale)).await;
    let rendered = rendered.map_err(|error| Error::Kept(error.to_string()))?;
    let rendered = rendered.map_err(|error| Error::Kept(error.to_string()))?;
    Ok(RenderReportResponse {
        content: rendered.bytes.into(),
        content_type,
        file_name: rendered.file_name,
        export_hash,
    })
}

fn refused(field: &str, problem: &str) -> Error {
    Error::Refused(Reason::RefusedValue.with("the report cannot be exported").field(field, problem))
}
