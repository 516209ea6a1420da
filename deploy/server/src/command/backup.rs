//! `perpetuo backup`: the embedded store as it is at one instant, while it runs.

pub mod manifest;

use crate::cli::Source;
use crate::cli::move_data::Backup;
use crate::roles::Roles;
use crate::settings::Settings;
use crate::{keys, lock, say, tables};
use anyhow::{Context as _, bail};
use host::Clock;
use manifest::Manifest;
use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{Db, journal, snapshot};

/// The folder of the usage journal in a data directory, and in a backup.
pub const JOURNAL: &str = "ledger";
/// The folder of the files of exports.
pub const EXPORTS: &str = "exports";

/// Writes the backup, and says what is in it and what is not.
pub async fn run(source: &Source, flags: &Backup) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    if settings.database.url.is_some() {
        bail!(
            "the records are in PostgreSQL, which has tools of its own: deploy/backup/README.md shows them. This command \
             copies what is embedded in files; leave database.url (DATABASE_URL) out if that is meant"
        );
    }
    lock::refuse_half_restored(&settings.data_dir)?;
    let clock = Clock::system();
    let began = clock.now();
    let dbs = open(&settings).await?;
    // Where nobody runs, nobody starts in between.
    let data = &settings.data_dir;
    let _lock = if lock::is_held(data) { None } else { Some(lock::take(data)?) };
    create(&flags.to)?;
    let files = write(&settings, &dbs, &flags.to).await?;
    for db in dbs {
        db.close().await;
    }
    let ring: Vec<_> =
        keys::master(&settings).map(|ring| ring.each().map(|key| key.fingerprint()).collect()).unwrap_or_default();
    Manifest::of(&flags.to, &files, began, ring.clone())?.write(&flags.to)?;
    say::line(&format!("wrote {} files to {}, checked", files.len(), flags.to.display()));
    let key = if ring.is_empty() { String::new() } else { format!(" (master key {})", ring.join(", ")) };
    say::line(&format!(
        "The keys{key} are not in it, nor are letters in mail/: keep a copy of {} elsewhere, without it nothing that was \
         sealed can be read again.",
        settings.keys_dir().display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// The files of all services, those first that call others.
async fn open(settings: &Settings) -> anyhow::Result<Vec<Db>> {
    let mut dbs = vec![];
    for (_, schema) in tables::of(&Roles::default()).into_iter().rev() {
        dbs.push(tables::up_to_date(settings, &schema).await?);
    }
    Ok(dbs)
}

/// Errors: something is there already.
fn create(dir: &Path) -> anyhow::Result<()> {
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty: give a new directory", dir.display());
    }
    private_dir(dir)
}

/// Everything but the manifest: paths in the backup.
async fn write(settings: &Settings, dbs: &[Db], to: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let ledger = settings.data_dir.join(JOURNAL);
    // What is promised in the journal and not in the tables yet belongs to the same instant.
    let (pinned, held) = snapshot::take(dbs, to, || journal::hold(&ledger)).await?;
    let held = held.with_context(|| format!("the usage journal {} cannot be read", ledger.display()))?;
    let mut files = vec![];
    if !held.is_empty() {
        private_dir(&to.join(JOURNAL))?;
    }
    for file in held {
        files.push(file.write(&to.join(JOURNAL)).context("the usage journal cannot be copied")?);
    }
    for file in pinned {
        let copy = file.write().await?;
        say::line(&format!("{}: {} rows", name(&copy.file), copy.rows));
        files.push(copy.file);
    }
    files.extend(exports(&settings.data_dir.join(EXPORTS), &to.join(EXPORTS))?);
    Ok(files)
}

/// The files of exports. One that is deleted meanwhile was deleted by somebody, or its time was over.
fn exports(from: &Path, to: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
        entries => entries.with_context(|| format!("{} cannot be read", from.display()))?,
    };
    let mut files = vec![];
    for entry in entries {
        let entry = entry?;
        private_dir(to)?;
        let copy = to.join(entry.file_name());
        let copied = match entry.file_type() {
            // Not ours.
            Ok(kind) if !kind.is_file() => continue,
            Ok(_) => fs::copy(entry.path(), &copy).and_then(|_| File::open(&copy)?.sync_all()),
            Err(error) => Err(error),
        };
        match copied {
            Ok(()) => files.push(copy),
            Err(error) if error.kind() == ErrorKind::NotFound => drop(fs::remove_file(&copy)),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be copied", entry.path().display())),
        }
    }
    Ok(files)
}

/// A directory that its owner alone can list.
pub fn private_dir(dir: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.with_context(|| format!("{} cannot be created", dir.display()))
}

fn name(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_exports_files_are_copied_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        assert!(exports(&from, &to).unwrap().is_empty());
        fs::create_dir_all(from.join("lost+found")).unwrap();
        fs::write(from.join("a.csv"), "a,b").unwrap();
        assert_eq!(exports(&from, &to).unwrap(), [to.join("a.csv")]);
        assert_eq!(fs::read(to.join("a.csv")).unwrap(), b"a,b");
        assert!(!to.join("lost+found").exists());
    }
}
