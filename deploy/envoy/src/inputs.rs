//! What the services' own settings say.

use crate::Error;
use std::time::Duration;

/// What is taken from the configuration of the services.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// Whether HTTP is proxied: the role edge is among those that were asked for.
    pub http: bool,
    /// Where the edges are, as far as the settings tell.
    pub edges: Vec<Place>,
    /// The services behind the gRPC listener. None: there is no such listener.
    pub services: Vec<Service>,
    /// `edge.public_url`.
    pub public_url: Option<String>,
    /// `edge.management_body_bytes`.
    pub management_body_bytes: u64,
    /// `edge.inference_body_bytes`.
    pub inference_body_bytes: u64,
    /// How long a request of the management face may take as a whole.
    pub management_timeout: Duration,
    /// How long a request to a model may take as a whole.
    pub inference_timeout: Duration,
    /// How long the head of a request may take to arrive.
    pub header_timeout: Duration,
    /// How long its body may take.
    pub body_timeout: Duration,
    /// `edge.max_connections`.
    pub max_connections: u64,
    /// `identity.issuer`: who signs access tokens.
    pub issuer: String,
    /// `telemetry.otlp_endpoint`, where gRPC is spoken with it.
    pub otlp_endpoint: Option<String>,
    /// `telemetry.trace_share`, from 0 to 1.
    pub trace_share: f64,
    /// The largest message of gRPC, in bytes.
    pub max_message_bytes: u32,
    /// The compiled protos (a `FileDescriptorSet`), for transcoding.
    pub descriptors: Vec<u8>,
}

/// A gRPC service.
#[derive(Clone, Debug)]
pub struct Service {
    /// `identity`
    pub role: &'static str,
    /// `perpetuo.identity.v1.Identity`
    pub name: &'static str,
    /// Its rpcs without side effects that answer with one message: they may be repeated.
    pub repeatable: Vec<&'static str>,
    /// Its rpcs that everybody may call, whatever credential they bring.
    pub anonymous: Vec<&'static str>,
    /// Where it is.
    pub places: Vec<Place>,
}

/// Where something listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A name or an address, the latter without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether it speaks TLS.
    pub tls: bool,
}

impl Service {
    pub(crate) fn anonymous_paths(&self) -> impl Iterator<Item = String> {
        self.anonymous.iter().map(|rpc| format!("/{}/{rpc}", self.name))
    }

    pub(crate) fn repeatable_paths(&self) -> impl Iterator<Item = String> {
        self.repeatable.iter().map(|rpc| format!("/{}/{rpc}", self.name))
    }
}

impl Place {
    /// Whether the host is an address, and not a name that DNS knows.
    pub(crate) fn is_address(&self) -> bool {
        self.host.parse::<std::net::IpAddr>().is_ok()
    }
}

impl std::str::FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Place(text.to_owned());
        let (tls, rest) = match text.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            Some(_) => return Err(wrong()),
            None => (false, text),
        };
        let rest = rest.trim_end_matches('/');
        let (host, port) = rest.rsplit_once(':').ok_or_else(wrong)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let is_host = !host.is_empty() && !host.contains(['/', '@', ' ']);
        let port = port.parse().ok().filter(|port| *port > 0 && is_host).ok_or_else(wrong)?;
        Ok(Self { host: host.to_owned(), port, tls })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_address_with_a_port() {
        let place = |text: &str| text.parse::<Place>().map(|p| (p.host, p.port, p.tls));
        assert_eq!(place("http://10.0.0.5:9090"), Ok(("10.0.0.5".to_owned(), 9090, false)));
        assert_eq!(place("https://gateway.internal:443/"), Ok(("gateway.internal".to_owned(), 443, true)));
        assert_eq!(place("[::1]:8080"), Ok(("::1".to_owned(), 8080, false)));
        for wrong in ["gateway", "http://gateway", "ftp://a:1", "http://a:0", "http://u@a:1", "http://a/b:1"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
