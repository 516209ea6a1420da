//! Certificates: of the server, and of whoever calls it.

use anyhow::Context as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::{Path, PathBuf};

/// An authority, and where it is written down.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// Its certificate as PEM.
    pub file: PathBuf,
}

/// A certificate with its key, for rustls.
pub type Identity = (CertificateDer<'static>, PrivateKeyDer<'static>);

impl Authority {
    /// A new one, in `<dir>/<name>.pem`.
    pub fn new(dir: &Path, name: &str) -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(vec![])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, format!("the authority {name}"));
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let file = dir.join(format!("{name}.pem"));
        std::fs::write(&file, issuer.pem())?;
        Ok(Self { issuer, file })
    }

    /// Whom a client trusts.
    pub fn roots(&self) -> anyhow::Result<rustls::RootCertStore> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.issuer.der().clone())?;
        Ok(roots)
    }

    /// A certificate for these names.
    pub fn identity(&self, names: &[&str]) -> anyhow::Result<Identity> {
        let (certificate, key) = self.pair(names)?;
        Ok((certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der()).into()))
    }

    /// The same as `<dir>/tls.crt` and `<dir>/tls.key`, put there as Kubernetes does: by a new name in the same folder.
    pub fn install(&self, dir: &Path, names: &[&str]) -> anyhow::Result<Vec<u8>> {
        std::fs::create_dir_all(dir)?;
        let (certificate, key) = self.pair(names)?;
        for (name, text) in [("tls.key", key.serialize_pem()), ("tls.crt", certificate.pem())] {
            let beside = dir.join(format!(".{name}.new"));
            std::fs::write(&beside, text)?;
            std::fs::rename(&beside, dir.join(name)).context("the certificate takes its name")?;
        }
        Ok(certificate.der().to_vec())
    }

    fn pair(&self, names: &[&str]) -> anyhow::Result<(rcgen::Certificate, KeyPair)> {
        let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
        params.distinguished_name.push(rcgen::DnType::CommonName, *names.first().context("a name")?);
        let key = KeyPair::generate()?;
        Ok((params.signed_by(&key, &self.issuer)?, key))
    }
}
