//! What an operator may set about mail.

use host::config::Secret;
use serde::{Deserialize, Serialize};

/// Settings of mail.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who writes, as `Name <address>` or an address.
    pub from: String,
    /// Where links in letters lead: the address of your pages. Default: `edge.public_url`, or where HTTP is served.
    pub link_base: Option<String>,
    /// The server that takes letters.
    pub smtp: Smtp,
}

/// The server that takes letters.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    /// Its name. Default: none; then nothing is sent, except that the embedded mode writes letters into
    /// `<data_dir>/mail` and prints their links.
    pub host: Option<String>,
    /// Its port. Default: 587 with `starttls`, 465 with `implicit`, 25 with `none`.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub tls: Tls,
    /// Default: none, and no authentication.
    pub username: Option<String>,
    /// The password of `username`.
    pub password: Option<Secret>,
    /// Seconds that the server may take to answer.
    pub timeout_seconds: u64,
}

/// How the connection to the server is protected. What is asked for is never given up in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// STARTTLS (RFC 3207), or no mail.
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// Not at all: for a relay on the same machine.
    None,
}

impl Default for Config {
    fn default() -> Self {
        Self { from: "Perpetuo <perpetuo@localhost>".to_owned(), link_base: None, smtp: Smtp::default() }
    }
}

impl Default for Smtp {
    fn default() -> Self {
        Self { host: None, port: None, tls: Tls::Starttls, username: None, password: None, timeout_seconds: 30 }
    }
}
