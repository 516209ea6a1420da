//! Bytes of exports as files: `<data>/exports/<workspace>.<export>.<try>`.

use crate::{Error, export::ExportRow};
use bytes::{Bytes, BytesMut};
use proto::id::{ExportId, WorkspaceId};
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};
use store::{Db, Sql, WorkspaceTx, sql};
use tokio::{
    fs::{self, File},
    io::{AsyncReadExt as _, AsyncWriteExt as _},
};

const GET: Sql = sql!("export/get");

/// Bytes read at once.
const PIECE: usize = 256 * 1024;

pub(crate) struct Writer(File);
pub(crate) struct Reader(File);

/// A new file that its owner alone can read. Errors: [`Error::ExportDisk`].
pub(super) async fn create(dir: &Path, row: &ExportRow) -> Result<Writer, Error> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).await.map_err(Error::ExportDisk)?;
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path(dir, row, row.tries)).await;
    file.map(Writer).map_err(Error::ExportDisk)
}

/// Errors: [`Error::ExportGone`].
pub(super) async fn open(dir: &Path, row: &ExportRow) -> Result<Reader, Error> {
    match File::open(path(dir, row, row.tries)).await {
        Ok(file) => Ok(Reader(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::ExportGone),
        Err(error) => Err(Error::ExportDisk(error)),
    }
}

/// Removes the files of every try but `kept`. Errors: [`Error::ExportDisk`].
pub(super) async fn remove(dir: &Path, row: &ExportRow, kept: i64) -> Result<(), Error> {
    for tried in (1..=row.tries).filter(|tried| *tried != kept) {
        match fs::remove_file(path(dir, row, tried)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::ExportDisk(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Removes the files of tries that are nobody's; what is no file of an export is let alone. Errors:
/// [`Error::ExportDisk`], the database failed.
pub(super) async fn sweep(dir: &Path, db: &Db) -> Result<(), Error> {
    let mut files = match fs::read_dir(dir).await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        files => files.map_err(Error::ExportDisk)?,
    };
    while let Some(file) = files.next_entry().await.map_err(Error::ExportDisk)? {
        let Some((workspace, export, tried)) = file.file_name().to_str().and_then(parts) else { continue };
        let mut tx = WorkspaceTx::read(db, workspace).await?;
        let row: Option<ExportRow> = tx.fetch_optional(GET, &[workspace.into(), export.into()]).await?;
        drop(tx);
        if !row.is_some_and(|row| row.tries == tried && matches!(row.status.as_str(), "running" | "done")) {
            match fs::remove_file(file.path()).await {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::ExportDisk(error)),
                _ => tracing::info!(%export, %workspace, "bytes that no export knows are removed"),
            }
        }
    }
    Ok(())
}

/// What [`path`] made a name of.
fn parts(name: &str) -> Option<(WorkspaceId, ExportId, i64)> {
    let mut parts = name.splitn(3, '.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn path(dir: &Path, row: &ExportRow, tried: i64) -> PathBuf {
    dir.join(format!("{}.{}.{tried}", row.workspace_id, row.id))
}

impl Writer {
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.write_all(bytes).await.map_err(Error::ExportDisk)
    }

    pub async fn finish(mut self) -> Result<(), Error> {
        self.0.flush().await.map_err(Error::ExportDisk)?;
        // Done means that a power cut does not take it back.
        self.0.sync_all().await.map_err(Error::ExportDisk)
    }
}

impl Reader {
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = self.0.read_buf(&mut piece).await.map_err(Error::ExportDisk)?;
        Ok((read > 0).then(|| piece.freeze()))
    }
}
