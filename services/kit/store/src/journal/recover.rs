//! What did the last process leave behind?

use super::{
    Error,
    append::Full,
    segment::{self, End},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What the journal held.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The last sequence that was taken over.
    pub last: u64,
    pub(super) files: Vec<Full>,
}

impl Recovered {
    /// Deletes the files: what they hold is elsewhere.
    pub fn remove(self) {
        for Full { path, .. } in self.files {
            // A file that stays is handed over again at the next start.
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(%error, path = %path.display(), "a journal file that is done with cannot be deleted");
            }
        }
    }
}

/// Hands the records after `position` to `take`, file by file in the order in which they were written, each time with
/// the sequence of the last one. Without a position everything that is there is handed over.
///
/// A torn end is cut: its record was never acknowledged.
///
/// # Errors
/// [`Error::Damaged`] when there is damage before an end, [`Error::Gap`] when records are missing, [`Error::Io`] when a
/// file cannot be read; what `take` says.
pub async fn recover<E: From<Error>>(
    dir: &Path,
    position: Option<u64>,
    mut take: impl AsyncFnMut(Vec<Vec<u8>>, u64) -> Result<(), E>,
) -> Result<Recovered, E> {
    fs::create_dir_all(dir).map_err(Error::from)?;
    let files = files(dir).map_err(Error::from)?;
    let oldest = || files.first().map_or(0, |(_, first)| first.saturating_sub(1));
    let mut recovered = Recovered { last: position.unwrap_or_else(oldest), files: vec![] };
    for (n, (path, first)) in files.iter().enumerate() {
        let bytes = fs::read(path).map_err(Error::from)?;
        let contents = segment::read(&bytes, *first);
        match contents.end {
            End::Whole => {}
            // Only the file that was being written can end in the middle of a record.
            End::Torn(at) if n + 1 == files.len() => cut(path, at).map_err(Error::from)?,
            End::Torn(at) | End::Damaged(at) => return Err(Error::Damaged { path: path.clone(), at }.into()),
        }
        let Some(end) = contents.records.last().map(|(sequence, _)| *sequence) else {
            // Its name is the one that the next file gets.
            fs::remove_file(path).map_err(Error::from)?;
            continue;
        };
        recovered.files.push(Full { path: path.clone(), last: end, bytes: bytes.len() as u64 });
        let next = recovered.last + 1;
        if *first > next {
            return Err(Error::Gap { dir: dir.to_owned(), last: recovered.last, next: *first }.into());
        }
        if end >= next {
            let new = contents.records.into_iter().filter(|(sequence, _)| *sequence >= next);
            take(new.map(|(_, payload)| payload.to_vec()).collect(), end).await?;
            recovered.last = end;
        }
    }
    Ok(recovered)
}

/// The last sequence that a journal holds, also while its owner writes; None where there is nothing.
/// Errors: the folder or its last file cannot be read.
pub fn last(dir: &Path) -> io::Result<Option<u64>> {
    if !dir.exists() {
        return Ok(None);
    }
    let files = files(dir)?;
    let Some((path, first)) = files.last() else { return Ok(None) };
    let bytes = fs::read(path)?;
    let records = segment::read(&bytes, *first).records;
    // A file without records begins where the one before ended.
    Ok(Some(records.last().map_or(first.saturating_sub(1), |(sequence, _)| *sequence)))
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
