//! An authority of tests, and what it certifies.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        // Who is issued by their own name is taken for self-signed.
        params.distinguished_name.push(DnType::CommonName, "An authority of tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // What other programs than ours ask of an authority.
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
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
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.use_authority_key_identifier_extension = true;
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }
}
