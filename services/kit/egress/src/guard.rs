//! May this address be called?

use crate::Config;
use crate::address::{Class, classify};
use crate::cidr::Cidr;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// Decides which addresses may be called. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Guard(Arc<Policy>);

#[derive(Debug)]
struct Policy {
    allow: Vec<Cidr>,
    loopback_ok: bool,
    own_ports: Vec<u16>,
}

/// What a call is for. Only a provider's `base_url` and a webhook may lead to the machine that we run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A model provider: its `base_url` may be a server beside us, such as Ollama on a laptop.
    Provider,
    /// What a caller's request points at, such as a picture for a model.
    Attachment,
    /// A storage to which a workspace has its exports sent.
    Export,
    /// A provider of payments.
    Payment,
    /// Where a workspace has events sent: it may be a program that somebody writes on the same laptop.
    Webhook,
    /// A provider of sign-ins, and what its description names.
    SignIn,
}

/// Why an address may not be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Neither http nor https.
    #[error("the URL must begin with http:// or https://")]
    Scheme,
    /// `user:password@` in the URL.
    #[error("the URL must not contain a user name or password: send the credential in its own field")]
    UserInfo,
    /// No host in the URL.
    #[error("the URL must name a host")]
    NoHost,
    /// Not the public internet.
    #[error("{0} is not called; an operator can list the range in `egress.allow`")]
    Closed(&'static str),
    /// This machine, and not all of our listeners are on loopback.
    #[error(
        "a server on the same machine is called only while Perpetuo listens on loopback alone; \
         an operator can list the range in `egress.allow`"
    )]
    Loopback,
    /// One of our own ports, or that of our database.
    #[error("port {0} of this machine belongs to Perpetuo or to its stores")]
    OwnPort(u16),
    /// A metadata service or a disguised address: no configuration allows it.
    #[error("{0} is never called")]
    Never(&'static str),
}

impl Guard {
    /// A guard for this process.
    ///
    /// `loopback_ok`: every listener of ours is on loopback, so only people on this machine can ask for calls.
    /// `own_ports`: ports of our own listeners and of our stores, which are not callable on loopback in any case.
    pub fn new(config: &Config, loopback_ok: bool, own_ports: Vec<u16>) -> Self {
        Self(Arc::new(Policy { allow: config.allow.clone(), loopback_ok, own_ports }))
    }

    /// Whether this URL may be called, as far as it can be told without resolving its name.
    pub fn check_url(&self, url: &Url, purpose: Purpose) -> Result<(), Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::UserInfo);
        }
        let port = url.port_or_known_default().ok_or(Refused::Scheme)?;
        let address = match url.host().ok_or(Refused::NoHost)? {
            Host::Ipv4(ip) => IpAddr::V4(ip),
            Host::Ipv6(ip) => IpAddr::V6(ip),
            Host::Domain(name) if is_localhost(name) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            // Where the name leads is known when we connect, and checked then.
            Host::Domain(_) => return Ok(()),
        };
        self.check_address(SocketAddr::new(address, port), purpose)
    }

    /// Whether a connection to this address may be opened.
    pub fn check_address(&self, address: SocketAddr, purpose: Purpose) -> Result<(), Refused> {
        let ip = address.ip();
        match classify(ip) {
            Class::Public => Ok(()),
            Class::Never(kind) => Err(Refused::Never(kind)),
            Class::Loopback if self.0.own_ports.contains(&address.port()) => Err(Refused::OwnPort(address.port())),
            Class::Loopback if self.0.loopback_ok && purpose.may_stay_on_this_machine() => Ok(()),
            Class::Loopback => self.listed(ip, Refused::Loopback),
            Class::Closed(kind) => self.listed(ip, Refused::Closed(kind)),
            // The gateway of the network has to be allowed, and so has the place behind it.
            Class::Translated(inside) => self
                .listed(ip, Refused::Closed("a NAT64 address"))
                .and_then(|()| self.check_address(SocketAddr::new(IpAddr::V4(inside), address.port()), purpose)),
        }
    }

    fn listed(&self, ip: IpAddr, otherwise: Refused) -> Result<(), Refused> {
        if self.0.allow.iter().any(|range| range.contains(ip)) { Ok(()) } else { Err(otherwise) }
    }
}

impl Purpose {
    fn may_stay_on_this_machine(self) -> bool {
        match self {
            Self::Provider | Self::Webhook => true,
            Self::Attachment | Self::Export | Self::Payment | Self::SignIn => false,
        }
    }
}

/// `localhost` and what RFC 6761 puts under it.
fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow: &[&str], loopback_ok: bool) -> Guard {
        let allow = allow.iter().map(|range| range.parse().unwrap()).collect();
        Guard::new(&Config { allow, ..Default::default() }, loopback_ok, vec![8080, 5432])
    }

    fn check(guard: &Guard, url: &str) -> Result<(), Refused> {
        guard.check_url(&Url::parse(url).unwrap(), Purpose::Provider)
    }

    #[test]
    fn a_public_provider_is_called() {
        for url in ["https://api.openai.com/v1", "http://203.0.114.9:8000/v1", "https://[2606:4700::1]/v1"] {
            assert_eq!(check(&guard(&[], false), url), Ok(()), "{url}");
        }
    }

    #[test]
    fn every_spelling_of_an_address_that_is_not_public_is_refused() {
        let strict = guard(&[], false);
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "0.0.0.0",
            "0",
            "[::]",
            "10.0.0.1",
            "192.168.1.1",
            "172.16.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[64:ff9b::a9fe:a9fe]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "100.100.100.200",
            "224.0.0.1",
        ] {
            assert!(check(&strict, &format!("http://{host}/v1")).is_err(), "{host} was let through");
        }
    }

    #[test]
    fn what_is_no_plain_http_url_is_refused() {
        let open = guard(&[], true);
        assert_eq!(check(&open, "ftp://example.com/"), Err(Refused::Scheme));
        assert_eq!(check(&open, "file:///etc/passwd"), Err(Refused::Scheme));
        assert_eq!(check(&open, "https://user@example.com/"), Err(Refused::UserInfo));
        assert_eq!(check(&open, "https://:secret@example.com/"), Err(Refused::UserInfo));
    }

    #[test]
    fn a_local_server_is_called_while_we_listen_on_loopback_only_but_never_ourselves_or_the_database() {
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            assert_eq!(check(&guard(&[], true), &format!("http://{host}:11434/v1")), Ok(()));
            assert_eq!(check(&guard(&[], false), &format!("http://{host}:11434/v1")), Err(Refused::Loopback));
            for (allow, port) in [(&[][..], 8080), (&["127.0.0.0/8", "::1"][..], 5432)] {
                let own = check(&guard(allow, true), &format!("http://{host}:{port}/"));
                assert_eq!(own, Err(Refused::OwnPort(port)));
            }
        }
    }

    #[test]
    fn exports_payments_and_sign_ins_never_go_to_this_machine_or_its_network_unless_an_operator_lists_it() {
        let (here, near) = (SocketAddr::from(([127, 0, 0, 1], 9000)), SocketAddr::from(([10, 0, 0, 1], 443)));
        for purpose in [Purpose::Export, Purpose::Payment, Purpose::SignIn] {
            assert_eq!(guard(&[], true).check_address(here, purpose), Err(Refused::Loopback));
            assert_eq!(guard(&[], true).check_address(near, purpose), Err(Refused::Closed("a private address")));
            assert_eq!(guard(&["127.0.0.0/8"], false).check_address(here, purpose), Ok(()));
        }
    }

    #[test]
    fn webhooks_go_to_this_machine_while_only_people_on_it_can_ask_for_them_and_never_to_its_network_or_stores() {
        let at = |address: [u8; 4], port| SocketAddr::from((address, port));
        let check = |loopback_ok, to| guard(&[], loopback_ok).check_address(to, Purpose::Webhook);
        assert_eq!(check(true, at([127, 0, 0, 1], 9000)), Ok(()));
        assert_eq!(check(false, at([127, 0, 0, 1], 9000)), Err(Refused::Loopback));
        assert_eq!(check(true, at([127, 0, 0, 1], 5432)), Err(Refused::OwnPort(5432)));
        assert_eq!(check(true, at([10, 0, 0, 1], 443)), Err(Refused::Closed("a private address")));
        assert!(matches!(check(true, at([169, 254, 169, 254], 80)), Err(Refused::Never(_))));
    }

    #[test]
    fn an_allowed_range_is_called_and_its_neighbours_are_not() {
        let open = guard(&["10.1.0.0/16", "fd12::/16"], false);
        assert_eq!(check(&open, "http://10.1.2.3/v1"), Ok(()));
        assert_eq!(check(&open, "http://[fd12::1]/v1"), Ok(()));
        assert_eq!(check(&open, "http://10.2.0.1/v1"), Err(Refused::Closed("a private address")));
    }

    #[test]
    fn no_configuration_opens_a_metadata_address() {
        let open = guard(&["0.0.0.0/0", "::/0"], true);
        for host in [
            "169.254.169.254",
            "100.100.100.200",
            "168.63.129.16",
            "[fd00:ec2::254]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[64:ff9b:1::a9fe:a9fe]",
            "[2002:a9fe:a9fe::]",
            "0.0.0.0",
        ] {
            let refused = check(&open, &format!("http://{host}/latest/meta-data"));
            assert!(matches!(refused, Err(Refused::Never(_))), "{host}: {refused:?}");
        }
    }

    #[test]
    fn a_nat64_address_needs_its_gateway_allowed_and_a_place_that_is_allowed_too() {
        assert!(check(&guard(&[], false), "http://[64:ff9b::808:808]/").is_err());
        let open = guard(&["64:ff9b::/96"], false);
        assert_eq!(check(&open, "http://[64:ff9b::808:808]/"), Ok(()));
        assert_eq!(check(&open, "http://[64:ff9b::a00:1]/"), Err(Refused::Closed("a private address")));
    }
}
