//! What do name servers say of a name? For domains that somebody says are theirs.
//!
//! Nothing is kept: whoever asks has just changed something, and wants to know whether it is there.

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    time::Duration,
};

/// One server has so long to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// All of them together.
const TOTAL: Duration = Duration::from_secs(10);
/// Records of one name that are looked at, and bytes of each: whoever has a domain can write what they like.
const MOST_RECORDS: usize = 64;
const MOST_BYTES: usize = 1_024;
const PORT: u16 = 53;

/// A name server: an address, and a port if it is another than 53.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NameServer(SocketAddr);

/// Not the address of a name server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address of a name server: write one like 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:53")]
pub struct NoNameServer(String);

/// Nobody says whether there is such a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unanswered(String);

/// Asks name servers. Cheap to clone.
#[derive(Clone)]
pub struct Dns(Result<TokioResolver, Unanswered>);

impl Dns {
    /// Those of the settings, or those of the machine where there are none. A machine that has none shows when it is asked.
    pub fn new(servers: &[NameServer]) -> Self {
        let provider = TokioRuntimeProvider::default();
        let builder = match servers {
            [] => TokioResolver::builder(provider),
            given => {
                let servers = given.iter().map(NameServer::config).collect();
                let config = ResolverConfig::from_name_servers(servers);
                Ok(TokioResolver::builder_with_config(config, provider))
            }
        };
        let resolver = builder.and_then(|mut builder| {
            adjust(builder.options_mut());
            builder.build()
        });
        Self(
            resolver
                .map_err(|why| Unanswered(format!("there are no name servers to ask: set egress.dns_servers ({why})"))),
        )
    }

    /// The TXT records of a name that is written in ASCII and from its root on, each in one piece; none where there are none.
    /// Errors: nobody knows.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, Unanswered> {
        let resolver = self.0.as_ref().map_err(Clone::clone)?;
        let mut name = Name::from_ascii(name).map_err(|why| Unanswered(format!("{name} is no name: {why}")))?;
        // Not below the domains of this machine.
        name.set_fqdn(true);
        let asked = tokio::time::timeout(TOTAL, resolver.lookup(name, RecordType::TXT)).await;
        match asked.unwrap_or(Err(NetError::Timeout)) {
            Ok(found) => {
                let texts = found.answers().iter().filter_map(|record| match &record.data {
                    RData::TXT(text) => {
                        Some(text.txt_data.iter().flatten().copied().take(MOST_BYTES).collect::<Vec<u8>>())
                    }
                    _ => None,
                });
                Ok(texts.take(MOST_RECORDS).map(|text| String::from_utf8_lossy(&text).into_owned()).collect())
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none)))
                if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError) =>
            {
                Ok(vec![])
            }
            Err(why) => {
                tracing::debug!(%why, "name servers do not answer");
                Err(Unanswered("the name servers of the domain do not answer".to_owned()))
            }
        }
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dns")
    }
}

fn adjust(options: &mut ResolverOpts) {
    options.timeout = PATIENCE;
    options.attempts = 2;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
}

impl NameServer {
    fn config(&self) -> NameServerConfig {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
            connection.port = self.0.port();
            connection
        });
        NameServerConfig::new(self.0.ip(), true, connections.into())
    }
}

impl FromStr for NameServer {
    type Err = NoNameServer;

    fn from_str(text: &str) -> Result<Self, NoNameServer> {
        let text = text.trim();
        let address = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, PORT)).or_else(|_| text.parse());
        address.map(Self).map_err(|_| NoNameServer(text.to_owned()))
    }
}

impl TryFrom<String> for NameServer {
    type Error = NoNameServer;

    fn try_from(text: String) -> Result<Self, NoNameServer> {
        text.parse()
    }
}

impl From<NameServer> for String {
    fn from(server: NameServer) -> Self {
        server.0.to_string()
    }
}

impl From<SocketAddr> for NameServer {
    fn from(address: SocketAddr) -> Self {
        Self(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_server_is_an_address_with_a_port_or_without() {
        for (text, means) in
            [("192.0.2.1", "192.0.2.1:53"), ("192.0.2.1:5353", "192.0.2.1:5353"), ("2001:db8::1", "[2001:db8::1]:53")]
        {
            assert_eq!(String::from(text.parse::<NameServer>().expect(text)), means);
        }
        for text in ["", "dns.example.com", "192.0.2.1:", "192.0.2.1:99999"] {
            assert!(text.parse::<NameServer>().is_err(), "{text}");
        }
    }
}
