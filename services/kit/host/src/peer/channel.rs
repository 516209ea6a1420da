//! Where do the other roles run?

use super::{
    Error,
    carry::Carry,
    connect::Connect,
    replica::Said,
    replicas::{Place, Replicas},
    resolve::{Resolve, System},
};
use crate::{Tasks, tls};
use proto::{
    Role,
    rpc::{Peer, Signer},
};
use std::{collections::HashMap, sync::Arc};
use tonic::transport::Endpoint;

/// How peers are found, and what protects the calls to them.
#[derive(Clone)]
pub struct Ways {
    /// For addresses that begin with `https://`.
    pub tls: Option<tls::Client>,
    /// What names stand for.
    pub names: Arc<dyn Resolve>,
}

impl Default for Ways {
    fn default() -> Self {
        Self { tls: None, names: Arc::new(System) }
    }
}

/// Connections to the roles that run elsewhere. They are opened when first used, and again when they break.
pub struct Channels {
    replicas: HashMap<Role, Replicas>,
    signer: Arc<dyn Signer>,
}

impl Channels {
    /// Channels to these addresses, such as `http://identity.internal:9090`. Calls are spread over the addresses of a
    /// role. Errors: [`Error::Address`].
    pub fn open(
        addresses: impl IntoIterator<Item = (Role, Vec<String>)>,
        signer: Arc<dyn Signer>,
    ) -> Result<Self, Error> {
        Self::open_by(addresses, signer, &Ways::default())
    }

    /// The same, also to `https://` addresses, and with somebody else's idea of what names stand for.
    /// Errors: [`Error::Address`], [`Error::Unprotected`].
    pub fn open_by(
        addresses: impl IntoIterator<Item = (Role, Vec<String>)>,
        signer: Arc<dyn Signer>,
        ways: &Ways,
    ) -> Result<Self, Error> {
        let mut replicas = HashMap::new();
        for (role, addresses) in addresses {
            let places = addresses.into_iter().map(|a| place(role, a, ways)).collect::<Result<Vec<_>, _>>()?;
            if !places.is_empty() {
                replicas.insert(role, Replicas::new(role, places, ways.names.clone()));
            }
        }
        Ok(Self { replicas, signer })
    }

    /// Follows names, and gives no calls to processes that do not want any, for as long as this one runs.
    pub fn watch(&self, tasks: &Tasks) {
        self.replicas.values().for_each(|replicas| replicas.watch(tasks));
    }

    /// Every process of a role, with what it says of itself. Errors: [`Error::Unknown`].
    pub async fn survey(&self, role: Role) -> Result<Vec<(String, Said)>, Error> {
        Ok(self.replicas.get(&role).ok_or(Error::Unknown(role))?.survey().await)
    }

    /// The other end of a role's channel, for `Identity::remote` and its like. Errors: [`Error::Unknown`].
    pub fn peer(&self, role: Role) -> Result<Peer, Error> {
        let replicas = self.replicas.get(&role).ok_or(Error::Unknown(role))?;
        Ok(Peer::new(Arc::new(Carry::new(replicas.clone())), self.signer.clone()))
    }
}

fn place(role: Role, address: String, ways: &Ways) -> Result<Place, Error> {
    let parsed = Endpoint::from_shared(address.clone()).ok();
    let scheme = |e: &Endpoint| e.uri().scheme_str().map(str::to_owned);
    let parsed = parsed.filter(|e| e.uri().host().is_some()).and_then(|e| Some((scheme(&e)?, e)));
    let (tls, endpoint) = match parsed {
        Some((scheme, endpoint)) if scheme == "http" => (None, endpoint),
        Some((scheme, endpoint)) if scheme == "https" => {
            let tls = ways.tls.clone().ok_or(Error::Unprotected { role, address })?;
            (Some(tls), endpoint)
        }
        _ => return Err(Error::Address { role, address }),
    };
    Ok(Place::new(endpoint, Connect::new(tls)))
}
