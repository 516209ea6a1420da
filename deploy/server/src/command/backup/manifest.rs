//! What is in a backup, so that whoever restores it knows that it is all there and unchanged.

use anyhow::{Context as _, bail, ensure};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Component, Path, PathBuf};

/// Its file. It is written last: a directory without one is no backup.
pub const FILE: &str = "manifest.json";
/// Another format will have another number.
const FORMAT: u32 = 1;

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: u32,
    /// The release that has written it.
    pub release: String,
    /// What had been answered before is in it.
    pub began_at: DateTime<Utc>,
    /// The fingerprint of the master key, which tells it from others and nothing about it.
    pub master_key: Option<String>,
    /// Every other file.
    pub files: Vec<Entry>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Below the directory of the backup.
    pub path: PathBuf,
    bytes: u64,
    sha256: String,
}

impl Manifest {
    /// Of files below `dir`.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn of(
        dir: &Path,
        files: &[PathBuf],
        began_at: DateTime<Utc>,
        master_key: Option<String>,
    ) -> anyhow::Result<Self> {
        let mut entries = vec![];
        for file in files {
            let (bytes, sha256) = digest(file).with_context(|| format!("{} cannot be read", file.display()))?;
            entries.push(Entry { path: file.strip_prefix(dir)?.to_owned(), bytes, sha256 });
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        let release = env!("CARGO_PKG_VERSION").to_owned();
        Ok(Self { format: FORMAT, release, began_at, master_key, files: entries })
    }

    /// Writes it into the directory of the backup, and waits for the disk.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, dir: &Path) -> anyhow::Result<()> {
        let path = dir.join(FILE);
        let text = serde_json::to_vec_pretty(self)?;
        let written = File::create_new(&path).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()?;
            File::open(dir)?.sync_all()
        });
        written.with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Reads the one in `dir`, and every file that it names.
    ///
    /// # Errors
    /// If there is none, or a file is missing or another one than was written.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join(FILE);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("{} has no {FILE}: it is no backup, or one that was never finished", dir.display())
            }
            text => text.with_context(|| format!("{} cannot be read", path.display()))?,
        };
        let manifest: Self =
            serde_json::from_slice(&text).with_context(|| format!("{} is not what was written", path.display()))?;
        ensure!(
            manifest.format == FORMAT,
            "the backup has the format {}, and this release knows {FORMAT}: restore it with the release {}",
            manifest.format,
            manifest.release
        );
        for entry in &manifest.files {
            entry.check(dir)?;
        }
        Ok(manifest)
    }
}

impl Entry {
    fn check(&self, dir: &Path) -> anyhow::Result<()> {
        let shown = self.path.display();
        // It says where files are written.
        let is_below = self.path.components().all(|part| matches!(part, Component::Normal(_)));
        ensure!(is_below && !self.path.as_os_str().is_empty(), "the backup names a file outside of it: {shown}");
        let file = dir.join(&self.path);
        let (bytes, sha256) =
            digest(&file).with_context(|| format!("{shown} of the backup cannot be read: use another backup"))?;
        ensure!(
            bytes == self.bytes && sha256 == self.sha256,
            "{shown} of the backup is damaged: it is not the file that was written. Use another backup"
        );
        Ok(())
    }
}

fn digest(file: &Path) -> io::Result<(u64, String)> {
    let mut sum = Sha256::new();
    let bytes = io::copy(&mut File::open(file)?, &mut Sum(&mut sum))?;
    Ok((bytes, hex::encode(sum.finalize())))
}

struct Sum<'a>(&'a mut Sha256);

impl io::Write for Sum<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup() -> (tempfile::TempDir, Manifest) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("ledger")).unwrap();
        let files = ["usage.db", "ledger/1.journal"].map(|name| dir.path().join(name));
        files.iter().for_each(|file| fs::write(file, "something").unwrap());
        let manifest = Manifest::of(dir.path(), &files, DateTime::UNIX_EPOCH, Some("ab".into())).unwrap();
        manifest.write(dir.path()).unwrap();
        (dir, manifest)
    }

    #[test]
    fn what_was_written_is_read_again() {
        let (dir, manifest) = backup();
        assert_eq!(Manifest::read(dir.path()).unwrap(), manifest);
        assert!(manifest.write(dir.path()).is_err(), "a finished backup is not overwritten");
    }

    #[test]
    fn a_changed_a_missing_and_a_strange_file_are_named() {
        let (dir, mut manifest) = backup();
        fs::write(dir.path().join("usage.db"), "somethinG").unwrap();
        assert!(Manifest::read(dir.path()).unwrap_err().to_string().contains("usage.db"));
        fs::remove_file(dir.path().join("usage.db")).unwrap();
        assert!(Manifest::read(dir.path()).unwrap_err().to_string().contains("usage.db"));
        fs::remove_file(dir.path().join(FILE)).unwrap();
        assert!(Manifest::read(dir.path()).unwrap_err().to_string().contains("never finished"));
        for strange in ["../outside", "/etc/passwd", ""] {
            manifest.files[0].path = strange.into();
            manifest.write(dir.path()).unwrap();
            assert!(Manifest::read(dir.path()).unwrap_err().to_string().contains("outside"), "{strange}");
            fs::remove_file(dir.path().join(FILE)).unwrap();
        }
    }

    #[test]
    fn a_later_format_is_left_to_its_release() {
        let (dir, mut manifest) = backup();
        fs::remove_file(dir.path().join(FILE)).unwrap();
        (manifest.format, manifest.release) = (2, "9.9.9".into());
        manifest.write(dir.path()).unwrap();
        assert!(Manifest::read(dir.path()).unwrap_err().to_string().contains("9.9.9"));
    }
}
