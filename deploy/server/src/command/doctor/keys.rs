//! Are the keys there, and can nobody else read them?

use super::Findings;
use crate::keys;
use crate::roles::Roles;
use crate::settings::Settings;
use host::peer;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use store::seal::MasterKey;

/// The master key and the keys of the roles. The master key, if the roles need it and it is there.
pub fn check(settings: &Settings, roles: &Roles, findings: &mut Findings) -> Option<MasterKey> {
    let embedded = settings.is_embedded(roles);
    if !embedded {
        peer_keys(settings, roles, findings);
    }
    if !roles.has_sealed_values() {
        return None;
    }
    let file = keys::master_file(settings);
    if embedded {
        match keys::is_first_start(settings) {
            Ok(false) => {}
            Ok(true) => {
                findings.ok("master key", "none yet: the first `perpetuo serve` makes it".to_owned());
                return None;
            }
            Err(error) => {
                findings.fail("master key", format!("{error:#}"));
                return None;
            }
        }
    }
    match keys::master(settings) {
        Err(error) => {
            findings.fail("master key", format!("{error:#}"));
            None
        }
        Ok(key) => {
            let others = keys::previous_files(settings).unwrap_or_default();
            match file.into_iter().chain(others).find_map(|file| problem(&file)) {
                Some(problem) => findings.fail("master key", problem),
                None => findings.ok("master key", format!("fingerprint {}", key.fingerprint())),
            }
            Some(key)
        }
    }
}

fn peer_keys(settings: &Settings, roles: &Roles, findings: &mut Findings) {
    let dir = settings.peer_keys_dir();
    if let Err(error) = peer::Keys::load(&dir, roles.as_slice()) {
        findings.fail("keys of the roles", error.to_string());
        return;
    }
    match roles.iter().find_map(|role| problem(&dir.join(format!("{role}.key")))) {
        Some(problem) => findings.fail("keys of the roles", problem),
        None => findings.ok("keys of the roles", format!("in {}", dir.display())),
    }
}

/// Who can read a key that should not. A group that this process is in may: Kubernetes gives secrets to the group of the pod
/// (`fsGroup`), with root as their owner.
pub fn problem(file: &Path) -> Option<String> {
    let about = fs::metadata(file).ok()?;
    (!is_private(about.mode(), about.gid(), &groups()))
        .then(|| format!("others can read or change {0}: run `chmod go= {0}`", file.display()))
}

/// Whether its owner alone, or one of our groups, can read it, and nobody else can change it.
fn is_private(mode: u32, group: u32, own: &[u32]) -> bool {
    let group_may_read = own.contains(&group);
    mode & 0o037 == 0 && (mode & 0o040 == 0 || group_may_read)
}

/// The groups of this process.
fn groups() -> Vec<u32> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter_map(|line| line.strip_prefix("Gid:").or_else(|| line.strip_prefix("Groups:")));
    lines.flat_map(str::split_whitespace).filter_map(|group| group.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_that_everybody_can_read_is_told_with_the_command_that_closes_it() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings { data_dir: dir.path().to_owned(), ..Settings::default() };
        let mut findings = Findings::default();
        assert!(check(&settings, &Roles::default(), &mut findings).is_none());
        keys::master_or_first(&settings).unwrap();
        assert!(check(&settings, &Roles::default(), &mut findings).is_some());
        assert!(findings.problems().is_empty());
        let file = dir.path().join("keys/master.key");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        check(&settings, &Roles::default(), &mut findings);
        assert!(findings.problems()[0].contains("chmod go="), "{:?}", findings.problems());
    }

    #[test]
    fn a_group_of_ours_may_read_a_key_and_nobody_else_may() {
        for mode in [0o400, 0o600, 0o440, 0o640] {
            assert!(is_private(mode, 2000, &[0, 2000]), "{mode:o}");
        }
        assert!(is_private(0o600, 3000, &[2000]) && !is_private(0o440, 3000, &[2000]), "another group");
        for mode in [0o444, 0o644, 0o604, 0o660, 0o620, 0o602, 0o641] {
            assert!(!is_private(mode, 2000, &[2000]), "{mode:o}");
        }
        assert!(!groups().is_empty());
    }

    #[test]
    fn separate_processes_miss_their_keys_with_a_hint() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings { data_dir: dir.path().to_owned(), ..Settings::default() };
        settings.database.url = Some("postgres://localhost/x".into());
        let mut findings = Findings::default();
        check(&settings, &"identity".parse().unwrap(), &mut findings);
        assert_eq!(findings.problems().len(), 2);
        assert!(findings.problems().iter().all(|text| text.contains("perpetuo keys generate")));
    }
}
