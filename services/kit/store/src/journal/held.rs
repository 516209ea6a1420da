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
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
        entries => entries?,
    };
    let mut names = vec![];
    for entry in entries {
        let path = entry?.path();
        names.extend(path.file_name().filter(|_| segment::first(&path).is_some()).map(PathBuf::from));
    }
    names.sort();
    // Only now is one opened: before its owner begins a file, the one before it is complete.
    let mut all = vec![];
    for name in names {
        match File::open(dir.join(&name)) {
            Ok(file) => all.push(Held { bytes: file.metadata()?.len(), name, file }),
            // Its owner needs it no more, and what is older even less.
            Err(error) if error.kind() == ErrorKind::NotFound => all.clear(),
            Err(error) => return Err(error),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn files_are_held_in_their_order_as_long_as_they_were() {
        let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert!(hold(&dir.path().join("gone")).unwrap().is_empty());
        for first in [30, 1, 200] {
            fs::write(segment::path(dir.path(), first), first.to_string()).unwrap();
        }
        fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        let held = hold(dir.path()).unwrap();
        let mut last = OpenOptions::new().append(true).open(segment::path(dir.path(), 200)).unwrap();
        last.write_all(b" and more").unwrap();
        fs::remove_file(segment::path(dir.path(), 1)).unwrap();
        let written: Vec<_> = held.into_iter().map(|file| file.write(copy.path()).unwrap()).collect();
        assert_eq!(written, [1, 30, 200].map(|first| segment::path(copy.path(), first)));
        let texts: Vec<_> = written.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        assert_eq!(texts, ["1", "30", "200"]);
    }
}
