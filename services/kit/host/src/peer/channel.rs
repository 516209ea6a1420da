//! Where do the other roles run?

use super::{Error, replicas::Replicas};
use crate::Tasks;
use proto::{
    Role,
    rpc::{Peer, Signer},
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tonic::transport::{Channel, Endpoint};

/// Connections to the roles that run elsewhere. They are opened when first used, and again when they break.
pub struct Channels {
    channels: HashMap<Role, Channel>,
    /// Of the roles with several addresses.
    replicas: Vec<Replicas>,
    signer: Arc<dyn Signer>,
}

impl Channels {
    /// Channels to these addresses, such as `http://identity.internal:9090`. Calls are spread over the addresses of a
    /// role. Errors: [`Error::Address`].
    pub fn open(
        addresses: impl IntoIterator<Item = (Role, Vec<String>)>,
        signer: Arc<dyn Signer>,
    ) -> Result<Self, Error> {
        let (mut channels, mut replicas) = (HashMap::new(), vec![]);
        for (role, addresses) in addresses {
            let endpoints = addresses.into_iter().map(|a| endpoint(role, a)).collect::<Result<Vec<_>, _>>()?;
            let channel = match endpoints.as_slice() {
                [] => continue,
                [one] => one.connect_lazy(),
                several => {
                    let (channel, changes) = Channel::balance_channel(2 * several.len());
                    replicas.push(Replicas::new(role, several, changes));
                    channel
                }
            };
            channels.insert(role, channel);
        }
        Ok(Self { channels, replicas, signer })
    }

    /// Gives no calls to addresses that nobody listens on, for as long as the process runs.
    pub fn watch(&self, tasks: &Tasks) {
        self.replicas.iter().cloned().for_each(|replicas| replicas.watch(tasks));
    }

    /// The other end of a role's channel, for `Identity::remote` and its like. Errors: [`Error::Unknown`].
    pub fn peer(&self, role: Role) -> Result<Peer, Error> {
        let channel = self.channels.get(&role).ok_or(Error::Unknown(role))?;
        Ok(Peer::new(channel.clone(), self.signer.clone()))
    }
}

fn endpoint(role: Role, address: String) -> Result<Endpoint, Error> {
    let parsed = Endpoint::from_shared(address.clone()).ok();
    // Peers speak HTTP/2 without TLS: what protects them is the network, and tokens that nobody else can use.
    let parsed = parsed.filter(|e| e.uri().scheme_str() == Some("http") && e.uri().host().is_some());
    let endpoint = parsed.ok_or(Error::Address { role, address })?;
    Ok(endpoint
        .connect_timeout(Duration::from_secs(2))
        .tcp_nodelay(true)
        .tcp_keepalive(Some(Duration::from_secs(30)))
        // A peer that vanished without closing its connection is noticed within 15 s, and calls go elsewhere.
        .http2_keep_alive_interval(Duration::from_secs(10))
        .keep_alive_timeout(Duration::from_secs(5))
        .keep_alive_while_idle(true)
        .initial_stream_window_size(1024 * 1024)
        .initial_connection_window_size(8 * 1024 * 1024))
}
