//! Writes one export from its first byte to its last.

use super::{ExportRow, Format, Kind, encode::Encoder, place::Writer, source::Source};
use crate::{Error, service::Inner};
use chrono::TimeDelta;
use store::{Sql, WorkspaceTx, sql};
use tokio_util::sync::CancellationToken;

const PROGRESS: Sql = sql!("export/progress");

/// How long a writer may say nothing before another takes over.
pub(super) const SILENCE: TimeDelta = TimeDelta::seconds(60);
/// Bytes that are handed on at once.
const PIECE: usize = 512 * 1024;

/// Why an export is not written to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    /// It was deleted, or another process writes it.
    #[error("somebody else has it")]
    Lost,
    /// This process stops.
    #[error("the process stops")]
    Leaving,
    /// It failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<store::Error> for Stopped {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Writes the try that `row` counts; `row` tells how far it is, in the end how much it was.
pub(super) async fn write(inner: &Inner, row: &mut ExportRow, stopping: &CancellationToken) -> Result<(), Stopped> {
    let unknown = || Error::ExportFailed("this release does not know what to export".to_owned());
    let kind = Kind::parse(&row.kind).ok_or_else(unknown)?;
    let format = Format::parse(&row.format).ok_or_else(unknown)?;
    let mut source = Source::new(row, kind);
    let mut encoder = Encoder::new(format, source.columns())?;
    let mut writer = inner.exports.place.write(row).await?;
    let mut piece = vec![];
    loop {
        if stopping.is_cancelled() {
            return Err(Stopped::Leaving);
        }
        let read = source.page(inner, &mut encoder).await?;
        row.row_count += i64::try_from(read).unwrap_or(i64::MAX);
        if read == 0 {
            encoder.end();
        }
        piece.append(&mut encoder.take()?);
        if piece.len() >= PIECE || read == 0 {
            hand_on(inner, row, &mut writer, std::mem::take(&mut piece)).await?;
        }
        if read == 0 {
            return Ok(writer.finish().await?);
        }
    }
}

/// Notes how far it is and passes the bytes on, together where both go into the database.
async fn hand_on(inner: &Inner, row: &mut ExportRow, writer: &mut Writer, piece: Vec<u8>) -> Result<(), Stopped> {
    row.byte_count += i64::try_from(piece.len()).unwrap_or(i64::MAX);
    let mut tx = WorkspaceTx::begin(&inner.db, row.workspace_id).await?;
    let values = [
        row.workspace_id.into(),
        row.id.into(),
        row.tries.into(),
        (inner.clock.now() + SILENCE).into(),
        row.row_count.into(),
        row.byte_count.into(),
    ];
    if tx.execute(PROGRESS, &values).await? == 0 {
        return Err(Stopped::Lost);
    }
    writer.write(&mut tx, piece).await?;
    Ok(tx.commit().await?)
}
