//! One process per data directory, and none where a restore is not finished.

use anyhow::{Context as _, bail};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// A file in the data directory for as long as something is being restored into it: what will be written.
pub const RESTORING: &str = "restoring";

/// Held while the process uses the data directory; the system releases it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Creates the directory if need be and takes its lock.
///
/// # Errors
/// If another process holds it, or the directory cannot be written to.
pub fn take(data_dir: &Path) -> anyhow::Result<Lock> {
    let shown = data_dir.display();
    // Others on this machine have no business in it: password hashes and sealed keys are in the files.
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data_dir)
        .with_context(|| format!("the data directory {shown} cannot be created"))?;
    let mode = data_dir.metadata().map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 != 0 {
        // Not changed by us: the directory may hold other things that others need.
        tracing::warn!("others on this machine can look into the data directory {shown}: run chmod 700 {shown}");
    }
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data_dir.join("lock"))
        .with_context(|| format!("the data directory {shown} cannot be written to"))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => bail!(
            "another perpetuo process uses the data directory {shown}: stop it, or choose another directory with --data-dir"
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("the data directory {shown} cannot be locked"))
        }
    }
}

/// Whether a process holds the lock now.
pub fn is_held(data_dir: &Path) -> bool {
    let file = OpenOptions::new().write(true).open(data_dir.join("lock"));
    file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Says what a restore is going to write.
///
/// # Errors
/// If it cannot be written down.
pub fn begin_restore(data_dir: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let mark = data_dir.join(RESTORING);
    let written = serde_json::to_vec(files).map_err(std::io::Error::from).and_then(|text| {
        fs::write(&mark, text)?;
        File::open(&mark)?.sync_all()
    });
    written.with_context(|| format!("{} cannot be written", mark.display()))
}

/// What a restore that was interrupted was going to write.
///
/// # Errors
/// If it cannot be read.
pub fn interrupted_restore(data_dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mark = data_dir.join(RESTORING);
    match fs::read(&mark) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(vec![]),
        // Nothing was written before it was whole.
        text => Ok(serde_json::from_slice(&text.with_context(|| format!("{} cannot be read", mark.display()))?)
            .unwrap_or_default()),
    }
}

/// Everything was written.
///
/// # Errors
/// If that cannot be noted.
pub fn end_restore(data_dir: &Path) -> anyhow::Result<()> {
    let mark = data_dir.join(RESTORING);
    fs::remove_file(&mark).with_context(|| format!("{} cannot be removed", mark.display()))
}

/// Refuses a data directory into which something is only half restored.
///
/// # Errors
/// One sentence that says what to run.
pub fn refuse_half_restored(data_dir: &Path) -> anyhow::Result<()> {
    if data_dir.join(RESTORING).exists() {
        bail!(
            "a restore into {} was interrupted, and part of the data is missing: run `perpetuo restore` again",
            data_dir.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_turned_away_until_the_first_has_ended() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("new");
        let first = take(&data).unwrap();
        assert!(is_held(&data));
        let refused = take(&data).unwrap_err().to_string();
        assert!(refused.contains("--data-dir") && !refused.contains('\n'), "{refused}");
        drop(first);
        assert!(!is_held(&data));
        take(&data).unwrap();
        let mode = std::fs::metadata(&data).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "nobody else may look into it");
    }
}
