//! How is a connection to a peer protected?

use super::{ClientFiles, Current, Error};
use rustls::{ClientConfig, pki_types::ServerName};
use std::{io, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Whom a process trusts, and what it shows. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    current: Arc<Current<ClientConfig>>,
    name: Option<Arc<str>>,
}

impl Client {
    /// Reads the files. Errors: [`Error`].
    pub fn open(files: &ClientFiles) -> Result<Self, Error> {
        let named = files.clone();
        let current = Current::open(files.all(), move || named.read())?;
        Ok(Self { current, name: files.server_name.as_deref().map(Arc::from) })
    }

    /// What the files say.
    pub fn current(&self) -> &Arc<Current<ClientConfig>> {
        &self.current
    }

    /// Speaks TLS with whoever `host` should be. Errors: it is somebody else, or does not speak TLS.
    pub(crate) async fn secure(&self, host: &str, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let host = self.name.as_deref().unwrap_or(host).to_owned();
        let name = ServerName::try_from(host).map_err(io::Error::other)?;
        TlsConnector::from(self.current.get()).connect(name, stream).await
    }
}
