//! Which files hold certificates and keys, and what is in them?

use super::Error;
use chrono::{DateTime, Utc};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::WebPkiServerVerifier,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
    server::WebPkiClientVerifier,
    sign::CertifiedKey,
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What HTTP/2 is called while a connection is made.
const H2: &[u8] = b"h2";

/// Settings of a listener: `grpc.tls`. Without a certificate it speaks plain HTTP/2.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerFiles {
    /// The certificate, and those that lead to an authority (PEM).
    pub cert_file: Option<PathBuf>,
    /// Its private key (PEM).
    pub key_file: Option<PathBuf>,
    /// Authorities whose certificates clients may show.
    pub client_ca_file: Option<PathBuf>,
    /// Clients that show none are refused: internal teams too, which otherwise need a credential only.
    pub require_client_certificate: bool,
}

/// Settings of the way to others: `peers.tls`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientFiles {
    /// Authorities that signed the certificates of the others (PEM). No other is trusted.
    pub ca_file: Option<PathBuf>,
    /// What is shown to those that ask for a certificate (PEM).
    pub cert_file: Option<PathBuf>,
    /// Its private key (PEM).
    pub key_file: Option<PathBuf>,
    /// The name in the certificates of the others, where it is not the one in their address.
    pub server_name: Option<String>,
}

/// What a certificate of ours says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usable {
    /// Which setting names it.
    pub setting: &'static str,
    /// Until when it can be used.
    pub until: DateTime<Utc>,
}

/// What was read: how to speak TLS, and until when our own certificate can be used.
pub struct Seen<T> {
    /// How to speak TLS.
    pub config: Arc<T>,
    /// The own certificate, where there is one.
    pub own: Option<Usable>,
}

impl ServerFiles {
    /// Whether it speaks TLS.
    pub fn is_used(&self) -> bool {
        self != &Self::default()
    }

    /// Every file that is named.
    pub fn all(&self) -> Vec<PathBuf> {
        [&self.cert_file, &self.key_file, &self.client_ca_file].into_iter().flatten().cloned().collect()
    }

    /// Refuses settings that do not go together, without looking at files. Errors: [`Error::Half`],
    /// [`Error::Untrusting`].
    pub fn check(&self) -> Result<(), Error> {
        let (cert, key) = ("grpc.tls.cert_file", "grpc.tls.key_file");
        if self.client_ca_file.is_none() && self.require_client_certificate {
            return Err(Error::Untrusting("grpc.tls.require_client_certificate", "grpc.tls.client_ca_file"));
        }
        match (&self.cert_file, &self.key_file) {
            (Some(_), None) => Err(Error::Half(cert, key)),
            (None, Some(_)) => Err(Error::Half(key, cert)),
            (None, None) if self.client_ca_file.is_some() => Err(Error::Half("grpc.tls.client_ca_file", cert)),
            (None, None) | (Some(_), Some(_)) => Ok(()),
        }
    }

    /// Reads the files. Errors: [`Error`].
    pub fn read(&self) -> Result<Seen<ServerConfig>, Error> {
        self.check()?;
        let (Some(cert), Some(key)) = (&self.cert_file, &self.key_file) else {
            return Err(Error::Half("grpc.tls", "grpc.tls.cert_file"));
        };
        let (pair, own) = pair(("grpc.tls.cert_file", cert), ("grpc.tls.key_file", key))?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("this provider has the cipher suites of TLS 1.2 and 1.3");
        let builder = match &self.client_ca_file {
            None => builder.with_no_client_auth(),
            Some(file) => {
                let setting = "grpc.tls.client_ca_file";
                let mut verifier =
                    WebPkiClientVerifier::builder_with_provider(authorities(setting, file)?.into(), provider());
                if !self.require_client_certificate {
                    verifier = verifier.allow_unauthenticated();
                }
                let none = |_| Error::NoCertificate { setting, path: file.clone() };
                builder.with_client_cert_verifier(verifier.build().map_err(none)?)
            }
        };
        let mut config = builder.with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(pair)));
        config.alpn_protocols = vec![H2.to_vec()];
        Ok(Seen { config: config.into(), own: Some(own) })
    }
}

impl ClientFiles {
    /// Every file that is named.
    pub fn all(&self) -> Vec<PathBuf> {
        [&self.ca_file, &self.cert_file, &self.key_file].into_iter().flatten().cloned().collect()
    }

    /// Refuses settings that do not go together, without looking at files. Errors: [`Error::Half`], [`Error::Name`].
    pub fn check(&self) -> Result<(), Error> {
        let (cert, key) = ("peers.tls.cert_file", "peers.tls.key_file");
        if let Some(name) = &self.server_name {
            ServerName::try_from(name.as_str()).map_err(|_| Error::Name(name.clone()))?;
        }
        match (&self.cert_file, &self.key_file) {
            (Some(_), None) => Err(Error::Half(cert, key)),
            (None, Some(_)) => Err(Error::Half(key, cert)),
            (None, None) | (Some(_), Some(_)) => Ok(()),
        }
    }

    /// Reads the files. Errors: [`Error`].
    pub fn read(&self) -> Result<Seen<ClientConfig>, Error> {
        self.check()?;
        let setting = "peers.tls.ca_file";
        let file = self.ca_file.as_ref().ok_or(Error::Untrusting("an https:// address in peers", setting))?;
        let roots = authorities(setting, file)?;
        let none = |_| Error::NoCertificate { setting, path: file.clone() };
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider()).build().map_err(none)?;
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("this provider has the cipher suites of TLS 1.2 and 1.3")
            .with_webpki_verifier(verifier);
        let (mut config, own) = match (&self.cert_file, &self.key_file) {
            (Some(cert), Some(key)) => {
                let (pair, own) = pair(("peers.tls.cert_file", cert), ("peers.tls.key_file", key))?;
                let shown = rustls::sign::SingleCertAndKey::from(pair);
                (builder.with_client_cert_resolver(Arc::new(shown)), Some(own))
            }
            _ => (builder.with_no_client_auth(), None),
        };
        config.alpn_protocols = vec![H2.to_vec()];
        Ok(Seen { config: config.into(), own })
    }
}

/// Named, not taken from the process default: a dependency that brings a second provider must not matter here.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

type File<'a> = (&'static str, &'a Path);

/// A certificate with the key that belongs to it.
fn pair(cert: (&'static str, &PathBuf), key: (&'static str, &PathBuf)) -> Result<(CertifiedKey, Usable), Error> {
    let chain = certificates((cert.0, cert.1))?;
    let bytes = read((key.0, key.1))?;
    let private =
        PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| Error::NoKey { setting: key.0, path: key.1.clone() })?;
    let none = || Error::NoCertificate { setting: cert.0, path: cert.1.clone() };
    let until = chain.first().and_then(until).ok_or_else(none)?;
    let pair = CertifiedKey::from_der(chain, private, &provider()).map_err(|_| Error::Mismatch(cert.0, key.0))?;
    Ok((pair, Usable { setting: cert.0, until }))
}

/// Until when a certificate can be used.
fn until(certificate: &CertificateDer<'_>) -> Option<DateTime<Utc>> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    DateTime::from_timestamp(parsed.validity().not_after.timestamp(), 0)
}

fn authorities(setting: &'static str, file: &Path) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let none = |_| Error::NoCertificate { setting, path: file.to_owned() };
    certificates((setting, file))?.into_iter().try_for_each(|found| roots.add(found)).map_err(none)?;
    Ok(roots)
}

fn certificates((setting, file): File<'_>) -> Result<Vec<CertificateDer<'static>>, Error> {
    let bytes = read((setting, file))?;
    let found: Option<Vec<_>> = CertificateDer::pem_slice_iter(&bytes).collect::<Result<_, _>>().ok();
    found.filter(|found| !found.is_empty()).ok_or_else(|| Error::NoCertificate { setting, path: file.to_owned() })
}

fn read((setting, file): File<'_>) -> Result<Vec<u8>, Error> {
    fs::read(file).map_err(|source| Error::File { setting, path: file.to_owned(), source })
}
