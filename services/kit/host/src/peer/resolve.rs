//! Which addresses does a name stand for?

use futures::future::{BoxFuture, FutureExt as _};
use std::{io, net::SocketAddr};

/// What names stand for. A test has its own idea of it.
pub trait Resolve: Send + Sync + 'static {
    /// The addresses of `host` with this port. Errors: it is not known, or nobody can be asked.
    fn resolve(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;
}

/// What the system says: its hosts file and name servers.
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) }.boxed()
    }
}
