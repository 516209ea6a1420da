//! The certificates of a process: what it shows on its gRPC port, and whom it trusts among its peers.

use crate::roles::Roles;
use crate::settings::Settings;
use host::tls::{Client, Current, Error};
use host::{Tasks, peer::Ways};
use proto::Role;
use rustls::ServerConfig;
use std::sync::Arc;

/// What protects the calls between processes; each is None where calls go in plain text.
#[derive(Clone, Default)]
pub struct Certificates {
    /// Of the gRPC port.
    pub server: Option<Arc<Current<ServerConfig>>>,
    /// Of the way to the peers.
    pub client: Option<Client>,
}

impl Certificates {
    /// Reads those that a process with these roles needs.
    ///
    /// # Errors
    /// For a file that is missing or cannot be used: one sentence that names it.
    pub fn open(settings: &Settings, roles: &Roles) -> Result<Self, Error> {
        let files = settings.grpc.tls.clone();
        let server = (roles.has_grpc() && files.is_used())
            .then(|| Current::open(files.all(), move || files.read()))
            .transpose()?;
        let is_secure = |role: &Role| settings.peer(*role).iter().any(|address| address.starts_with("https://"));
        let client = roles.calls().iter().any(is_secure).then(|| Client::open(&settings.peers.tls)).transpose()?;
        Ok(Self { server, client })
    }

    /// How peers are reached with them.
    pub fn ways(&self) -> Ways {
        Ways { tls: self.client.clone(), ..Ways::default() }
    }

    /// Reads them again now, if they have changed.
    pub fn refresh(&self) {
        if let Some(server) = &self.server {
            server.refresh();
        }
        if let Some(client) = &self.client {
            client.current().refresh();
        }
    }

    /// Reads them again when they change, for as long as the process runs.
    pub fn watch(&self, tasks: &Tasks) {
        if let Some(server) = &self.server {
            server.watch(tasks);
        }
        if let Some(client) = &self.client {
            client.current().watch(tasks);
        }
    }
}
