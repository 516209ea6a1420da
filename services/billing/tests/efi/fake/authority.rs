//! An authority of tests, and what it certifies.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn certificate(&self) -> rustls::pki_types::CertificateDer<'static> {
        self.0.der().clone()
    }

    /// As in `ca_file`.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this machine, and its key.
    pub(crate) fn pair(&self) -> (rcgen::Certificate, KeyPair) {
        self.pair_until(2100)
    }

    /// Certificate and key, as in `certificate_file`.
    pub(crate) fn identity(&self) -> String {
        self.identity_until(2100)
    }

    /// One that ends with this year.
    pub(crate) fn identity_until(&self, year: i32) -> String {
        let (certificate, key) = self.pair_until(year);
        format!("{}{}", certificate.pem(), key.serialize_pem())
    }

    fn pair_until(&self, year: i32) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }
}
