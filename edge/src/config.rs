//! What an operator can set about HTTP.

use crate::layer::cors::Origin;
use host::Network;
use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, time::Duration};

/// The `edge` section of the configuration.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where HTTP is served. Default: 127.0.0.1:8080.
    pub listen: SocketAddr,
    /// The address that clients use, for instance `https://api.example.com`. With `https`, all answers carry HSTS, and
    /// the API description names it as the server. Default: none.
    pub public_url: Option<String>,
    /// Networks (`10.0.0.0/8`, `::1`) of the proxies whose `X-Forwarded-For` counts. Default: none, so that a client
    /// cannot choose its own address.
    pub trusted_proxies: Vec<Network>,
    /// Whether Efí's webhooks are taken only with a certificate that a proxy has verified. Default: off.
    pub efi_client_certificate: ClientCertificate,
    /// Origins of web pages that may call the API, exactly as browsers send them (`https://app.example.com`), or `*`
    /// for every origin. Credentials always travel in a header, never in a cookie. Default: none.
    pub cors_origins: Vec<Origin>,
    /// The largest body of the management API, in bytes. Default: 1 MiB.
    pub management_body_bytes: usize,
    /// The largest body of `/v1`, in bytes. Default: 16 MiB.
    pub inference_body_bytes: usize,
    /// How long a management request may take as a whole, in seconds. Default: 30.
    pub management_timeout_seconds: u64,
    /// How long the body of a request may take to arrive, in seconds. Default: 60.
    pub body_timeout_seconds: u64,
    /// How long the head of a request may take to arrive, and how long a connection may stay idle, in seconds.
    /// Default: 75.
    pub header_timeout_seconds: u64,
    /// How many connections may be open at once; further ones wait in the listener's queue. Default: 10000.
    pub max_connections: usize,
    /// Executions of the agent engine.
    pub executions: Executions,
}

/// Whether a client has to have shown a certificate to the proxy in front of us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificate {
    /// It need not.
    #[default]
    Off,
    /// `X-Forwarded-Client-Cert` of a proxy in `trusted_proxies` says so.
    Required,
}

/// The `edge.executions` section.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Executions {
    /// What executions ask the gateway for that name no model of their own: an alias of workspaces, or a model.
    /// Default: simulator/business.
    pub model: String,
    /// How often it is looked which executions have ended, in seconds. Default: 2.
    pub settle_seconds: u64,
}

impl Default for Executions {
    fn default() -> Self {
        Self { model: "simulator/business".to_owned(), settle_seconds: 2 }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            trusted_proxies: vec![],
            efi_client_certificate: ClientCertificate::default(),
            cors_origins: vec![],
            management_body_bytes: 1024 * 1024,
            inference_body_bytes: 16 * 1024 * 1024,
            management_timeout_seconds: 30,
            body_timeout_seconds: 60,
            header_timeout_seconds: 75,
            max_connections: 10_000,
            executions: Executions::default(),
        }
    }
}

impl Config {
    /// Whether clients reach us over TLS, as far as the configuration tells.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Where something of this API is, for people: absolute as far as the configuration tells.
    pub(crate) fn address_of(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_deref().unwrap_or_default().trim_end_matches('/'))
    }

    pub(crate) fn settle_period(&self) -> Duration {
        Duration::from_secs(self.executions.settle_seconds.max(1))
    }

    pub(crate) const fn management_timeout(&self) -> Duration {
        Duration::from_secs(self.management_timeout_seconds)
    }

    pub(crate) const fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.body_timeout_seconds)
    }

    pub(crate) const fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.header_timeout_seconds)
    }
}
