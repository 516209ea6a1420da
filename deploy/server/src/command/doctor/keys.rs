//! Are the keys there, and can nobody else read them?

use super::Findings;
use crate::keys;
use crate::roles::Roles;
use crate::settings::Settings;
use host::peer;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
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
            match file.into_iter().chain(others).find(|file| others_can_read(file)) {
                Some(file) => {
                    findings.fail("master key", format!("others can read it: run `chmod go= {}`", file.display()));
                }
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
    let open = roles.iter().map(|role| dir.join(format!("{role}.key"))).find(|file| others_can_read(file));
    match open {
        Some(file) => {
            findings.fail("keys of the roles", format!("others can read one: run `chmod go= {}`", file.display()));
        }
        None => findings.ok("keys of the roles", format!("in {}", dir.display())),
    }
}

/// Whether everybody on the machine can read the file. A group may: that is how Kubernetes mounts secrets.
fn others_can_read(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|about| about.permissions().mode() & 0o007 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

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
