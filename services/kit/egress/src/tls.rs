//! Whom does a client trust, and who does it say it is?

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::sync::Arc;

/// What a client shows and trusts beyond what every client does.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// What it shows to a server that asks for a certificate.
    pub identity: Option<Identity>,
    /// Whom it trusts besides those that this machine trusts: a sandbox, a company's own authority.
    pub authorities: Authorities,
}

/// A certificate and its private key, with which a client proves who it is. It cannot be printed. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Pair>);

struct Pair {
    /// Its own certificate first, then those that lead to an authority.
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Certificates of authorities.
#[derive(Clone, Debug, Default)]
pub struct Authorities(Vec<CertificateDer<'static>>);

/// Why a certificate or a key cannot be used, in words for an operator; never what was in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Neither PEM nor PKCS#12.
    #[error("it holds no certificate: it has to be a .p12 file, or PEM with `-----BEGIN CERTIFICATE-----`")]
    NoCertificate,
    /// A certificate alone.
    #[error("it holds no private key: put the key into the same file, as the provider gave it out")]
    NoKey,
    /// PEM with a password.
    #[error("its private key is encrypted: use the .p12 file, or write the key without a password with `openssl pkey`")]
    EncryptedKey,
    /// PKCS#12 that this password does not open.
    #[error("it cannot be opened: the password is wrong, or it is no .p12 file")]
    Closed,
    /// They are not a pair.
    #[error("its certificate and its private key do not belong together, or are of a kind that is not known here")]
    Mismatch,
    /// A certificate that is none.
    #[error("a certificate in it cannot be read")]
    Malformed,
}

impl Identity {
    /// Reads what providers give out: PKCS#12 (`.p12`, `.pfx`), or PEM with the certificate, perhaps others that lead to
    /// its authority, and the key in the clear. The password is for PKCS#12, where it is often empty.
    ///
    /// # Errors
    /// [`Unusable`]; it never repeats what it read.
    pub fn read(bytes: &[u8], password: &str) -> Result<Self, Unusable> {
        // Both begin like that: a SEQUENCE of ASN.1, and nothing that a text begins with.
        let pair = if bytes.first() == Some(&0x30) { of_pkcs12(bytes, password)? } else { of_pem(bytes)? };
        // Said here and not when it is used, which may be at night.
        client_config(
            &Tls { identity: Some(Self(Arc::new(pair.clone_key()))), ..Tls::default() },
            RootCertStore::empty(),
        )?;
        Ok(Self(Arc::new(pair)))
    }
}

impl Authorities {
    /// Reads certificates in PEM, one or more.
    ///
    /// # Errors
    /// [`Unusable`]
    pub fn read(pem: &[u8]) -> Result<Self, Unusable> {
        let found = certificates(pem)?;
        let mut roots = RootCertStore::empty();
        found.iter().try_for_each(|found| roots.add(found.clone())).map_err(|_| Unusable::Malformed)?;
        Ok(Self(found))
    }
}

impl Pair {
    fn clone_key(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity([hidden])")
    }
}

fn of_pem(pem: &[u8]) -> Result<Pair, Unusable> {
    let chain = certificates(pem)?;
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
        let is_encrypted = pem.windows(9).any(|part| part == b"ENCRYPTED");
        if is_encrypted { Unusable::EncryptedKey } else { Unusable::NoKey }
    })?;
    Ok(Pair { chain, key })
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|_| Unusable::Malformed)?;
    if found.is_empty() { Err(Unusable::NoCertificate) } else { Ok(found) }
}

fn of_pkcs12(bytes: &[u8], password: &str) -> Result<Pair, Unusable> {
    let archive = p12_keystore::Pkcs12Archive::from_pkcs12(bytes, password).map_err(|_| Unusable::Closed)?;
    let key = archive.keys.first().ok_or(Unusable::NoKey)?;
    let is_own = |id: &Option<Vec<u8>>| id.is_some() && id.as_deref() == key.local_key_id.as_ref().map(AsRef::as_ref);
    // A server wants the own certificate first; the order of the others does not matter to it (RFC 8446, 4.4.2).
    let (own, others): (Vec<_>, Vec<_>) = archive.certs.iter().partition(|bag| is_own(&bag.local_key_id));
    let chain: Vec<_> =
        own.into_iter().chain(others).map(|bag| CertificateDer::from(bag.cert.as_der().to_vec())).collect();
    if chain.is_empty() {
        return Err(Unusable::NoCertificate);
    }
    Ok(Pair { chain, key: PrivatePkcs8KeyDer::from(key.key.as_der().to_vec()).into() })
}

/// The certificates that this machine trusts. A machine without any still reaches plain http servers.
pub(crate) fn machine() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let why = found.errors.first().map(ToString::to_string).unwrap_or_default();
        tracing::warn!(why, "no certificate is trusted here: install ca-certificates to call https providers");
    }
    roots
}

/// How a client with these speaks TLS, when it trusts `roots` as well.
pub(crate) fn client_config(tls: &Tls, mut roots: RootCertStore) -> Result<ClientConfig, Unusable> {
    tls.authorities.0.iter().try_for_each(|found| roots.add(found.clone())).map_err(|_| Unusable::Malformed)?;
    // Named, not taken from the process default: a dependency that brings a second provider must not matter here.
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("this provider has the cipher suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots);
    match &tls.identity {
        None => Ok(builder.with_no_client_auth()),
        Some(Identity(pair)) => {
            builder.with_client_auth_cert(pair.chain.clone(), pair.key.clone_key()).map_err(|_| Unusable::Mismatch)
        }
    }
}
