//! All outbound HTTP: which addresses may be called, how long to wait, and one pooled client.
//!
//! [`Guard`] decides, [`Client`] asks it again for every address that a name resolves to, and connects to exactly the
//! address that was checked. Nothing else in the project opens a connection to a host that a person typed in.

mod address;
mod body;
mod cidr;
mod client;
mod connect;
mod dns;
mod error;
mod guard;
pub mod testing;
mod tls;

pub use body::Body;
pub use cidr::Cidr;
pub use client::{Client, Deadlines};
pub use dns::{Dns, NameServer, NoNameServer, Unanswered};
pub use error::{Error, Phase};
pub use guard::{Guard, Purpose, Refused};
pub use tls::{Authorities, Identity, Tls, Unusable};

use serde::{Deserialize, Serialize};

/// The section `egress` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address ranges, such as `10.1.0.0/16` or `fd12:3456::/48`, that may be called although they are private.
    /// Metadata addresses cannot be listed into reach.
    pub allow: Vec<Cidr>,
    /// Name servers that are asked whose a domain is; empty: those of the machine.
    pub dns_servers: Vec<NameServer>,
}
