//! The keys of a process: where they come from, and when they may be made.

use crate::settings::Settings;
use anyhow::{Context as _, anyhow, bail};
use proto::Role;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use store::seal::MasterKey;

/// The name of the master key in a directory of keys.
const MASTER: &str = "master.key";

/// The file that the master key is read from; `None` if the settings hold the key itself.
pub fn master_file(settings: &Settings) -> Option<PathBuf> {
    let file = || settings.keys.master_file.clone().unwrap_or_else(|| settings.keys_dir().join(MASTER));
    settings.keys.master.is_none().then(file)
}

/// The master key, which also opens what the others that are there have sealed.
///
/// # Errors
/// If one is missing or is no key: one sentence that says what to run.
pub fn master(settings: &Settings) -> anyhow::Result<MasterKey> {
    let first = match master_file(settings) {
        Some(file) => read(&file)?,
        None => {
            let text = settings.keys.master.as_ref().map(host::config::Secret::expose).unwrap_or_default();
            MasterKey::from_hex(text).map_err(|_| malformed("keys.master"))?
        }
    };
    let others = previous_files(settings)?;
    Ok(first.beside(others.iter().map(|file| read(file)).collect::<anyhow::Result<Vec<_>>>()?))
}

/// The files of master keys that only open: those that are listed, and `master.key.1` and the like beside the master key.
///
/// # Errors
/// If the directory cannot be read.
pub fn previous_files(settings: &Settings) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = vec![];
    if let Some(file) = master_file(settings)
        && let (Some(dir), Some(name)) = (file.parent(), file.file_name().and_then(|name| name.to_str()))
        && dir.is_dir()
    {
        let entries = fs::read_dir(dir).with_context(|| format!("the keys in {} cannot be read", dir.display()))?;
        for entry in entries {
            let path = entry.with_context(|| format!("the keys in {} cannot be read", dir.display()))?.path();
            let number =
                path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_prefix(name)?.strip_prefix('.'));
            if let Some(number) = number.and_then(|number| number.parse::<u32>().ok()) {
                found.push((number, path));
            }
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).chain(settings.keys.previous_master_files.iter().cloned()).collect())
}

/// Writes a new master key into a new file.
///
/// # Errors
/// If the file is there already, or cannot be written.
pub fn new_master(file: &Path) -> anyhow::Result<MasterKey> {
    let key = MasterKey::generate();
    write_private(file, key.to_hex().as_bytes())?;
    Ok(key)
}

fn malformed(place: &str) -> anyhow::Error {
    anyhow!("{place} is no master key: it must hold 64 hexadecimal digits")
}

fn read(file: &Path) -> anyhow::Result<MasterKey> {
    match fs::read_to_string(file) {
        Ok(text) => MasterKey::from_hex(&text).map_err(|_| malformed(&file.display().to_string())),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "there is no master key at {}: put the one there with which the data was made, or for a new installation \
             run `perpetuo keys generate --dir DIR` and set keys.dir",
            file.display()
        ),
        Err(error) => Err(error).with_context(|| format!("the master key {} cannot be read", file.display())),
    }
}

/// The master key of the embedded mode, where the first start makes it.
///
/// # Errors
/// As [`master`] and [`is_first_start`].
pub fn master_or_first(settings: &Settings) -> anyhow::Result<MasterKey> {
    if !is_first_start(settings)? {
        return master(settings);
    }
    let key = MasterKey::generate();
    write_private(&settings.keys_dir().join(MASTER), key.to_hex().as_bytes())?;
    Ok(key)
}

/// Whether the embedded mode has neither a key nor data yet, and may make a key.
///
/// # Errors
/// If there is data but no key: a new one would open nothing of it.
pub fn is_first_start(settings: &Settings) -> anyhow::Result<bool> {
    let own = settings.keys_dir().join(MASTER);
    if master_file(settings).as_ref() != Some(&own) {
        return Ok(false);
    }
    // A key that this user may not see is no missing key.
    if own.try_exists().with_context(|| format!("the master key {} cannot be read", own.display()))? {
        return Ok(false);
    }
    match database_in(&settings.data_dir)? {
        None => Ok(true),
        Some(data) => bail!(
            "{} was sealed with a master key that is not at {}: restore the key from where you keep it, \
             or move the data away to begin anew",
            data.display(),
            own.display()
        ),
    }
}

/// What `perpetuo keys generate` made.
pub enum Made {
    /// Everything.
    All,
    /// What a newer release has beside what was there.
    Roles(Vec<Role>),
}

/// Makes a master key and the keys of all roles. Beside a master key that is there, only keys of roles that nobody has a
/// trace of: a later release has more roles, and no key that is there may be replaced.
///
/// # Errors
/// If all of it is there already, or it cannot be written.
pub fn generate(dir: &Path) -> anyhow::Result<Made> {
    let (master, peers) = (dir.join(MASTER), dir.join("peers"));
    if !master.exists() {
        host::peer::Keys::generate(&peers, Role::ALL)?;
        write_private(&master, MasterKey::generate().to_hex().as_bytes())?;
        return Ok(Made::All);
    }
    let is_there = |role: &Role| ["key", "pub"].iter().any(|end| peers.join(format!("{role}.{end}")).exists());
    let missing: Vec<Role> = Role::ALL.iter().copied().filter(|role| !is_there(role)).collect();
    if missing.is_empty() {
        bail!("{} is there already, and data may depend on it: choose a new directory", master.display());
    }
    host::peer::Keys::generate(&peers, &missing)?;
    Ok(Made::Roles(missing))
}

/// A database file in the data directory, if there is one.
fn database_in(dir: &Path) -> anyhow::Result<Option<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        entries => entries.with_context(|| format!("the data directory {} cannot be read", dir.display()))?,
    };
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(files.find(|path| path.extension().is_some_and(|ending| ending == "db")))
}

/// Writes a new file that its owner alone can read, in a directory that its owner alone can list.
fn write_private(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let problem = || format!("the key {} cannot be written", file.display());
    if let Some(dir) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).with_context(problem)?;
    }
    let mut open = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).with_context(problem)?;
    open.write_all(bytes).and_then(|()| open.write_all(b"\n")).with_context(problem)?;
    // A key that a power cut takes away takes all sealed data with it.
    open.sync_all().with_context(problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn settings(dir: &Path) -> Settings {
        Settings { data_dir: dir.to_owned(), ..Settings::default() }
    }

    #[test]
    fn the_first_start_makes_a_key_that_only_its_owner_can_read_and_the_next_one_uses_it() {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path());
        let made = master_or_first(&settings).unwrap();
        assert_eq!(master_or_first(&settings).unwrap().fingerprint(), made.fingerprint());
        assert_eq!(master(&settings).unwrap().fingerprint(), made.fingerprint());
        let mode = |path: &str| fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("keys"), mode("keys/master.key")), (0o700, 0o600));
    }

    #[test]
    fn keys_of_new_roles_are_added_and_no_other_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(generate(dir.path()), Ok(Made::All)));
        assert!(generate(dir.path()).is_err(), "all of it is there");
        let peer = |name: &str| dir.path().join("peers").join(name);
        let before = (fs::read(peer("edge.key")).unwrap(), fs::read(dir.path().join(MASTER)).unwrap());
        fs::remove_file(peer("billing.key")).unwrap();
        assert!(generate(dir.path()).is_err(), "another process has the private key");
        fs::remove_file(peer("billing.pub")).unwrap();
        assert!(matches!(generate(dir.path()), Ok(Made::Roles(roles)) if roles == [Role::Billing]));
        assert!(peer("billing.key").exists() && peer("billing.pub").exists());
        assert_eq!((fs::read(peer("edge.key")).unwrap(), fs::read(dir.path().join(MASTER)).unwrap()), before);
    }

    #[test]
    fn data_without_its_key_is_never_given_a_new_one() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("workspace.db"), "").unwrap();
        let refused = master_or_first(&settings(dir.path())).unwrap_err().to_string();
        assert!(refused.contains("workspace.db") && refused.contains("master.key"), "{refused}");
        assert!(!dir.path().join("keys").exists());
    }

    #[test]
    fn a_key_that_cannot_be_looked_for_is_not_called_missing() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("workspace.db"), "").unwrap();
        // In place of a directory that belongs to somebody else: root, who may run this, may enter those.
        fs::write(dir.path().join("keys"), "").unwrap();
        let refused = format!("{:#}", master_or_first(&settings(dir.path())).unwrap_err());
        assert!(refused.contains("cannot be read") && !refused.contains("restore"), "{refused}");
    }

    #[test]
    fn a_missing_key_is_told_with_the_command_that_makes_one() {
        let dir = tempfile::tempdir().unwrap();
        let refused = master(&settings(dir.path())).unwrap_err().to_string();
        assert!(refused.contains("perpetuo keys generate") && !refused.contains('\n'), "{refused}");
        let mut elsewhere = settings(dir.path());
        elsewhere.keys.master_file = Some(dir.path().join("gone.key"));
        assert!(master_or_first(&elsewhere).unwrap_err().to_string().contains("gone.key"));
    }

    #[test]
    fn keys_beside_the_master_key_and_those_that_are_listed_open_too() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(dir.path());
        let first = master_or_first(&settings).unwrap();
        let keys = dir.path().join("keys");
        let tenth = new_master(&keys.join("master.key.10")).unwrap();
        let second = new_master(&keys.join("master.key.2")).unwrap();
        let listed = new_master(&dir.path().join("old.key")).unwrap();
        fs::write(keys.join("master.key.bak"), "no key").unwrap();
        settings.keys.previous_master_files = vec![dir.path().join("old.key")];
        let ring: Vec<_> = master(&settings).unwrap().each().map(|key| key.fingerprint()).collect();
        assert_eq!(ring, [first, second, tenth, listed].map(|key| key.fingerprint()));
        assert!(new_master(&keys.join("master.key.2")).is_err(), "it is not overwritten");
        settings.keys.previous_master_files = vec!["gone.key".into()];
        assert!(master(&settings).unwrap_err().to_string().contains("gone.key"));
    }

    #[test]
    fn what_is_no_key_is_refused_without_repeating_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(dir.path());
        settings.keys.master = Some("hunter2".into());
        let refused = master(&settings).unwrap_err().to_string();
        assert!(refused.contains("64 hexadecimal digits") && !refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn generated_keys_are_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys");
        generate(&keys).unwrap();
        let before = fs::read(keys.join("master.key")).unwrap();
        assert!(generate(&keys).is_err());
        assert_eq!(fs::read(keys.join("master.key")).unwrap(), before);
    }
}
