//! Certificates for processes on this machine.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::{fs, path::Path};

/// Signs certificates that nobody else trusts.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// A new one.
    pub fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(vec![])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    /// Writes `ca.crt`, and a new `tls.crt` with its `tls.key` that can be used for this machine's loopback address until
    /// the beginning of `year`.
    pub fn issue(&self, dir: &Path, year: i32) -> anyhow::Result<()> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = KeyPair::generate()?;
        fs::create_dir_all(dir)?;
        let mut private = fs::OpenOptions::new();
        private.write(true).create(true).truncate(true).mode(0o600);
        std::io::Write::write_all(&mut private.open(dir.join("tls.key"))?, key.serialize_pem().as_bytes())?;
        fs::write(dir.join("tls.crt"), params.signed_by(&key, &self.0)?.pem())?;
        fs::write(dir.join("ca.crt"), self.0.pem())?;
        Ok(())
    }
}
