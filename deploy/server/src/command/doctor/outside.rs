//! Do clients reach us by TLS, with a certificate that everybody trusts?

use super::Findings;
use crate::settings::Settings;
use bytes::Bytes;
use egress::{Client, Deadlines, Error, Guard, Purpose};
use std::net::ToSocketAddrs as _;
use std::time::Duration;
use url::Url;

const NAME: &str = "public address";
const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(5),
    first_byte: Duration::from_secs(5),
    total: Some(Duration::from_secs(10)),
};

/// Calls `edge.public_url` as a client would: with the authorities of this machine and no others.
pub async fn check(settings: &Settings, findings: &mut Findings) {
    let guard = Guard::new(&settings.egress, true, vec![]);
    call(settings.edge.public_url.as_deref(), &Client::new(guard, Purpose::Provider), findings).await;
}

async fn call(public_url: Option<&str>, client: &Client, findings: &mut Findings) {
    // Whether one is needed, others say: letters, sign-ins at providers.
    let Some(text) = public_url else { return };
    let Ok(url) = Url::parse(text) else {
        return findings.fail(NAME, format!("edge.public_url: {text} is no address: write https://host"));
    };
    if url.scheme() != "https" {
        return if is_here(&url) {
            findings.ok(NAME, format!("{text}, for this machine only"));
        } else {
            let text = format!(
                "{text} has no TLS: passwords and keys can be read on their way. Put it in front (`perpetuo envoy-config`, \
                 an ingress) and write https:// into edge.public_url"
            );
            findings.fail(NAME, text);
        };
    }
    let request = http::Request::get(format!("{}/livez", text.trim_end_matches('/'))).body(Bytes::new());
    let Ok(request) = request else {
        return findings.fail(NAME, format!("edge.public_url: {text} cannot be called"));
    };
    match client.send(request, &DEADLINES).await {
        Ok(_) => findings.ok(NAME, format!("{text} shows a certificate that is trusted")),
        Err(Error::Tls) => findings.fail(
            NAME,
            format!(
                "{text} shows a certificate that is not trusted here (another name, expired, or of an authority that is not \
                 public): clients refuse it or stop looking. Have a public authority sign one"
            ),
        ),
        // Not every network leads from here to there and back.
        Err(error) => findings.ok(NAME, format!("{text} cannot be looked at from here: {error}")),
    }
}

fn is_here(url: &Url) -> bool {
    let place = (url.host_str().unwrap_or_default().trim_matches(['[', ']']), 0);
    place.to_socket_addrs().is_ok_and(|mut all| all.all(|address| address.ip().is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egress::{Authorities, Tls};
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn guard() -> Guard {
        Guard::new(&egress::Config::default(), true, vec![])
    }

    async fn found(url: Option<&str>, client: &Client) -> (usize, Vec<String>) {
        let mut findings = Findings::default();
        call(url, client, &mut findings).await;
        (findings.0.len(), findings.problems())
    }

    /// Answers over TLS as `localhost`; gives its address and its certificate.
    async fn served() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config =
            rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let tasks = host::Tasks::new();
        tasks.tracker().spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(connection).await else { continue };
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            }
        });
        (url, made.cert.pem())
    }

    #[tokio::test]
    async fn an_address_without_tls_or_with_a_certificate_that_nobody_trusts_is_told() {
        let client = Client::new(guard(), Purpose::Provider);
        for fine in [None, Some("http://127.0.0.1:8080"), Some("http://localhost")] {
            assert_eq!(found(fine, &client).await.1, Vec::<String>::new(), "{fine:?}");
        }
        for plain in ["http://203.0.113.7", "http://203.0.113.7:8080/api"] {
            let (_, told) = found(Some(plain), &client).await;
            assert!(told[0].contains("https://") && told[0].contains(plain), "{told:?}");
        }
        let (url, certificate) = served().await;
        let (_, told) = found(Some(&url), &client).await;
        assert!(told[0].contains("not trusted") && told[0].contains(&url), "{told:?}");
        let tls = Tls { authorities: Authorities::read(certificate.as_bytes()).unwrap(), ..Tls::default() };
        let trusting = Client::with_tls(guard(), Purpose::Provider, &tls).unwrap();
        assert_eq!(found(Some(&url), &trusting).await, (1, vec![]));
        let other_name = url.replace("localhost", "127.0.0.1");
        assert!(found(Some(&other_name), &trusting).await.1[0].contains("another name"));
        let gone = found(Some("https://localhost:1"), &client).await;
        assert_eq!(gone, (1, vec![]), "what cannot be reached from here is said, and no fault");
    }
}
