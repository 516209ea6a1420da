//! How does a record get into the journal?

use super::{Recovered, record, segment};
use crate::{Error, config::Fsync, event::Event};
use fail::fail_point;
use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A new file is begun beyond this size, so that folded records can be deleted while others are being written.
const SEGMENT_BYTES: u64 = 8 * 1024 * 1024;

/// So many folded files stay: a power cut may take back what SQLite has committed since it last synchronised, which it
/// does at least every 4 MB, and then these are folded again.
const KEPT: usize = 2;

/// The writing end. One process has one, behind a lock.
pub(crate) struct Journal {
    dir: PathBuf,
    fsync: Fsync,
    file: Arc<File>,
    path: PathBuf,
    bytes: u64,
    next: u64,
    /// Full files: path and last sequence.
    full: VecDeque<(PathBuf, u64)>,
    /// A failed write may have left half a record that could not be cut off.
    torn: bool,
    buffer: Vec<u8>,
}

impl Journal {
    /// Begins a new file in `dir` after what was recovered. Errors: [`Error::Journal`].
    pub fn begin(dir: &Path, recovered: Recovered, fsync: Fsync) -> Result<Self, Error> {
        let next = recovered.last + 1;
        let (path, file) = create(dir, next, fsync).map_err(Error::Journal)?;
        Ok(Self {
            dir: dir.to_owned(),
            fsync,
            file,
            path,
            bytes: 0,
            next,
            full: recovered.files.into(),
            torn: false,
            buffer: Vec::with_capacity(1024),
        })
    }

    /// Hands a record to the operating system in one write. Answers its sequence and size.
    /// Errors: [`Error::Journal`]; then the journal is as it was, and the next call tries again.
    pub fn append(&mut self, event: &Event) -> Result<(u64, u64), Error> {
        self.repair().map_err(Error::Journal)?;
        if self.bytes >= SEGMENT_BYTES {
            self.rotate().map_err(Error::Journal)?;
        }
        self.buffer.clear();
        record::write(self.next, event, &mut self.buffer);
        if let Err(error) = (&*self.file).write_all(&self.buffer) {
            self.torn = true;
            drop(self.repair());
            return Err(Error::Journal(error));
        }
        fail_point!("usage::journal::written");
        let (sequence, size) = (self.next, self.buffer.len() as u64);
        self.next += 1;
        self.bytes += size;
        Ok((sequence, size))
    }

    /// What must reach the disk for everything that is written so far to be there, and the last sequence of it.
    pub fn unsynced(&self) -> (Arc<File>, u64) {
        (self.file.clone(), self.next - 1)
    }

    /// Deletes the files whose records are all folded.
    pub fn folded(&mut self, sequence: u64) {
        while self.full.len() > KEPT {
            let Some((path, _)) = self.full.pop_front_if(|(_, last)| *last <= sequence) else { return };
            // A file that stays is read again and skipped at the next start.
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(%error, path = %path.display(), "a folded journal file cannot be deleted");
            }
        }
    }

    fn rotate(&mut self) -> io::Result<()> {
        if self.fsync == Fsync::Batch {
            // Who waits for the disk waits for the new file only.
            self.file.sync_data()?;
        }
        let (path, file) = create(&self.dir, self.next, self.fsync)?;
        let full = std::mem::replace(&mut self.path, path);
        self.full.push_back((full, self.next - 1));
        self.file = file;
        self.bytes = 0;
        Ok(())
    }

    /// Cuts off what a failed write left behind.
    fn repair(&mut self) -> io::Result<()> {
        if self.torn {
            self.file.set_len(self.bytes)?;
            self.torn = false;
        }
        Ok(())
    }
}

fn create(dir: &Path, first: u64, fsync: Fsync) -> io::Result<(PathBuf, Arc<File>)> {
    let path = segment::path(dir, first);
    let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path)?;
    if fsync == Fsync::Batch {
        // A file that its directory does not know after a power cut holds nothing.
        File::open(dir)?.sync_all()?;
    }
    Ok((path, Arc::new(file)))
}

#[cfg(test)]
impl Journal {
    /// Puts a file in place that takes no writes, after half a record reached the real one.
    pub fn break_for_test(&mut self) {
        (&*self.file).write_all(&[1, 2, 3]).unwrap();
        self.torn = true;
        self.file = Arc::new(File::open("/dev/null").unwrap());
    }

    /// The real file is back.
    pub fn mend_for_test(&mut self) {
        self.file = Arc::new(OpenOptions::new().append(true).open(&self.path).unwrap());
    }
}
