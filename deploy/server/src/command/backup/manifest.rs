//! What is in a backup, so that whoever restores it knows that it is all there and unchanged.

use super::{EXPORTS, JOURNAL};
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
    /// Those of the keys beside it, which something may still need. Earlier releases have written none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_master_keys: Vec<String>,
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
    /// Of files below `dir`, and the fingerprints of the master keys, the one that seals first.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn of(
        dir: &Path,
        files: &[PathBuf],
        began_at: DateTime<Utc>,
        master_keys: Vec<String>,
    ) -> anyhow::Result<Self> {
        let mut entries = vec![];
        for file in files {
            let (bytes, sha256) =
                copy(file, io::sink()).with_context(|| format!("{} cannot be read", file.display()))?;
            entries.push(Entry { path: file.strip_prefix(dir)?.to_owned(), bytes, sha256 });
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        let release = env!("CARGO_PKG_VERSION").to_owned();
        let mut keys = master_keys.into_iter();
        let (master_key, previous_master_keys) = (keys.next(), keys.collect());
        Ok(Self { format: FORMAT, release, began_at, master_key, previous_master_keys, files: entries })
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
        // It says where files are written: a key among them would be another key.
        ensure!(is_of_a_backup(&self.path), "the backup names {shown}, which no backup has in it: use another backup");
        let read = copy(&dir.join(&self.path), io::sink());
        self.compare(&read.with_context(|| format!("{shown} of the backup cannot be read: use another backup"))?)
    }

    /// Writes it, from the directory of the backup, into `to`.
    ///
    /// # Errors
    /// If the disk fails, or other bytes came than were written once.
    pub fn restore(&self, dir: &Path, to: &File) -> anyhow::Result<()> {
        self.compare(&copy(&dir.join(&self.path), to)?)
    }

    fn compare(&self, (bytes, sha256): &(u64, String)) -> anyhow::Result<()> {
        ensure!(
            *bytes == self.bytes && *sha256 == self.sha256,
            "{} of the backup is damaged: it is not the file that was written. Use another backup",
            self.path.display()
        );
        Ok(())
    }
}

/// Tables, and what is in the folders of the journal and of exports.
fn is_of_a_backup(path: &Path) -> bool {
    let parts: Vec<_> = path.components().collect();
    match parts.as_slice() {
        [Component::Normal(_)] => path.extension().is_some_and(|ending| ending == "db"),
        [Component::Normal(dir), Component::Normal(_)] => *dir == JOURNAL || *dir == EXPORTS,
        _ => false,
    }
}

/// Copies a file, and says how many bytes went there and what their SHA-256 is.
fn copy(file: &Path, to: impl io::Write) -> io::Result<(u64, String)> {
    let mut to = Summed { sum: Sha256::new(), to };
    let bytes = io::copy(&mut File::open(file)?, &mut to)?;
    Ok((bytes, hex::encode(to.sum.finalize())))
}

struct Summed<W> {
    sum: Sha256,
    to: W,
}

impl<W: io::Write> io::Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
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
        let manifest = Manifest::of(dir.path(), &files, DateTime::UNIX_EPOCH, vec!["ab".into(), "cd".into()]).unwrap();
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
        let strange =
            ["../outside.db", "/etc/passwd", "", "keys/master.key", "lock", "ledger", "ledger/../keys", "a/b.db"];
        for strange in strange {
            manifest.files[0].path = strange.into();
            manifest.write(dir.path()).unwrap();
            assert!(Manifest::read(dir.path()).unwrap_err().to_string().contains("no backup has in it"), "{strange}");
            fs::remove_file(dir.path().join(FILE)).unwrap();
        }
    }

    #[test]
    fn what_changes_between_the_check_and_the_copy_is_found() {
        let (dir, manifest) = backup();
        let to = File::create_new(dir.path().join("restored")).unwrap();
        let entry = manifest.files.iter().find(|entry| entry.path == Path::new("usage.db")).unwrap();
        entry.restore(dir.path(), &to).unwrap();
        assert_eq!(fs::read(dir.path().join("restored")).unwrap(), b"something");
        fs::write(dir.path().join("usage.db"), "something else").unwrap();
        assert!(entry.restore(dir.path(), &to).unwrap_err().to_string().contains("usage.db of the backup is damaged"));
    }

    #[test]
    fn a_manifest_of_before_names_one_key() {
        let (dir, mut manifest) = backup();
        let path = dir.path().join(FILE);
        let mut text: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(text["previous_master_keys"], serde_json::json!(["cd"]));
        text.as_object_mut().unwrap().remove("previous_master_keys");
        fs::write(&path, text.to_string()).unwrap();
        manifest.previous_master_keys.clear();
        assert_eq!(Manifest::read(dir.path()).unwrap(), manifest);
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
