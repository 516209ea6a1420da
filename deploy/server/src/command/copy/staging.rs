//! A copy of the files, which can be changed: what the journal still holds is folded into it, and the bytes of exports become
//! rows. The files themselves stay as they are.

use crate::command::backup::JOURNAL;
use crate::roles::Roles;
use crate::settings::Settings;
use crate::{say, tables};
use anyhow::{Context as _, bail};
use proto::Role;
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use store::{Backend, Db, Schema};
use usage_metering::offline;

/// Beside the files: they fit there once, so that they fit twice is not much to ask.
const DIR: &str = "copying";

/// The copy. Its files vanish with it.
pub struct Staging {
    dir: PathBuf,
    dbs: Vec<(Role, Schema, Db)>,
}

impl Staging {
    /// Of the data directory in these settings, which nobody else uses.
    ///
    /// # Errors
    /// If a file is missing, cannot be copied, or the journal is damaged.
    pub async fn of(from: &Settings) -> anyhow::Result<Self> {
        let mut staging = Self { dir: from.data_dir.join(DIR), dbs: vec![] };
        // Of a run that was killed.
        staging.remove();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(staging.dir.join(JOURNAL));
        made.with_context(|| format!("{} cannot be created", staging.dir.display()))?;
        let backend = Backend::Sqlite { dir: staging.dir.clone() };
        for (role, schema) in tables::of(&Roles::default()) {
            staging.take(&from.data_dir, schema.name)?;
            let db = Db::open(&backend, &schema)?;
            db.migrate().await.with_context(|| format!("the tables of {role} cannot be brought up to date"))?;
            staging.dbs.push((role, schema, db));
        }
        copy_all(&from.data_dir.join(JOURNAL), &staging.dir.join(JOURNAL))?;
        for (_, _, db) in staging.dbs.iter().filter(|(role, ..)| *role == Role::UsageMetering) {
            let folded =
                offline::fold(db, &staging.dir, &from.usage).await.context("the usage journal cannot be read")?;
            if folded > 0 {
                say::line(&format!(
                    "{folded} records of the usage journal were not in the tables yet: they are copied too"
                ));
            }
            let exports = offline::keep_exports(db, &from.data_dir).await?;
            if exports > 0 {
                say::line(&format!("{exports} exports are files: their bytes become rows"));
            }
        }
        Ok(staging)
    }

    /// The tables of each role.
    pub fn dbs(&self) -> impl Iterator<Item = (Role, &Schema, &Db)> {
        self.dbs.iter().map(|(role, schema, db)| (*role, schema, db))
    }

    /// Lets go of the files.
    pub async fn close(self) {
        for (_, _, db) in &self.dbs {
            db.close().await;
        }
    }

    /// A file, and the log beside it in which a killed process has left its last transactions.
    fn take(&self, data: &Path, name: &str) -> anyhow::Result<()> {
        let file = data.join(format!("{name}.db"));
        if !file.exists() {
            bail!("{} is missing: start perpetuo once on {}, and stop it", file.display(), data.display());
        }
        for ending in ["db", "db-wal"] {
            let from = data.join(format!("{name}.{ending}"));
            match fs::copy(&from, self.dir.join(format!("{name}.{ending}"))) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                copied => drop(copied.with_context(|| format!("{} cannot be copied", from.display()))?),
            }
        }
        Ok(())
    }

    fn remove(&self) {
        if let Err(error) = fs::remove_dir_all(&self.dir)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, dir = %self.dir.display(), "a copy that is not needed any more cannot be deleted");
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        self.remove();
    }
}

fn copy_all(from: &Path, to: &Path) -> anyhow::Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("{} cannot be read", from.display()))?,
    };
    for entry in entries {
        let path = entry?.path();
        if let Some(name) = path.file_name() {
            fs::copy(&path, to.join(name)).with_context(|| format!("{} cannot be copied", path.display()))?;
        }
    }
    Ok(())
}
