//! The bytes of an export.

use super::{ExportRow, Format, get::find, place::Reader};
use crate::{Error, service::Inner};
use futures::{StreamExt as _, stream};
use proto::{
    Reason,
    id::WorkspaceId,
    usage::{DownloadExportResponse, ExportFile, download_export_response::Part},
};
use tonic::{Status, codegen::BoxStream};

/// A head, and then the bytes as they were written. Errors: `NOT_FOUND`, `EXPORT_NOT_READY`, `EXPORT_GONE`, `CONFLICT`
/// for one that failed.
pub(crate) async fn download(
    inner: &Inner,
    workspace: WorkspaceId,
    id: &str,
) -> Result<BoxStream<DownloadExportResponse>, Error> {
    let row = find(&inner.db, workspace, id).await?;
    match row.status.as_str() {
        "done" => {}
        "queued" | "running" => return Err(Error::ExportNotReady),
        "failed" => return Err(Error::ExportFailed(row.error)),
        _ => return Err(Error::ExportGone),
    }
    let reader = inner.exports.place.read(&row).await?;
    let file = ExportFile {
        name: row.file_name(),
        content_type: Format::parse(&row.format).map(|f| f.content_type().to_owned()).unwrap_or_default(),
        bytes: row.byte_count,
    };
    let head = DownloadExportResponse { part: Some(Part::File(file)) };
    Ok(stream::once(async { Ok(head) }).chain(bytes(reader, &row)).boxed())
}

/// Ends with an error if less is there than was written: half a file must not look like a whole one.
fn bytes(reader: Reader, row: &ExportRow) -> BoxStream<DownloadExportResponse> {
    let state = (Some(reader), row.byte_count);
    stream::unfold(state, async |(reader, left)| {
        let mut reader = reader?;
        match reader.next().await {
            Ok(Some(data)) => {
                let left = left - i64::try_from(data.len()).unwrap_or(i64::MAX);
                Some((Ok(DownloadExportResponse { part: Some(Part::Data(data)) }), (Some(reader), left)))
            }
            Ok(None) if left == 0 => None,
            Ok(None) => Some((Err(gone()), (None, left))),
            Err(error) => Some((Err(Status::from(error)), (None, left))),
        }
    })
    .boxed()
}

fn gone() -> Status {
    Reason::ExportGone.with("the export was removed while it was read").into()
}
