//! Where are the bytes of exports?
//!
//! With a data directory they are files in its folder `exports`, otherwise rows of `export_chunks`, which every process
//! can read. Each try of a writer writes in a place of its own, so that one that was given up disturbs nobody.

mod file;
mod moved;
mod table;

pub(crate) use moved::into_rows;

use super::ExportRow;
use crate::Error;
use bytes::Bytes;
use std::path::{Path, PathBuf};
use store::{Db, Tx};

pub(super) enum Place {
    Files(PathBuf),
    Table(Db),
}

/// Takes the bytes of one try, in order.
pub(super) enum Writer {
    File(file::Writer),
    Table(table::Writer),
}

/// Gives the bytes of an export, in order.
pub(super) enum Reader {
    File(file::Reader),
    Table(table::Reader),
}

impl Place {
    pub fn new(db: Db, data_dir: Option<&Path>) -> Self {
        match data_dir {
            Some(dir) => Self::Files(dir.join("exports")),
            None => Self::Table(db),
        }
    }

    /// A writer for the try that `row` counts. What earlier tries have written is removed. Errors: the disk.
    pub async fn write(&self, row: &ExportRow) -> Result<Writer, Error> {
        self.remove_other(row, row.tries).await?;
        match self {
            Self::Files(dir) => Ok(Writer::File(file::create(dir, row).await?)),
            Self::Table(_) => Ok(Writer::Table(table::Writer::new(row))),
        }
    }

    /// The bytes of a finished export. Errors: [`Error::ExportGone`].
    pub async fn read(&self, row: &ExportRow) -> Result<Reader, Error> {
        match self {
            Self::Files(dir) => Ok(Reader::File(file::open(dir, row).await?)),
            Self::Table(db) => Ok(Reader::Table(table::Reader::new(db.clone(), row))),
        }
    }

    /// Removes all bytes of an export. Errors: the database or the disk.
    pub async fn remove(&self, row: &ExportRow) -> Result<(), Error> {
        self.remove_other(row, -1).await
    }

    /// Removes bytes that no export knows: their writer was killed while the export was deleted or given up. Errors: the
    /// database or the disk.
    pub async fn sweep(&self, db: &Db) -> Result<(), Error> {
        match self {
            Self::Files(dir) => file::sweep(dir, db).await,
            Self::Table(db) => table::sweep(db).await,
        }
    }

    async fn remove_other(&self, row: &ExportRow, kept: i64) -> Result<(), Error> {
        match self {
            Self::Files(dir) => file::remove(dir, row, kept).await,
            Self::Table(db) => table::remove(db, row, kept).await,
        }
    }
}

impl Writer {
    /// Takes the next bytes; what goes into the database goes with `tx`. Errors: the database or the disk.
    pub async fn write(&mut self, tx: &mut Tx, bytes: Vec<u8>) -> Result<(), Error> {
        match self {
            Self::File(file) => file.write(&bytes).await,
            Self::Table(table) => table.write(tx, bytes).await,
        }
    }

    /// All bytes are there. Errors: the disk does not have them.
    pub async fn finish(self) -> Result<(), Error> {
        match self {
            Self::File(file) => file.finish().await,
            Self::Table(_) => Ok(()),
        }
    }
}

impl Reader {
    /// The next bytes; none at the end. Errors: the database or the disk.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        match self {
            Self::File(file) => file.next().await,
            Self::Table(table) => table.next().await,
        }
    }
}
