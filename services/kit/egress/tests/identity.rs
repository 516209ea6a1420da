//! The client against servers on loopback that want to see a certificate.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use bytes::Bytes;
use egress::{Authorities, Client, Config, Deadlines, Error, Guard, Identity, Purpose, Tls, Unusable};
use http::Request;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, version};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const DEADLINES: Deadlines =
    Deadlines { connect: Duration::from_secs(10), first_byte: Duration::from_secs(10), total: None };

/// An authority of its own, as each provider has one.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for this machine, and its key.
    fn pair(&self, expired: bool) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        if expired {
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }

    fn identity(&self, expired: bool) -> Identity {
        let (certificate, key) = self.pair(expired);
        let pem = format!("{}{}", certificate.pem(), key.serialize_pem());
        Identity::read(pem.as_bytes(), "").unwrap()
    }

    fn trusted(&self) -> Authorities {
        Authorities::read(self.0.pem().as_bytes()).unwrap()
    }
}

/// A server that answers whoever has a certificate of `authority`.
async fn server(authority: &Authority, version: &'static SupportedProtocolVersion) -> SocketAddr {
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let (certificate, key) = authority.pair(false);
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut piece = [0; 4096];
                while stream.read(&mut piece).await.is_ok_and(|n| n > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

fn guard() -> Guard {
    let config = Config { allow: vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()], ..Default::default() };
    Guard::new(&config, false, vec![])
}

async fn call(tls: &Tls, address: SocketAddr) -> Result<u16, Error> {
    let client = Client::with_tls(guard(), Purpose::Payment, tls).unwrap();
    let request =
        Request::post(format!("https://localhost:{}/", address.port())).body(Bytes::from_static(b"{}")).unwrap();
    let response = client.send(request, &DEADLINES).await?;
    let status = response.status().as_u16();
    response.into_body().collect_within(100, Duration::from_secs(10)).await?;
    Ok(status)
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_gets_it_and_refuses_every_other() {
    let (ours, other, namesake) = (Authority::new("ours"), Authority::new("other"), Authority::new("ours"));
    for version in [&version::TLS12, &version::TLS13] {
        let address = server(&ours, version).await;
        let tls = |identity| Tls { identity, authorities: ours.trusted() };
        assert_eq!(call(&tls(Some(ours.identity(false))), address).await, Ok(200));
        for (identity, why) in [
            (None, "none"),
            (Some(other.identity(false)), "of another"),
            (Some(namesake.identity(false)), "of another with the same name"),
            (Some(ours.identity(true)), "expired"),
        ] {
            let error = call(&tls(identity), address).await.unwrap_err();
            assert_eq!(error, Error::Identity, "{why}");
            assert!(error.is_unsent());
        }
    }
}

#[tokio::test]
async fn a_server_of_an_unknown_authority_gets_neither_certificate_nor_request() {
    let ours = Authority::new("ours");
    let address = server(&ours, &version::TLS13).await;
    let untrusting = Tls { identity: Some(ours.identity(false)), ..Tls::default() };
    assert_eq!(call(&untrusting, address).await, Err(Error::Tls));
    let other = Tls { authorities: Authority::new("other").trusted(), ..untrusting };
    assert_eq!(call(&other, address).await, Err(Error::Tls));
}

#[test]
fn certificates_are_read_as_providers_give_them_out() {
    let read = |bytes: &[u8], password| Identity::read(bytes, password).map(|_| ()).err();
    for (file, password) in [
        (&include_bytes!("identity/empty-password.p12")[..], ""),
        (include_bytes!("identity/old-ciphers-empty-password.p12"), ""),
        (include_bytes!("identity/password.p12"), "hunter2"),
    ] {
        assert_eq!(read(file, password), None);
        assert_eq!(read(file, "wrong"), Some(Unusable::Closed));
        assert_eq!(read(&file[..file.len() / 2], password), Some(Unusable::Closed));
    }
}

#[test]
fn what_is_no_pair_is_refused_with_what_to_do_and_without_what_was_in_it() {
    let (certificate, key) = Authority::new("ours").pair(false);
    let (certificate, key) = (certificate.pem(), key.serialize_pem());
    let another = KeyPair::generate().unwrap().serialize_pem();
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let broken = certificate.replace("-----END", "!\n-----END");
    let empty_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (pem, why) in [
        (String::new(), Unusable::NoCertificate),
        (key.clone(), Unusable::NoCertificate),
        (certificate.clone(), Unusable::NoKey),
        (format!("{certificate}{encrypted}"), Unusable::EncryptedKey),
        (format!("{certificate}{another}"), Unusable::Mismatch),
        (format!("{empty_certificate}{key}"), Unusable::Mismatch),
        (format!("{broken}{key}"), Unusable::Malformed),
    ] {
        let refused = Identity::read(pem.as_bytes(), "").unwrap_err();
        assert_eq!(refused, why);
        assert!(pem.lines().all(|line| line.len() < 20 || !refused.to_string().contains(line)));
    }
    let pair = format!("{key}{certificate}");
    assert_eq!(format!("{:?}", Identity::read(pair.as_bytes(), "").unwrap()), "Identity([hidden])");
    assert_eq!(Authorities::read(b"").unwrap_err(), Unusable::NoCertificate);
    assert_eq!(Authorities::read(empty_certificate.as_bytes()).unwrap_err(), Unusable::Malformed);
}
