//! How does a record get into the journal?

use super::{Error, Recovered, record, segment};
use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What a journal keeps, and how well.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// Whether its owner waits for the disk ([`Journal::unsynced`]); otherwise for the operating system only.
    pub on_disk: bool,
    /// A new file is begun beyond this size, so that old records can be deleted while others are being written.
    pub segment_bytes: u64,
    /// How many files stay that hold nothing any more which is not elsewhere too.
    pub spare_files: usize,
}

/// A file that nothing is added to any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full {
    pub path: PathBuf,
    /// Its last sequence.
    pub last: u64,
    pub bytes: u64,
}

/// The writing end. One process has one, behind a lock.
pub struct Journal {
    dir: PathBuf,
    keep: Keep,
    file: Arc<File>,
    path: PathBuf,
    bytes: u64,
    next: u64,
    /// Full files.
    full: VecDeque<Full>,
    /// A failed write may have left half a record that could not be cut off.
    torn: bool,
    buffer: Vec<u8>,
}

impl Journal {
    /// Begins a new file in `dir` after what was recovered.
    ///
    /// # Errors
    /// If there is no room for it, or no permission.
    pub fn begin(dir: &Path, recovered: Recovered, keep: Keep) -> io::Result<Self> {
        let next = recovered.last + 1;
        let (path, file) = create(dir, next, keep.on_disk)?;
        Ok(Self {
            dir: dir.to_owned(),
            keep,
            file,
            path,
            bytes: 0,
            next,
            full: recovered.files.into(),
            torn: false,
            buffer: Vec::with_capacity(1024),
        })
    }

    /// Hands a record, whose payload `encode` appends, to the operating system in one write. Answers its sequence and
    /// size.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::TooLong`]; then the journal is as it was, and the next call tries again.
    pub fn append(&mut self, encode: impl FnOnce(&mut Vec<u8>)) -> Result<(u64, u64), Error> {
        self.repair()?;
        if self.bytes >= self.keep.segment_bytes {
            self.rotate()?;
        }
        self.buffer.clear();
        record::write(self.next, encode, &mut self.buffer)?;
        if let Err(error) = (&*self.file).write_all(&self.buffer) {
            self.torn = true;
            drop(self.repair());
            return Err(error.into());
        }
        let (sequence, size) = (self.next, self.buffer.len() as u64);
        self.next += 1;
        self.bytes += size;
        Ok((sequence, size))
    }

    /// What must reach the disk for everything that is written so far to be there, and the last sequence of it.
    pub fn unsynced(&self) -> (Arc<File>, u64) {
        (self.file.clone(), self.next - 1)
    }

    /// What all files take together.
    pub fn bytes(&self) -> u64 {
        self.full.iter().map(|full| full.bytes).sum::<u64>() + self.bytes
    }

    /// Nobody needs the records up to `sequence` any more: deletes the files without others, but for the spare ones.
    pub fn release(&mut self, sequence: u64) {
        while self.full.len() > self.keep.spare_files {
            let Some(Full { path, .. }) = self.full.pop_front_if(|full| full.last <= sequence) else { return };
            // A file that stays is read again at the next start.
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(%error, path = %path.display(), "a journal file that is done with cannot be deleted");
            }
        }
    }

    fn rotate(&mut self) -> io::Result<()> {
        if self.keep.on_disk {
            // Who waits for the disk waits for the new file only.
            self.file.sync_data()?;
        }
        let (path, file) = create(&self.dir, self.next, self.keep.on_disk)?;
        let path = std::mem::replace(&mut self.path, path);
        self.full.push_back(Full { path, last: self.next - 1, bytes: self.bytes });
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

fn create(dir: &Path, first: u64, on_disk: bool) -> io::Result<(PathBuf, Arc<File>)> {
    let path = segment::path(dir, first);
    let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path)?;
    if on_disk {
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
