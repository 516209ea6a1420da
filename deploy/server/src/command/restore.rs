//! `perpetuo restore`: a backup into a new data directory.

use super::backup::manifest::{Entry, Manifest};
use super::backup::private_dir;
use crate::cli::Source;
use crate::cli::move_data::Restore;
use crate::roles::Roles;
use crate::settings::Settings;
use crate::{keys, lock, say, tables};
use anyhow::{Context as _, bail};
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{Backend, Db, snapshot};

/// Checks the backup, writes it, and checks what was written.
pub async fn run(source: &Source, flags: &Restore) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    if settings.database.url.is_some() {
        bail!(
            "a backup of files is restored into files, and database.url (DATABASE_URL) is set: leave it out, and move what \
             is there then with `perpetuo copy`"
        );
    }
    let manifest = Manifest::read(&flags.from)?;
    let data = &settings.data_dir;
    let _lock = lock::take(data)?;
    clear(data)?;
    let paths: Vec<_> = manifest.files.iter().map(|entry| entry.path.clone()).collect();
    lock::begin_restore(data, &paths)?;
    for entry in &manifest.files {
        copy(entry, &flags.from, data).with_context(|| format!("{} was not restored", entry.path.display()))?;
    }
    check(data).await?;
    lock::end_restore(data)?;
    say::line(&format!(
        "restored {} files into {}: what was answered before {} is there",
        paths.len(),
        data.display(),
        manifest.began_at.format("%Y-%m-%d %H:%M:%S UTC")
    ));
    say::line(&next(&settings, &manifest)?);
    Ok(ExitCode::SUCCESS)
}

/// Only keys may be there before; and what a restore has written that was interrupted goes.
fn clear(data: &Path) -> anyhow::Result<()> {
    for path in lock::interrupted_restore(data)? {
        match fs::remove_file(data.join(&path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} cannot be removed", path.display()));
            }
            _ => {}
        }
        // Made by it, too. One that has something else in it stays, and is found below.
        if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            drop(fs::remove_dir(data.join(dir)));
        }
    }
    let entries = fs::read_dir(data).with_context(|| format!("{} cannot be read", data.display()))?;
    for entry in entries {
        let name = entry?.file_name();
        if !["lock", "keys", lock::RESTORING].iter().any(|known| name == *known) {
            bail!(
                "the data directory {} is not empty, {} is in it: give a new one with --data-dir",
                data.display(),
                name.display()
            );
        }
    }
    Ok(())
}

fn copy(entry: &Entry, from: &Path, data: &Path) -> anyhow::Result<()> {
    let to = data.join(&entry.path);
    if let Some(dir) = to.parent() {
        private_dir(dir)?;
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    entry.restore(from, &file)?;
    Ok(file.sync_all()?)
}

/// Whether this release can work with every file.
async fn check(data: &Path) -> anyhow::Result<()> {
    let backend = Backend::Sqlite { dir: data.to_owned() };
    for (role, schema) in tables::of(&Roles::default()) {
        let file: PathBuf = data.join(format!("{}.db", schema.name));
        if !file.exists() {
            bail!("the backup has no {}.db: it is not whole", schema.name);
        }
        let db = Db::open(&backend, &schema)?;
        // Of an earlier release: the next start brings it up to date.
        db.pending().await.with_context(|| format!("the tables of {role} cannot be used"))?;
        snapshot::check(&db).await?;
        db.close().await;
    }
    Ok(())
}

/// What to do about the keys.
fn next(settings: &Settings, manifest: &Manifest) -> anyhow::Result<String> {
    let dir = settings.keys_dir();
    let serve = format!("perpetuo serve --data-dir {}", settings.data_dir.display());
    let Some(wanted) = &manifest.master_key else { return Ok(format!("Next: {serve}")) };
    let there = keys::master_file(settings).is_none_or(|file| file.exists());
    if !there {
        return Ok(format!(
            "Next: put the keys of the installation into {} (its master key has the fingerprint {wanted}{}), then {serve}",
            dir.display(),
            beside(&manifest.previous_master_keys)
        ));
    }
    let found: Vec<_> = keys::master(settings)?.each().map(|key| key.fingerprint()).collect();
    let missing: Vec<_> = manifest.previous_master_keys.iter().filter(|key| !found.contains(key)).cloned().collect();
    if !found.contains(wanted) {
        bail!(
            "the data is restored, and the master key in {} is another one ({}): it has to be the one with the \
             fingerprint {wanted}{}",
            dir.display(),
            found.join(", "),
            beside(&missing)
        );
    }
    if missing.is_empty() {
        return Ok(format!("The master key is there. Next: {serve}"));
    }
    // Perhaps nothing needed them any more, and they were taken away since.
    Ok(format!(
        "The master key is there, and of those beside it these are missing: {}. `perpetuo doctor --data-dir {}` says \
         whether something was sealed by them. Next: {serve}",
        missing.join(", "),
        settings.data_dir.display()
    ))
}

/// Old master keys, for people.
fn beside(keys: &[String]) -> String {
    if keys.is_empty() { String::new() } else { format!(", and beside it {}", keys.join(", ")) }
}
