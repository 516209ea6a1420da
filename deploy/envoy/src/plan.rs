//! What follows from settings and options together, and whether they go together.

use crate::{
    Error, Inputs, Options, Place,
    options::{Log, OrOff},
    tls::Files,
};
use std::net::SocketAddr;

/// Everything that is decided before anything is built.
pub(crate) struct Plan<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) options: &'a Options,
    pub(crate) files: Files,
    pub(crate) edges: Vec<Place>,
    pub(crate) https: Option<SocketAddr>,
    pub(crate) plain: Option<SocketAddr>,
    pub(crate) grpc: Option<SocketAddr>,
    pub(crate) grpc_tls: bool,
    pub(crate) http3: bool,
    pub(crate) efi: Option<Efi>,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) collector: Option<Place>,
    pub(crate) log: Log,
}

/// Where Efí calls.
#[derive(Clone, Debug)]
pub(crate) enum Efi {
    /// At this name, on the port that everybody uses.
    Host(String),
    /// At an address of its own.
    Listen(SocketAddr),
}

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 8443);
const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), port)
}

impl<'a> Plan<'a> {
    pub(crate) fn new(inputs: &'a Inputs, options: &'a Options, files: Files) -> Result<Self, Error> {
        let has_tls = options.certificate.is_some();
        let plain_default = (!has_tls).then(|| loopback(8000));
        let grpc = on(options.grpc.as_ref(), Some(loopback(9000))).filter(|_| !inputs.services.is_empty());
        let collector = match &options.traces {
            Some(OrOff::Off) => None,
            Some(OrOff::On(place)) => Some(place.clone()),
            None => inputs.otlp_endpoint.as_deref().map(str::parse).transpose()?,
        };
        let plan = Self {
            edges: options.edge.clone().unwrap_or_else(|| inputs.edges.clone()),
            https: (has_tls && inputs.http).then(|| options.listen.unwrap_or(LISTEN)),
            plain: on(options.plain.as_ref(), plain_default).filter(|_| inputs.http),
            grpc,
            grpc_tls: options.grpc_tls.unwrap_or_else(|| has_tls && grpc.is_some_and(|at| !at.ip().is_loopback())),
            http3: has_tls && options.http3.unwrap_or(true),
            efi: efi(options)?.filter(|_| inputs.http),
            admin: on(options.admin.as_ref(), Some(loopback(9901))),
            log: options.access_log.clone().unwrap_or(Log::Stdout),
            collector,
            inputs,
            options,
            files,
        };
        plan.check()?;
        Ok(plan)
    }

    /// The port that clients use for HTTPS.
    pub(crate) fn public_port(&self, listen: SocketAddr) -> u16 {
        let of_url = || {
            let rest = self.inputs.public_url.as_deref()?.strip_prefix("https://")?;
            let authority = rest.split('/').next()?;
            Some(authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(443))
        };
        self.options.public_port.or_else(of_url).unwrap_or_else(|| listen.port())
    }

    /// Whether the edges are needed: for HTTP, and for the keys of access tokens.
    pub(crate) fn needs_edges(&self) -> bool {
        self.inputs.http || self.jwt()
    }

    pub(crate) fn jwt(&self) -> bool {
        self.options.jwt.unwrap_or(false)
    }

    fn check(&self) -> Result<(), Error> {
        let options = self.options;
        need(
            options.certificate.is_some() == options.key.is_some(),
            "set both tls.certificate and tls.key, or neither",
        )?;
        let tls = options.certificate.is_some();
        need(tls || options.listen.is_none(), "listen serves HTTPS: set tls.certificate and tls.key, or use plain")?;
        need(tls || options.http3 != Some(true), "http3 needs tls.certificate and tls.key")?;
        need(tls || !self.grpc_tls, "grpc.tls needs tls.certificate and tls.key")?;
        need(tls || self.efi.is_none(), "efi.ca needs tls.certificate and tls.key")?;
        self.check_plain()?;
        if let Some(admin) = self.admin {
            let why = "admin can stop Envoy and read its configuration: let it listen on a loopback address, such as \
                       127.0.0.1:9901, or set admin=off";
            need(admin.ip().is_loopback(), why)?;
        }
        let listens = self.https.is_some() || self.plain.is_some() || self.grpc.is_some();
        need(listens, "nothing is served: choose roles whose listeners are on (plain, grpc), or set tls.certificate")?;
        let upstream = options.upstream_certificate.is_some() == options.upstream_key.is_some();
        need(upstream, "set both upstream.certificate and upstream.key, or neither")?;
        let secure =
            self.edges.iter().chain(self.inputs.services.iter().flat_map(|s| &s.places)).any(|place| place.tls);
        need(
            !secure || options.upstream_ca.is_some(),
            "services at https:// addresses need upstream.ca, with which they are known",
        )?;
        need(!self.needs_edges() || !self.edges.is_empty(), "it is not known where the edges are: set edge=host:port")?;
        let reload = options.reload != Some(true) || self.files.is_known();
        need(reload, "reload writes files beside the configuration: say where with --out")?;
        self.check_ports()
    }

    fn check_plain(&self) -> Result<(), Error> {
        if self.options.plain_anywhere == Some(true) {
            return Ok(());
        }
        let open = [("plain", self.plain), ("grpc", self.grpc.filter(|_| !self.grpc_tls))];
        for (key, address) in open {
            let Some(address) = address.filter(|address| !address.ip().is_loopback()) else { continue };
            return Err(Error::Together(format!(
                "{key}={address} would serve without TLS to other machines: use a loopback address, set tls.certificate \
                 and tls.key, or plain.anywhere=true where something in front ends TLS"
            )));
        }
        Ok(())
    }

    /// Envoy would share a port of two listeners between them, by chance.
    fn check_ports(&self) -> Result<(), Error> {
        let efi = match &self.efi {
            Some(Efi::Listen(address)) => Some(*address),
            _ => None,
        };
        let all = [
            ("listen", self.https),
            ("plain", self.plain),
            ("grpc", self.grpc),
            ("efi.listen", efi),
            ("admin", self.admin),
        ];
        let on: Vec<_> = all.into_iter().filter_map(|(key, address)| address.map(|address| (key, address))).collect();
        for (index, (key, address)) in on.iter().enumerate() {
            if let Some((other, _)) = on[..index].iter().find(|(_, other)| other.port() == address.port()) {
                return Err(Error::Together(format!(
                    "{other} and {key} both listen on port {}: give one another",
                    address.port()
                )));
            }
        }
        Ok(())
    }
}

fn on<T: Copy>(given: Option<&OrOff<T>>, default: Option<T>) -> Option<T> {
    match given {
        None => default,
        Some(OrOff::Off) => None,
        Some(OrOff::On(value)) => Some(*value),
    }
}

fn efi(options: &Options) -> Result<Option<Efi>, Error> {
    match (&options.efi_ca, &options.efi_host, options.efi_listen) {
        (None, None, None) => Ok(None),
        (Some(_), Some(host), None) => Ok(Some(Efi::Host(host.clone()))),
        (Some(_), None, Some(address)) => Ok(Some(Efi::Listen(address))),
        _ => Err(Error::Together("Efí's certificates need efi.ca and one of efi.host and efi.listen".to_owned())),
    }
}

fn need(holds: bool, otherwise: &str) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::Together(otherwise.to_owned())) }
}
