//! Can the certificates be used, and for how long?

use super::{Findings, keys::problem};
use crate::roles::Roles;
use crate::settings::Settings;
use chrono::{DateTime, TimeDelta, Utc};
use host::tls::{Error, Usable};
use proto::Role;
use std::path::PathBuf;

/// How long before its end somebody should look at a certificate.
const SOON: TimeDelta = TimeDelta::days(14);

/// What the gRPC port shows, and what is shown to peers.
pub fn check(settings: &Settings, roles: &Roles, now: DateTime<Utc>, findings: &mut Findings) {
    let (server, client) = (&settings.grpc.tls, &settings.peers.tls);
    if roles.has_grpc() && server.is_used() {
        let read = server.read().map(|seen| seen.own);
        one("certificate (grpc.tls)", read, server.key_file.as_ref(), now, findings);
    }
    let is_secure = |role: &Role| settings.peer(*role).iter().any(|address| address.starts_with("https://"));
    if roles.calls().iter().any(is_secure) {
        let read = client.read().map(|seen| seen.own);
        one("certificate (peers.tls)", read, client.key_file.as_ref(), now, findings);
    }
}

fn one(
    name: &str,
    read: Result<Option<Usable>, Error>,
    key: Option<&PathBuf>,
    now: DateTime<Utc>,
    findings: &mut Findings,
) {
    let own = match read {
        Ok(own) => own,
        Err(error) => return findings.fail(name, error.to_string()),
    };
    if let Some(problem) = key.and_then(|key| problem(key)) {
        return findings.fail(name, problem);
    }
    let Some(Usable { setting, until }) = own else {
        return findings.ok(name, "none is shown; the authorities can be read".to_owned());
    };
    let day = until.format("%Y-%m-%d %H:%M UTC");
    if until <= now {
        findings.fail(name, format!("it expired on {day}: put a new one where {setting} is, it is read while we run"));
    } else if until - now <= SOON {
        findings.fail(name, format!("it expires on {day}: renew it, it is read again from {setting} while we run"));
    } else {
        findings.ok(name, format!("it can be used until {day}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

    /// A certificate of its own authority that can be used until `until`, and its key, in `dir`.
    fn write(dir: &Path, until: DateTime<Utc>) {
        let mut params = rcgen::CertificateParams::new(vec!["peer".to_owned()]).unwrap();
        params.not_after = std::time::SystemTime::from(until).into();
        let key = rcgen::KeyPair::generate().unwrap();
        fs::write(dir.join("tls.crt"), params.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(dir.join("tls.key"), key.serialize_pem()).unwrap();
        fs::set_permissions(dir.join("tls.key"), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn problems(settings: &Settings, now: DateTime<Utc>) -> Vec<String> {
        let mut findings = Findings::default();
        check(settings, &Roles::default(), now, &mut findings);
        findings.problems()
    }

    #[test]
    fn a_certificate_that_ends_soon_does_not_fit_or_cannot_be_read_is_told_with_its_setting() {
        let dir = tempfile::tempdir().unwrap();
        let now = host::Clock::system().now();
        let mut settings = Settings::default();
        assert!(problems(&settings, now).is_empty(), "nobody speaks TLS");
        settings.grpc.tls.cert_file = Some(dir.path().join("tls.crt"));
        settings.grpc.tls.key_file = Some(dir.path().join("tls.key"));
        assert!(problems(&settings, now)[0].contains("grpc.tls.cert_file"), "it is missing");
        write(dir.path(), now + TimeDelta::days(30));
        assert!(problems(&settings, now).is_empty());
        assert!(problems(&settings, now + TimeDelta::days(17))[0].contains("expires on"));
        assert!(problems(&settings, now + TimeDelta::days(31))[0].contains("expired on"));
        fs::set_permissions(dir.path().join("tls.key"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(problems(&settings, now)[0].contains("chmod"));
        let other = rcgen::KeyPair::generate().unwrap();
        fs::write(dir.path().join("tls.key"), other.serialize_pem()).unwrap();
        assert!(problems(&settings, now)[0].contains("do not belong together"));
    }
}
