//! What did the last process leave behind?

use super::segment::{self, End};
use crate::{Error, event::Event};
use fail::fail_point;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What the journal held.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Recovered {
    /// The last sequence that is folded.
    pub last: u64,
    /// The files, each with its last sequence.
    pub files: Vec<(PathBuf, u64)>,
}

/// Hands the events after `position` to `fold`, file by file in the order in which they were written, each time with
/// the sequence of the last one.
///
/// A torn end is cut: its record was never acknowledged. Errors: [`Error::Damaged`] when there is damage before an
/// end, or records are missing; [`Error::Journal`] when a file cannot be read; what `fold` says.
pub(crate) async fn recover(
    dir: &Path,
    position: u64,
    mut fold: impl AsyncFnMut(Vec<Event>, u64) -> Result<(), Error>,
) -> Result<Recovered, Error> {
    fs::create_dir_all(dir).map_err(Error::Journal)?;
    let files = files(dir).map_err(Error::Journal)?;
    let mut recovered = Recovered { last: position, files: vec![] };
    for (n, (path, first)) in files.iter().enumerate() {
        let contents = segment::read(&fs::read(path).map_err(Error::Journal)?, *first);
        match contents.end {
            End::Whole => {}
            // Only the file that was being written can end in the middle of a record.
            End::Torn(at) if n + 1 == files.len() => cut(path, at).map_err(Error::Journal)?,
            End::Torn(at) | End::Damaged(at) => return Err(damaged(path, at)),
        }
        let Some(end) = contents.events.last().map(|(sequence, _)| *sequence) else {
            // Its name is the one that the next file gets.
            fs::remove_file(path).map_err(Error::Journal)?;
            continue;
        };
        recovered.files.push((path.clone(), end));
        let next = recovered.last + 1;
        if *first > next {
            return Err(gap(dir, recovered.last, *first));
        }
        if end >= next {
            let new = contents.events.into_iter().filter(|(sequence, _)| *sequence >= next);
            fold(new.map(|(_, event)| event).collect(), end).await?;
            fail_point!("usage::recover::folded");
            recovered.last = end;
        }
    }
    Ok(recovered)
}

fn cut(path: &Path, at: usize) -> io::Result<()> {
    fs::OpenOptions::new().write(true).open(path)?.set_len(at as u64)
}

fn files(dir: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if let Some(first) = segment::first(&path) {
            files.push((path, first));
        }
    }
    files.sort_by_key(|(_, first)| *first);
    Ok(files)
}

fn damaged(path: &Path, at: usize) -> Error {
    Error::Damaged(format!(
        "the usage journal {} is damaged at byte {at}, and records follow: restore it from a backup, or \
         move it out of the folder to go on without its records",
        path.display()
    ))
}

fn gap(dir: &Path, last: u64, next: u64) -> Error {
    Error::Damaged(format!(
        "the usage journal in {} begins with record {next}, but the database holds only {last}: restore the database \
         that belongs to it, or move the journal away to go on without its records",
        dir.display()
    ))
}
