//! What only the proxy has to know: `--set key=value`.

mod value;

use crate::{Error, Place};
use std::net::SocketAddr;
use value::Value;
pub(crate) use value::{Log, OrOff, Rate};

/// An option, for people.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// What is written before `=`.
    pub name: &'static str,
    /// What it does, and its default.
    pub help: &'static str,
}

/// Writes [`Options`], its keys and how each is set.
macro_rules! options {
    ($($field:ident: $kind:ty = $name:literal, $help:literal;)*) => {
        /// What was set; everything else has its default.
        #[derive(Clone, Debug, Default)]
        pub struct Options {
            $(pub(crate) $field: Option<$kind>,)*
        }

        /// Every option.
        pub const KEYS: &[Key] = &[$(Key { name: $name, help: $help },)*];

        impl Options {
            fn set(&mut self, key: &str, text: &str) -> Result<(), Error> {
                match key {
                    $($name => {
                        let expected = <$kind as Value>::EXPECTED;
                        let value = <$kind as Value>::read(text);
                        let wrong = || Error::Value { key: $name, given: text.to_owned(), expected };
                        self.$field = Some(value.ok_or_else(wrong)?);
                    })*
                    _ => return Err(Error::Unknown { given: key.to_owned(), list: list() }),
                }
                Ok(())
            }
        }
    };
}

options! {
    listen: SocketAddr = "listen", "where HTTPS is served, over TCP and (HTTP/3) UDP; needs tls.certificate [0.0.0.0:8443]";
    certificate: String = "tls.certificate", "PEM file with the certificate and those that signed it; read again when it is replaced [none: no TLS]";
    key: String = "tls.key", "PEM file with the certificate's private key";
    http3: bool = "http3", "HTTP/3, and the header that tells clients of it [true with a certificate]";
    public_port: u16 = "public_port", "the port that clients use, where something in front of Envoy maps it [that of edge.public_url, else of listen]";
    plain: OrOff<SocketAddr> = "plain", "where HTTP without TLS is served, or off [127.0.0.1:8000 without a certificate, off with one]";
    plain_anywhere: bool = "plain.anywhere", "whether what has no TLS may listen on other addresses than loopback ones: only where something in front ends TLS [false]";
    edge: Vec<Place> = "edge", "where the edges are: host:port, several with commas between them [edge.listen]";
    grpc: OrOff<SocketAddr> = "grpc", "where gRPC is served to internal teams, or off [127.0.0.1:9000]";
    grpc_tls: bool = "grpc.tls", "whether gRPC is served with TLS [with a certificate, and not on loopback]";
    transcode: bool = "grpc.json", "whether each rpc can also be called as POST /<package>.<Service>/<Rpc> with JSON [false]";
    retry_unsent: bool = "retry.unsent", "whether a POST goes to the next edge where no connection could be made, so that nothing was sent [false]";
    trusted_hops: u32 = "trusted_hops", "how many proxies in front of Envoy append to X-Forwarded-For; 0 drops what clients claim [0]";
    max_requests: u32 = "breaker.requests", "requests to one service that may be under way at once; others get 503 [10000]";
    max_pending: u32 = "breaker.pending", "requests that may wait for a connection to one service [1000]";
    memory: u64 = "memory_mb", "memory (MiB) near whose end Envoy takes nothing new [none]";
    rate_total: Rate = "rate.total", "requests that this Envoy lets through, such as 500/s or 6000/m [no limit]";
    rate_address: Rate = "rate.address", "the same for each client address [no limit]";
    rate_service: Place = "rate.service", "host:port of a rate-limit service (envoy.service.ratelimit.v3) that counts for all Envoys [none]";
    rate_closed: bool = "rate.fail_closed", "whether nothing passes while the rate-limit service does not answer [false]";
    jwt: bool = "jwt", "whether access tokens are verified here too; API keys pass, the edge verifies both in any case [false]";
    access_log: Log = "access_log", "stdout, off, or a file [stdout]";
    traces: OrOff<Place> = "traces", "host:port of an OTLP collector (gRPC), or off [telemetry.otlp_endpoint]";
    efi_ca: String = "efi.ca", "PEM file with Efí's authorities: /webhooks/efi/ is then only for whoever shows a certificate of theirs [none]";
    efi_host: String = "efi.host", "the name by which Efí calls: it shares the port of listen with everybody else";
    efi_listen: SocketAddr = "efi.listen", "instead of efi.host, an address of its own for Efí";
    admin: OrOff<SocketAddr> = "admin", "where Envoy's own statistics and controls are: loopback only, or off [127.0.0.1:9901]";
    upstream_ca: String = "upstream.ca", "PEM file with the authorities of services at https:// addresses; read again when it is replaced";
    upstream_certificate: String = "upstream.certificate", "PEM file with the certificate that Envoy shows them";
    upstream_key: String = "upstream.key", "PEM file with its private key";
    health_ms: u64 = "health_ms", "how often services are asked whether they are ready, in milliseconds [1000]";
    reload: bool = "reload", "whether listeners and clusters stand in files of their own, whose changes a running Envoy takes; needs --out [false]";
    files_dir: String = "files.dir", "where Envoy sees the folder of --out, if not where it was written";
}

impl Options {
    /// Reads `key=value`s; the last one of a key counts.
    ///
    /// # Errors
    /// The key is unknown (with the list of all), or its value cannot be read.
    pub fn parse<'a>(set: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let mut options = Self::default();
        for given in set {
            let (key, value) = given.split_once('=').ok_or_else(|| Error::NoValue(given.to_owned()))?;
            options.set(key.trim(), value.trim())?;
        }
        Ok(options)
    }
}

fn list() -> String {
    let width = KEYS.iter().map(|key| key.name.len()).max().unwrap_or_default();
    let lines: Vec<_> = KEYS.iter().map(|key| format!("  {:<width$}  {}", key.name, key.help)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_answered_with_all_keys() {
        let error = Options::parse(["tls.cert=x"]).unwrap_err().to_string();
        assert!(
            error.contains("tls.cert\"") && error.contains("tls.certificate") && error.contains("efi.ca"),
            "{error}"
        );
    }

    #[test]
    fn a_value_that_cannot_be_read_says_what_is_taken() {
        for (given, expected) in [
            ("listen=8443", "address:port"),
            ("jwt=yes", "true or false"),
            ("rate.total=fast", "500/s"),
            ("trusted_hops=-1", "number"),
            ("edge=edge-0", "host:port"),
            ("tls.key=", "path"),
        ] {
            let error = Options::parse([given]).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(given.split('=').next().unwrap()), "{error}");
        }
        assert!(Options::parse(["jwt"]).unwrap_err().to_string().contains("key=value"));
    }

    #[test]
    fn the_last_value_of_a_key_counts() {
        let options = Options::parse(["plain=off", "plain=127.0.0.1:1", "edge=a:1, b:2"]).unwrap();
        assert!(matches!(options.plain, Some(OrOff::On(address)) if address.port() == 1));
        assert_eq!(options.edge.unwrap().len(), 2);
    }

    #[test]
    fn the_readme_explains_every_option() {
        let readme = include_str!("../README.md");
        for key in KEYS {
            assert!(readme.contains(&format!("`{}`", key.name)), "README.md does not explain {}", key.name);
        }
    }
}
