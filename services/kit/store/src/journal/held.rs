//! What is in a journal now, while its owner writes?

use super::segment;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// A file of a journal, as long as it was when it was looked at; it stays readable when its owner deletes it.
#[derive(Debug)]
pub struct Held {
    name: PathBuf,
    file: File,
    bytes: u64,
}

/// Holds every file of the journal in `dir`, the oldest first. Errors: it cannot be read.
pub fn hold(dir: &Path) -> io::Result<Vec<Held>> {
    let mut all = vec![];
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(all),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let Some(name) = path.file_name().filter(|_| segment::first(&path).is_some()) else { continue };
        match File::open(&path) {
            Ok(file) => all.push(Held { name: name.into(), bytes: file.metadata()?.len(), file }),
            // Its owner needs it no more.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

impl Held {
    /// Writes what it held into `dir`, for its owner alone, and says where. Errors: the disk.
    pub fn write(self, dir: &Path) -> io::Result<PathBuf> {
        let path = dir.join(&self.name);
        let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        io::copy(&mut self.file.take(self.bytes), &mut copy)?;
        copy.sync_all()?;
        Ok(path)
    }
}
